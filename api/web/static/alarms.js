import { list, SEQ } from "./console.js";
import { act } from "./deciding.js";
import { h } from "./dom.js";
import { count, near } from "./fmt.js";
import { either, t } from "./i18n.js";
import { home, hrefOf, may, now } from "./page.js";
import { badge, GRAVITIES } from "./words.js";

// What stands is what one comes for; all of them are one choice away.
if (!location.search) history.replaceState(null, "", "?f.state=RAISED");

/**
 * Where an alarm is dealt with.
 * @param {Row} row
 */
function placeOf(row) {
  const [kind, ...rest] = row.id.split(":");
  if (["glass", "review", "proposal"].includes(kind))
    return kind === "proposal" ? hrefOf("approvals", rest[0]) : hrefOf("approvals");
  if (kind === "order") return hrefOf("orders", rest[0]);
  if (kind === "absence") return `${hrefOf("access")}#absences`;
  return row.emergency ? hrefOf("emergencies", row.emergency) : null;
}

/** @param {Row} row */
function seen(row) {
  if (row.acknowledged_at)
    return h(
      "span",
      {},
      t("已确认"),
      h(
        "small",
        { class: "dim" },
        ` ${row.acknowledged_by_name || row.acknowledged_by} · ${near(row.acknowledged_at, now())}`,
      ),
    );
  if (row.state !== "RAISED" || !may("alarm.acknowledge")) return h("span", { class: "dim" }, t("未确认"));
  return h(
    "button",
    {
      type: "button",
      class: "primary",
      data: { acknowledge: row.id, key: `ack-${row.id}` },
      onclick: (event) => acknowledge(event.currentTarget, row.id),
    },
    t("确认"),
  );
}

const alarms = list("alarm-list", {
  path: "alarms",
  label: t("告警"),
  empty: t("没有告警"),
  params: () => ({ area: home }),
  rowHref: placeOf,
  columns: [
    {
      key: "zh",
      render: (row) => [
        h("span", { class: "gravity", data: { gravity: row.gravity } }, row.gravity === "GRAVE" ? "!!" : "!"),
        either(row),
      ],
    },
    { key: "gravity", render: (row) => badge(GRAVITIES, row.gravity) },
    "kind",
    {
      key: "late",
      render: (row) =>
        row.late === null || row.late === undefined
          ? "—"
          : row.late
            ? h("span", { class: "late-badge" }, count(row.late))
            : "0",
    },
    "raised_at",
    "due_at",
    "state",
    { key: "acknowledged_at", render: seen },
    SEQ,
  ],
  filters: ["state", "gravity", "kind"],
});

/**
 * @param {HTMLButtonElement} button
 * @param {string} alarm
 */
async function acknowledge(button, alarm) {
  if (await act(button, "alarms/acknowledge", { alarm })) alarms.refresh();
}
