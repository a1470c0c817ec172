import { list, SEQ } from "./console.js";
import { Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { t } from "./i18n.js";
import { may, pathOf } from "./page.js";
import { area } from "./scope.js";

/** Where checking in is switched on in peacetime, and on what basis (报到开放). */
export function openings() {
  const open = new Sheet("opening", {
    target: ({ area: code, basis, reason }) => ({ path: "checkins/openings", body: { area: code, basis, reason } }),
  });
  const close = new Sheet("closing", {
    target: ({ reason }, row) => ({ path: pathOf("checkins", "openings", row.id, "close"), body: { reason } }),
  });
  $("open-opening").hidden = !may("checkin.open");
  $("open-opening").addEventListener("click", () => open.open(null, { values: { area } }));
  list("openings", {
    path: "checkins/openings",
    label: t("报到开放"),
    empty: t("平时没有开放报到。应急响应生效时，范围内自动开放。"),
    prefix: "o.",
    params: () => ({ area }),
    columns: [
      "area_name",
      "basis",
      "by_name",
      "opened_at",
      "closed_at",
      {
        key: "state",
        label: t("状态"),
        kind: "text",
        render: (row) =>
          h(
            "span",
            { class: "state-mark", data: { state: row.closed_at ? "REVOKED" : "ACTIVE" } },
            row.closed_at ? t("已关闭") : t("开放中"),
          ),
      },
      SEQ,
      ...(may("checkin.open")
        ? [
            {
              key: "do",
              label: t("操作"),
              kind: "text",
              /** @param {Row} row */
              render: (row) =>
                row.closed_at
                  ? "—"
                  : h(
                      "button",
                      {
                        type: "button",
                        data: { close: row.id, key: `close-${row.id}` },
                        onclick: () => close.open(row, { said: row.area_name }),
                      },
                      t("关闭报到"),
                    ),
            },
          ]
        : []),
    ],
  });
}
