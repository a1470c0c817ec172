import { h } from "./dom.js";
import { near, span } from "./fmt.js";
import { either, t } from "./i18n.js";
import { now } from "./page.js";
import { badge, HOURS } from "./words.js";

const MINUTE_MS = 60000;

/** @param {number} minutes */
export const hoursOf = (minutes) => (minutes ? span(minutes * MINUTE_MS) : "0");

/**
 * What of somebody's service is certified, and beside it, never added to it, what is not yet.
 * @param {Row} row
 */
export const servedOf = (row) => [
  hoursOf(row.minutes),
  row.elsewhere_minutes > 0 &&
    h("span", { class: "dim" }, ` ${t("外社区认定待互认{span}", { span: hoursOf(row.elsewhere_minutes) })}`),
  row.claimed_minutes > 0 &&
    h("span", { class: "dim" }, ` ${t("申报待认定{span}", { span: hoursOf(row.claimed_minutes) })}`),
];

/** @param {Row} row */
export const times = (row) => `${near(row.since, now())} – ${near(row.until, now())}`;

/**
 * How a time that somebody served stands; where only a part is certified, which.
 * @param {Row} row
 */
export const standing = (row) => [
  row.waits
    ? h("span", { class: "state-mark", data: { state: "OPEN" } }, either(row, "waits"))
    : badge(HOURS, row.state),
  row.state === "CERTIFIED" && row.certified_minutes < row.minutes
    ? h(
        "span",
        { class: "dim num" },
        ` ${t("认定{from} – {to}", { from: near(row.certified_since, now()), to: near(row.certified_until, now()) })}`,
      )
    : null,
];

/**
 * Each time that somebody served (服务时段), the newest first.
 * @param {Row[]} rows
 * @param {(row: Row) => Child} [acts]
 */
export const stretches = (rows, acts = () => null) =>
  h(
    "ul",
    { class: "tight" },
    rows.map((row) =>
      h(
        "li",
        { data: { stretch: row.id, state: row.state } },
        h("span", { class: "num" }, times(row)),
        ` ${row.community_name} · ${hoursOf(row.minutes)} `,
        standing(row),
        row.what ? h("span", { class: "dim" }, ` ${row.what}`) : null,
        row.reason ? h("span", { class: "dim" }, ` ${t("理由：{reason}", { reason: row.reason })}`) : null,
        acts(row),
      ),
    ),
  );
