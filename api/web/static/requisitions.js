import { list, SEQ } from "./console.js";
import { h } from "./dom.js";
import { count, packsSaid } from "./fmt.js";
import { t } from "./i18n.js";
import { hrefOf } from "./page.js";
import { can, itemName, slipLink, stationLink } from "./stock_parts.js";
import { openCompensate, openGiveBack } from "./stock_transfers.js";
import { optionsOf, SLIP_STATES } from "./words.js";

const LINES_SHOWN = 4;

/** @param {Row} row */
function still(row) {
  const out = row.open;
  return out.length
    ? h(
        "ul",
        { class: "tight" },
        out
          .slice(0, LINES_SHOWN)
          .map((/** @type {Row} */ one) =>
            h(
              "li",
              {},
              `${itemName(one)} ${packsSaid(one.said)}`,
              " ",
              h("span", { class: "lot-mark" }, t("批次{lot}", { lot: one.lot })),
            ),
          ),
        out.length > LINES_SHOWN && h("li", { class: "dim" }, t("等{n}行", { n: count(out.length) })),
      )
    : "—";
}

/** @param {Row} row */
function actions(row) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h(
      "button",
      {
        type: "button",
        class: kind,
        data: { act: name, key: `${name}-${row.slip}` },
        "aria-label": `${label} ${row.slip}`,
        onclick: run,
      },
      label,
    );
  return row.state === "OUT"
    ? h(
        "span",
        { class: "row-actions" },
        button("giveback", t("归还"), () => openGiveBack(row), "primary"),
        button("compensate", t("补偿"), () => openCompensate(row)),
      )
    : "—";
}

/**
 * What was requisitioned and is still out (征用): given back or paid for in the end.
 * @param {() => Params} params
 */
export function requisitions(params) {
  list("requisitions", {
    path: "requisitions",
    label: t("征用"),
    empty: t("没有征用的物资"),
    prefix: "q.",
    params,
    rowKey: (row) => row.slip,
    columns: [
      { key: "slip", render: (row) => slipLink(row.slip) },
      "state",
      { key: "party_name", render: (row) => row.party_name || row.party_id || "—" },
      {
        key: "station_name",
        render: (row) => stationLink(row.station, row.station_name),
      },
      { key: "out", label: t("未归还"), kind: "text", render: still },
      {
        key: "emergency",
        label: t("突发事件"),
        kind: "text",
        render: (row) => h("a", { href: hrefOf("emergencies", row.emergency) }, row.emergency),
      },
      "at",
      SEQ,
      ...(can.requisition() ? [{ key: "do", label: t("操作"), kind: "text", render: actions }] : []),
    ],
    filters: [{ column: "state", options: optionsOf(SLIP_STATES, ["OUT", "SETTLED"]) }],
  });
}
