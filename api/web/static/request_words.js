import { h } from "./dom.js";
import { count } from "./fmt.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { amount, itemName } from "./supply.js";
import { PRIORITIES, word } from "./words.js";

export const PATH = ["ASKED", "TRIAGED", "ALLOCATED", "DISPATCHED", "DELIVERED", "CONFIRMED"];
export const OVER = ["CONFIRMED", "REFUSED", "WITHDRAWN"];
export const LEAVES = new Set(["community", "grid", "compound", "building"]);
export const can = {
  make: () => may("request.make"),
  triage: () => may("request.triage"),
  keep: () => may("stock.keep"),
  deliver: () => may("request.deliver"),
};
/** @param {Row} row */
export const priority = (row) =>
  h(
    "span",
    { class: "priority", data: { priority: row.priority } },
    either(row, "priority") || word(PRIORITIES, row.priority),
  );

// --- what is asked for, and what has become of it ------------------------------------

/**
 * Back-orders (欠货): granted, and neither kept nor sent.
 * @param {Row} row
 * @param {Row} one
 */
export const owedOf = (row, one) => (row.state === "PART" || row.state === "DISPATCHED" ? one.short : 0);
/** @param {Row} row */
export const owing = (row) => row.lines.filter((/** @type {Row} */ one) => owedOf(row, one) > 0);
/** @param {Row} row */
export const lacking = (row) => row.lines.some((/** @type {Row} */ one) => one.short > 0);

/** @param {Row} row */
export function goods(row) {
  return h(
    "ul",
    { class: "tight" },
    row.lines.map((/** @type {Row} */ one) =>
      h(
        "li",
        {},
        `${itemName(one)} ${amount(one.quantity, one.unit)}`,
        owedOf(row, one) > 0 ? [" ", h("span", { class: "owed" }, t("欠{n}", { n: count(owedOf(row, one)) }))] : null,
      ),
    ),
  );
}
