import { get } from "./api.js";
import { drawer, line, seqButton, until } from "./console.js";
import { openCount } from "./counts.js";
import { $, h } from "./dom.js";
import { historyPart } from "./facts.js";
import { count, time } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { hrefOf, may, pathOf } from "./page.js";
import { inAddress } from "./person.js";
import { area } from "./scope.js";
import { openAdjust } from "./stock_fixing.js";
import { amount, can, itemLink, paperLink, partyOf, passedOf, stationLink } from "./stock_parts.js";
import { openReturn } from "./stock_sheets.js";
import { openArrive, openCancel, openClose, openCompensate, openGiveBack, openShip } from "./stock_transfers.js";
import { badge, SLIP_KINDS, SLIP_STATES, word } from "./words.js";

export const PRINTED = ["receipt", "issue", "shipment", "count"];

/** @param {Row} row */
export const stateOf = (row) =>
  [
    badge(SLIP_STATES, row.state),
    row.late ? h("span", { class: "late-badge" }, t("超时")) : null,
    row.state === "MISSING" ? h("strong", { class: "num none missing" }, t("缺{n}", { n: count(row.left) })) : null,
  ].filter(Boolean);

/**
 * Where it goes or came from.
 * @param {Row} row
 */
export function whom(row) {
  if (row.to_station) return ["→ ", stationLink(row.to_station, row.to_name)];
  return row.party_kind ? partyOf(row) : either(row, "cause") || "—";
}

/**
 * @param {string} name
 * @param {Row} row
 * @param {string} label
 * @param {() => unknown} run
 */
const button = (name, row, label, run, kind = "") =>
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

/**
 * What can be done about a transfer (调拨): ordered, on the way, missing something.
 * @param {Row} row
 */
export function doings(row) {
  if (row.kind !== "shipment") return [];
  return [
    row.state === "ORDERED" &&
      can.keep() && [
        button("ship", row, t("发运"), () => openShip(row, { order: row }), "primary"),
        button("cancel", row, t("取消"), () => openCancel(row)),
      ],
    ["TRANSIT", "PART", "MISSING"].includes(row.state) &&
      can.keep() &&
      button("arrive", row, t("登记到货"), () => openArrive(row), row.state === "MISSING" ? "" : "primary"),
    row.state === "MISSING" && can.settle() && button("close", row, t("差异销账"), () => openClose(row), "primary"),
  ]
    .flat()
    .filter(Boolean);
}

// --- one slip ----------------------------------------------------------------------

/** What became of a line: the same lists of a slip mean another thing for each kind. */
/** @type {Record<string, Record<string, ((n: { n: string }) => string) | null>>} */
const DONE_WORDS = {
  shipment: { arrived: (n) => t("已到{n}", n), closed: (n) => t("已销账{n}", n), open: (n) => t("未到{n}", n) },
  issue: { arrived: (n) => t("已退回{n}", n), closed: (n) => t("已退回报废{n}", n), open: null },
  receipt: { arrived: (n) => t("已归还{n}", n), closed: (n) => t("已补偿{n}", n), open: (n) => t("未归还{n}", n) },
};

/**
 * @param {Row} one
 * @param {Row} row
 */
function lineItem(one, row) {
  /** @param {Row} other */
  const same = (other) => other.item === one.item && other.lot === one.lot;
  /** @param {string} name */
  const of = (name) =>
    (row[name] ?? [])
      .filter(same)
      .reduce((/** @type {number} */ sum, /** @type {Row} */ other) => sum + other.quantity, 0);
  const said = DONE_WORDS[row.kind] ?? DONE_WORDS.shipment;
  const numbers = [
    of("arrived") && said.arrived?.({ n: count(of("arrived")) }),
    of("closed") && said.closed?.({ n: count(of("closed")) }),
    of("open") && said.open?.({ n: count(of("open")) }),
    ...(row.corrections ?? [])
      .filter(same)
      .map((/** @type {Row} */ { change, slip }) =>
        t("已由{slip}更正{n}", { slip, n: change > 0 ? `+${count(change)}` : `-${count(-change)}` }),
      ),
  ].filter(Boolean);
  return h(
    "li",
    { data: { line: `${one.item}/${one.lot ?? ""}` } },
    itemLink(one),
    " ",
    one.lot ? h("span", { class: "lot-mark" }, t("批次{lot}", { lot: one.lot })) : null,
    " ",
    amount(one.quantity, one),
    numbers.length ? h("span", { class: "dim" }, ` ${numbers.join(" · ")}`) : null,
  );
}

/** @param {Row} row */
function slipActs(row) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const act = (name, label, run, kind = "") => button(name, row, label, run, kind);
  const all = [
    ...doings(row),
    row.kind === "issue" && row.state !== "RETURNED" && can.keep() && act("return", t("退回"), () => openReturn(row)),
    row.kind === "receipt" &&
      row.state === "OUT" &&
      can.requisition() && [
        act("giveback", t("征用归还"), () => openGiveBack(row)),
        act("compensate", t("征用补偿"), () => openCompensate(row)),
      ],
    ["receipt", "issue"].includes(row.kind) &&
      can.settle() &&
      act("adjust", t("更正账面"), () => openAdjust(row, { corrects: row.slip })),
    PRINTED.includes(row.kind) && paperLink(row.slip),
    row.number > 0 &&
      may("view.people") &&
      h(
        "a",
        {
          class: "button",
          href: `${hrefOf("api", "v1", "slips", row.slip, "receipt.pdf")}`,
          target: "_blank",
          rel: "noopener",
        },
        t("打印捐赠收据"),
      ),
    h(
      "a",
      { class: "button", href: `?${new URLSearchParams({ area, trace: row.slip })}#trace`, data: { trace: row.slip } },
      t("追溯"),
    ),
  ]
    .flat()
    .filter(Boolean);
  return h("p", { class: "drawer-acts" }, all);
}

/** @param {Row} row */
function slipPart(row) {
  return [
    h(
      "p",
      { class: "tags" },
      h("span", { class: "state-mark" }, word(SLIP_KINDS, row.kind)),
      stateOf(row),
      seqButton(row.seq),
    ),
    slipActs(row),
    h(
      "dl",
      { class: "facts" },
      line(t("物资站"), stationLink(row.station, row.station_name)),
      line(t("发往"), row.to_station && stationLink(row.to_station, row.to_name)),
      line(t("来源 / 去向"), row.party_kind && whom(row)),
      row.party_before && line(t("更正前"), row.party_before),
      line(row.kind === "shipment" ? t("承运") : t("凭据"), row.document),
      line(t("捐赠收据"), row.receipt_number ?? (row.number ? t("第{n}号", { n: row.number }) : "")),
      line(t("原因"), either(row, "cause")),
      line(t("经手人"), row.by_label),
      line(t("差异责任人"), row.left > 0 && row.owner_label),
      line(t("时间"), time(row.at, "full")),
      row.entered_late && line(t("补录于"), time(row.recorded_at, "full")),
      line(
        t("应到"),
        row.expected_at &&
          (["TRANSIT", "PART"].includes(row.state) ? until(row.expected_at) : time(row.expected_at, "full")),
      ),
    ),
    h("h3", { class: "drawer-title" }, t("明细"), h("span", { class: "count num" }, count(row.lines.length))),
    h(
      "ul",
      { class: "tight slip-lines" },
      row.lines.map((/** @type {Row} */ one) => lineItem(one, row)),
    ),
    passedOf(row.passed),
    historyPart(row.history),
  ];
}

/**
 * One slip in full (单据): a count has its own sheet.
 * @param {string} id
 */
export function openSlip(id) {
  if (id.startsWith("c-")) {
    openCount(id);
    return;
  }
  inAddress("slip", id);
  drawer.openPart(
    t("单据 {id}", { id }),
    async () => {
      await get("slips", { size: 1, ...fresh() }); // as fresh as our own last decision
      const { slip: row, history } = await get(pathOf("slips", id));
      $("drawer-title").textContent = `${word(SLIP_KINDS, row.kind)} ${row.slip}`;
      return slipPart({ ...row, history });
    },
    () => inAddress("slip", ""),
  );
}
