import { until } from "./console.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { waits } from "./keeper_cards.js";
import { nameOf } from "./keeper_find.js";
import { outstanding } from "./keeper_transfers.js";
import { said } from "./keeper_words.js";

/**
 * What is on its way here (到货).
 * @param {Slip[]} slips
 * @param {(code: string) => Item} item
 * @param {Entry[]} entries
 * @param {(slip: Slip) => unknown} go
 */
export function comingRows(slips, item, entries, go) {
  return slips.length
    ? h(
        "ul",
        { class: "cards" },
        slips.map((slip) => {
          const rest = outstanding(slip);
          const pending = entries.filter((entry) => entry.slip === slip.slip);
          return h(
            "li",
            { class: "card-item", data: { slip: slip.slip, state: slip.state }, "data-overdue": Boolean(slip.late) },
            h("p", { class: "card-top" }, h("strong", { class: "said" }, slip.station_name), waits(pending)),
            h(
              "p",
              {},
              rest.map((one) => `${nameOf(item(one.item))} ${said(one.quantity, item(one.item))}`).join(" · "),
            ),
            h(
              "p",
              { class: "dim" },
              [slip.document, slip.slip].filter(Boolean).join(" · "),
              " ",
              slip.state === "MISSING"
                ? h("span", { class: "field-error" }, t("差异未查明"))
                : slip.expected_at && until(slip.expected_at),
            ),
            !pending.length &&
              h(
                "p",
                { class: "card-do" },
                h(
                  "button",
                  {
                    type: "button",
                    class: "big primary",
                    data: { key: `arrive-${slip.slip}`, do: `arrive-${slip.slip}` },
                    onclick: () => go(slip),
                  },
                  t("登记到货"),
                ),
              ),
          );
        }),
      )
    : h("p", { class: "empty" }, t("没有在途的物资"));
}

/**
 * What is to be sent elsewhere (调拨指令).
 * @param {Slip[]} slips
 * @param {(code: string) => Item} item
 * @param {Entry[]} entries
 * @param {(slip: Slip) => unknown} go
 */
export function orderRows(slips, item, entries, go) {
  return slips.length
    ? h(
        "ul",
        { class: "cards" },
        slips.map((slip) => {
          const pending = entries.filter((entry) => entry.slip === slip.slip);
          return h(
            "li",
            { class: "card-item", data: { slip: slip.slip } },
            h("p", { class: "card-top" }, h("strong", { class: "said" }, slip.to_name), waits(pending)),
            h(
              "p",
              {},
              slip.lines.map((one) => `${nameOf(item(one.item))} ${said(one.quantity, item(one.item))}`).join(" · "),
            ),
            h("p", { class: "dim" }, slip.slip),
            !pending.length &&
              h(
                "p",
                { class: "card-do" },
                h(
                  "button",
                  {
                    type: "button",
                    class: "big primary",
                    data: { key: `ship-${slip.slip}`, do: `ship-${slip.slip}` },
                    onclick: () => go(slip),
                  },
                  t("发运"),
                ),
              ),
          );
        }),
      )
    : h("p", { class: "empty" }, t("没有要发走的物资"));
}
