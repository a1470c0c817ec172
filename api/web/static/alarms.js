import { list, seqButton } from "./console.js";
import { act } from "./deciding.js";
import { h } from "./dom.js";
import { count, near } from "./fmt.js";
import { either, t } from "./i18n.js";
import { home, hrefOf, may, now } from "./page.js";
import { ALARM_KINDS, ALARM_STATES, badge, GRAVITIES, optionsOf } from "./words.js";

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
      key: either({ zh: "zh", en: "en" }),
      label: t("内容"),
      kind: "text",
      render: (row) => [
        h("span", { class: "gravity", data: { gravity: row.gravity } }, row.gravity === "GRAVE" ? "!!" : "!"),
        either(row),
      ],
    },
    { key: "gravity", label: t("程度"), kind: "text", sortable: true, render: (row) => badge(GRAVITIES, row.gravity) },
    { key: "kind", label: t("类型"), kind: "text", sortable: true, render: (row) => either(row, "kind") },
    {
      key: "late",
      label: t("现在逾期"),
      kind: "int",
      sortable: true,
      render: (row) =>
        row.late === null || row.late === undefined
          ? "—"
          : row.late
            ? h("span", { class: "late-badge" }, count(row.late))
            : "0",
    },
    { key: "raised_at", label: t("发生"), kind: "time", sortable: true },
    { key: "due_at", label: t("应于"), kind: "time", sortable: true },
    { key: "state", label: t("状态"), kind: "text", sortable: true, render: (row) => badge(ALARM_STATES, row.state) },
    { key: "acknowledged_at", label: t("确认"), kind: "time", sortable: true, render: seen },
    { key: "seq", label: t("记录"), kind: "int", sortable: true, render: (row) => seqButton(row.seq) },
  ],
  filters: [
    { column: "state", label: t("状态"), options: optionsOf(ALARM_STATES) },
    { column: "gravity", label: t("程度"), options: optionsOf(GRAVITIES) },
    { column: "kind", label: t("类型"), options: optionsOf(ALARM_KINDS) },
  ],
});

/**
 * @param {HTMLButtonElement} button
 * @param {string} alarm
 */
async function acknowledge(button, alarm) {
  if (await act(button, "alarms/acknowledge", { alarm })) alarms.refresh();
}
