import { list, SEQ } from "./console.js";
import { decide, decisionOf } from "./decide.js";
import { act } from "./deciding.js";
import { h } from "./dom.js";
import { count, near } from "./fmt.js";
import { either, t } from "./i18n.js";
import * as notices from "./notices.js";
import { home, hrefOf, may, now } from "./page.js";
import { bindTabs } from "./tabs.js";
import { ALARM_KINDS, badge, GRAVITIES, word } from "./words.js";

// What stands is what one comes for; all of them are one choice away.
if (!location.search) history.replaceState(null, "", `?f.state=RAISED${location.hash}`);

/** @param {Row} row */
const postOf = ({ subject }) => `${hrefOf("posts")}?${new URLSearchParams({ post: subject })}`;
/** @param {Row} row */
const stationOf = ({ subject }) => `${hrefOf("stock")}?${new URLSearchParams({ station: subject.split("/")[0] })}`;
/** @param {Row} row */
const slipOf = ({ subject }) => `${hrefOf("stock")}?${new URLSearchParams({ slip: subject })}`;
/** @param {Row} row */
const emergencyOf = ({ emergency }) => hrefOf("emergencies", emergency);

/** Where an alarm of each kind is dealt with. @type {Record<string, (row: Row) => string>} */
const PLACES = {
  deadline: emergencyOf,
  expectation: emergencyOf,
  freed: emergencyOf,
  glass: () => hrefOf("approvals"),
  review: () => hrefOf("approvals"),
  proposal: ({ subject }) => hrefOf("approvals", subject),
  order: ({ subject }) => hrefOf("orders", subject),
  back: ({ subject }) => `${hrefOf("people")}?${new URLSearchParams({ person: subject })}`,
  reset: () => `${hrefOf("access")}#accounts`,
  absence: () => `${hrefOf("access")}#absences`,
  vacancy: postOf,
  silent: postOf,
  seized: postOf,
  handover: postOf,
  ratify: postOf,
  standing: ({ area }) => `${hrefOf("packages")}?${new URLSearchParams({ area, "f.state": "STANDING" })}#all`,
  shortage: stationOf,
  expiring: stationOf,
  expired: stationOf,
  transfer: slipOf,
  discrepancy: slipOf,
};
/** What a list does not ask for: a preview and a broken glass are of the command screen. */
const ASKED = { preview: "", break_glass: false, expires_minutes: 120, password: "" };
/** @param {Row} row */
const placeOf = (row) => PLACES[row.kind]?.(row) ?? null;
/** @type {{ refresh: () => unknown } | null} */ let shown = null;

/** @param {Row} row */
function seen(row) {
  if (row.state !== "RAISED" && !row.acknowledged_at) return h("span", { class: "dim" }, t("未确认"));
  if (!row.unseen.length)
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
  if (!may("alarm.acknowledge")) return h("span", { class: "dim" }, t("未确认"));
  return h(
    "button",
    {
      type: "button",
      class: "primary",
      data: { acknowledge: row.id, key: `ack-${row.id}` },
      onclick: (event) => acknowledge(event.currentTarget, row.unseen),
    },
    row.unseen.length > 1 ? t("确认{n}条", { n: count(row.unseen.length) }) : t("确认"),
  );
}

/** @param {Row} row */
const takeUp = (row) =>
  h(
    "button",
    {
      type: "button",
      data: { key: `take-up-${row.id}`, takeup: row.id },
      onclick: () =>
        decide("emergency.take-up", {
          given: { ...ASKED, emergency: row.emergency, sites: row.sites.map((/** @type {Row} */ one) => one.site) },
          said: either(row),
          done: () => shown?.refresh(),
        }),
    },
    decisionOf("emergency.take-up"),
  );

/** The others of a run, each with its place. @param {Row} row */
const alikeOf = (row) =>
  h(
    "details",
    { class: "alike" },
    h("summary", {}, t("其余同类")),
    h(
      "ul",
      {},
      row.alike.map((/** @type {Row} */ one) => h("li", {}, h("a", { href: placeOf(one) }, either(one)))),
    ),
  );

/** The alarms of the area, gravest first. */
function alarms() {
  shown = list("alarm-list", {
    path: "alarms",
    label: t("告警"),
    empty: t("没有告警"),
    params: () => ({ area: home }),
    rowHref: placeOf,
    more: (row) => [
      row.kind === "freed" && row.state === "RAISED" && may("emergency.change") && takeUp(row),
      row.alike.length > 0 && alikeOf(row),
    ],
    columns: [
      {
        key: "zh",
        render: (row) => [
          h("span", { class: "gravity", data: { gravity: row.gravity } }, row.gravity === "GRAVE" ? "!!" : "!"),
          either(row),
          row.count > 1 &&
            !row.alike.length &&
            h("small", { class: "dim", data: { times: row.count } }, ` ${t("同类{n}次", { n: count(row.count) })}`),
        ],
      },
      { key: "gravity", render: (row) => badge(GRAVITIES, row.gravity) },
      { key: "kind", render: (row) => h("span", { class: "one-line" }, word(ALARM_KINDS, row.kind)) },
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
}

/**
 * Take note of a whole group.
 * @param {HTMLButtonElement} button
 * @param {string[]} unseen
 */
async function acknowledge(button, [alarm, ...also]) {
  if (await act(button, "alarms/acknowledge", { alarm, also })) shown?.refresh();
}

bindTabs({
  alarms: [alarms, true],
  told: [notices.told, may("view.notices")],
  rules: [notices.rules, may("view.notices")],
});
