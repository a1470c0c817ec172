import { h } from "./dom.js";
import { count, daysLeft, many } from "./fmt.js";
import { either, t } from "./i18n.js";
import { usable } from "./keeper_data.js";

/**
 * So many base units, in words: 120个.
 * @param {number} n
 * @param {Item} item
 */
export const said = (n, item) => many(n, item.unit);

/**
 * And in packagings, where it has some: 88个（2箱 8个）.
 * @param {number} n
 * @param {Item} item
 */
export function packed(n, item) {
  let left = n;
  const parts = [];
  for (const { unit, factor } of [...(item.packagings ?? [])].sort((a, b) => b.factor - a.factor)) {
    if (left >= factor) parts.push(many(Math.floor(left / factor), unit));
    left %= factor;
  }
  if (parts.length && left) parts.push(many(left, item.unit));
  return [said(n, item), parts.length ? h("small", { class: "dim" }, ` (${parts.join(" ")})`) : null];
}

/**
 * Until when a lot is good, and how near that is.
 * @param {Row} lot
 * @param {string} now
 */
export function expiry(lot, now) {
  if (!lot.expires) return h("span", { class: "dim" }, t("长期"));
  const left = daysLeft(lot.expires, now);
  const mark =
    left <= 0
      ? h("span", { class: "expiry-mark", data: { near: "expired" } }, t("已过期"))
      : lot.noted
        ? h("span", { class: "expiry-mark" }, t("还有{n}天", { n: count(left) }))
        : null;
  return [h("time", { class: "num", datetime: lot.expires }, lot.expires), mark];
}

/**
 * What a lot is (批次状态), unless its day has said so.
 * @param {Row} lot
 */
export const statusMark = (lot) =>
  lot.status === "expired" && lot.expires
    ? null
    : h(
        "span",
        { class: lot.status === "approved" ? "" : "state-mark", data: { status: lot.status } },
        either(lot, "status"),
      );

// --- out --------------------------------------------------------------------------------

/**
 * @param {Lot} lot
 * @param {Item | null} item
 */
export const lotWords = (lot, item) =>
  [
    lot.lot,
    lot.expires ?? "",
    usable(lot)
      ? t("可用{n}", { n: item && said(lot.available ?? lot.on_hand - lot.reserved, item) })
      : `${either(lot, "status")} ${item && said(lot.on_hand, item)}`,
  ]
    .filter(Boolean)
    .join(" · ");
