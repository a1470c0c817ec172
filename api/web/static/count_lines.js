import { h } from "./dom.js";
import { count, unitWord } from "./fmt.js";
import { either, t } from "./i18n.js";
import { user } from "./page.js";
import { can, itemName } from "./stock_parts.js";
import { COUNT_RESULTS, word } from "./words.js";

// --- one count ---------------------------------------------------------------------

/** @param {Row} one */
export const needs = (one) => !one.done && ["", "differs", "disturbed"].includes(one.result);

/**
 * Whoever counted otherwise than the books leaves it to another person, the second count as much as the settling.
 * @param {Row} one
 */
export const others = (one) =>
  !one.done &&
  ["differs", "disturbed", "confirmed"].includes(one.result) &&
  (one.first || (one.result === "differs" ? one.by : "")) === user.account;
/** @param {Row} one */
const waits = (one) => {
  if (one.result === "confirmed" && !one.done && one.book === null) return t("由没有参加清点、有权处理差异的人处理。");
  return needs(one) && others(one) ? t("您已清点，由另一人复盘。") : null;
};

/** @param {Row} one */
const stateOf = (one) => (one.cause ? "settled" : one.result || "none");

/**
 * What was found, and what stands in the books: told only when nobody is to count it any more.
 * @param {Row} one
 */
function told(one) {
  if (needs(one) || one.counted === null) return null;
  if (one.book === null) return t("已盘{n}", { n: count(one.counted) });
  const change = one.counted - one.book;
  return [
    t("账面{a}，实盘{b}", { a: count(one.book), b: count(one.counted) }),
    one.first_counted !== null && one.first_counted !== one.counted
      ? t("（初盘{n}）", { n: count(one.first_counted) })
      : null,
    " ",
    h("strong", { class: "num" }, change > 0 ? `+${count(change)}` : count(change)),
  ];
}

/**
 * One line of a count; `settle`: the dialog for what differs.
 * @param {Row} one
 * @param {Row} row
 * @param {Sheet} settle
 */
export function lineRow(one, row, settle) {
  const id = `counted-${one.item}-${one.lot}`;
  const input =
    row.state === "OPEN" && needs(one) && !others(one) && can.keep()
      ? h(
          "label",
          { class: "counted", for: id },
          h("span", { class: "hidden" }, t("{item} 批次{lot} 实盘数量", { item: itemName(one), lot: one.lot })),
          h("input", {
            id,
            type: "number",
            min: "0",
            step: "1",
            max: "1000000000",
            inputmode: "numeric",
            autocomplete: "off",
            data: { item: one.item, lot: one.lot, moves: one.moves, key: id },
          }),
          unitWord(one.unit),
        )
      : null;
  return h(
    "li",
    { class: "count-line", data: { counted: `${one.item}/${one.lot}`, result: stateOf(one) } },
    h(
      "p",
      { class: "card-top" },
      h("strong", { class: "said" }, itemName(one)),
      h("span", { class: "lot-mark" }, t("批次{lot}", { lot: one.lot })),
      h(
        "span",
        { class: "state-mark", data: { result: stateOf(one) } },
        word(COUNT_RESULTS, one.cause ? "settled" : one.result),
      ),
    ),
    h(
      "p",
      { class: "dim" },
      [
        one.expires && t("有效期至{day}", { day: one.expires }),
        one.place && t("库位{place}", { place: one.place }),
        one.by_label && t("盘点人：{name}", { name: one.by_label }),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    told(one) && h("p", {}, told(one), one.cause ? ` · ${either(one, "cause")}` : null),
    input,
    waits(one) && h("p", { class: "dim" }, waits(one)),
    one.result === "confirmed" &&
      !one.done &&
      one.book !== null &&
      h(
        "p",
        { class: "card-do" },
        h(
          "button",
          {
            type: "button",
            data: { act: "settle", key: `settle-${id}` },
            onclick: () =>
              settle.open(
                { ...one, slip: row.slip },
                {
                  said: `${itemName(one)} ${t("批次{lot}", { lot: one.lot })} · ${t("账面{a}，实盘{b}", { a: count(one.book), b: count(one.counted) })}`,
                },
              ),
          },
          t("处理差异"),
        ),
      ),
  );
}
