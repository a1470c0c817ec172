import { get } from "./api.js";
import { drawer, fresh, hrefOf, line, list, may, pathOf, seqButton, until } from "./console.js";
import { openCount } from "./counts.js";
import { $, h } from "./dom.js";
import { count, packsSaid, time } from "./fmt.js";
import { either, t } from "./i18n.js";
import { inAddress } from "./person.js";
import { area } from "./scope.js";
import { amount, can, itemLink, itemName, paperLink, partyOf, passedOf, stationLink } from "./stock_parts.js";
import {
  openAdjust,
  openArrive,
  openCancel,
  openClose,
  openCompensate,
  openGiveBack,
  openReturn,
  openShip,
} from "./stock_sheets.js";
import { SLIP_KINDS, SLIP_STATES } from "./stock_words.js";
import { badge, optionsOf, word } from "./words.js";

const NAMED_MOST = 2;
const PRINTED = ["receipt", "issue", "shipment", "count"];

/**
 * What a slip is about, in short.
 * @param {Row} row
 */
function gist(row) {
  const lines = row.lines ?? [];
  const some = lines
    .slice(0, NAMED_MOST)
    .map((/** @type {Row} */ one, /** @type {number} */ index) => [
      index > 0 && h("br"),
      row.kind === "count" ? itemName(one) : `${itemName(one)} ${packsSaid(one.said)}`,
    ]);
  return lines.length
    ? [some, lines.length > NAMED_MOST && h("small", { class: "dim" }, t("等{n}行", { n: count(lines.length) }))]
        .flat(3)
        .filter(Boolean)
    : "—";
}

/** @param {Row} row */
const stateOf = (row) =>
  [
    badge(SLIP_STATES, row.state),
    row.late ? h("span", { class: "late-badge" }, t("超时")) : null,
    row.state === "MISSING" ? h("strong", { class: "num none missing" }, t("缺{n}", { n: count(row.left) })) : null,
  ].filter(Boolean);
/** @param {Row} row */
const kindOf = (row) =>
  [word(SLIP_KINDS, row.kind), row.emergency ? h("small", { class: "dim" }, t("征用")) : null].filter(Boolean);

/**
 * Where it goes or came from.
 * @param {Row} row
 */
function whom(row) {
  if (row.to_station) return ["→ ", stationLink(row.to_station, row.to_name)];
  return row.party_kind ? partyOf(row) : either(row, "cause") || "—";
}

const columns = () => [
  {
    key: "slip",
    label: t("单号"),
    kind: "text",
    sortable: true,
    /** @param {Row} row */
    render: (row) => h("span", { class: "hash" }, row.slip),
  },
  { key: "kind", label: t("类型"), kind: "text", sortable: true, render: kindOf },
  { key: "state", label: t("状态"), kind: "text", sortable: true, render: stateOf },
  {
    key: "station_name",
    label: t("物资站"),
    kind: "text",
    sortable: true,
    /** @param {Row} row */
    render: (row) => stationLink(row.station, row.station_name),
  },
  { key: "party", label: t("来源 / 去向"), kind: "text", render: whom },
  { key: "lines", label: t("明细"), kind: "text", render: gist },
  { key: "at", label: t("时间"), kind: "time", sortable: true },
  { key: "seq", label: t("记录"), kind: "int", render: (/** @type {Row} */ row) => seqButton(row.seq) },
];

/**
 * All slips (单据).
 * @param {() => Params} params
 */
export function slips(params) {
  list("slips", {
    path: "slips",
    label: t("单据"),
    empty: t("还没有单据"),
    prefix: "p.",
    params,
    rowKey: (row) => row.slip,
    onOpen: (row) => openSlip(row.slip),
    columns: [
      ...columns(),
      {
        key: "paper",
        label: t("打印"),
        kind: "text",
        render: (row) => (PRINTED.includes(row.kind) ? paperLink(row.slip, t("打印")) : "—"),
      },
    ],
    filters: [
      { column: "kind", label: t("类型"), options: optionsOf(SLIP_KINDS) },
      { column: "state", label: t("状态"), options: optionsOf(SLIP_STATES) },
    ],
  });
}

const SHIPMENT_STATES = {
  ORDERED: "待发运",
  TRANSIT: "在途",
  PART: "部分到货",
  MISSING: "有差异",
  ARRIVED: "已到齐",
  CLOSED: "已关闭",
  CANCELLED: "已取消",
};
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
function doings(row) {
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

/** @param {Row} row */
const between = (row) => [stationLink(row.station, row.station_name), " → ", stationLink(row.to_station, row.to_name)];

/**
 * From station to station (调拨): ordered, on the way, arrived or missing.
 * @param {() => Params} params
 */
export function transfers(params) {
  list("transfers", {
    path: "slips",
    label: t("调拨"),
    empty: t("没有调拨"),
    prefix: "t.",
    params: () => ({ ...params(), "f.kind": "shipment" }),
    rowKey: (row) => row.slip,
    onOpen: (row) => openSlip(row.slip),
    columns: [
      {
        key: "slip",
        label: t("单号"),
        kind: "text",
        sortable: true,
        render: (row) => h("span", { class: "hash" }, row.slip),
      },
      { key: "state", label: t("状态"), kind: "text", sortable: true, render: stateOf },
      { key: "station_name", label: t("由 → 到"), kind: "text", sortable: true, render: between },
      { key: "lines", label: t("明细"), kind: "text", render: gist },
      {
        key: "expected_at",
        label: t("应到"),
        kind: "text",
        render: (row) => (["TRANSIT", "PART"].includes(row.state) ? until(row.expected_at) : "—"),
      },
      {
        key: "owner",
        label: t("差异责任人"),
        kind: "text",
        render: (row) => (row.state === "MISSING" && row.owner_label) || "—",
      },
      { key: "at", label: t("时间"), kind: "time", sortable: true },
      { key: "seq", label: t("记录"), kind: "int", render: (row) => seqButton(row.seq) },
      {
        key: "do",
        label: t("操作"),
        kind: "text",
        render: (row) => {
          const all = doings(row);
          return all.length ? h("span", { class: "row-actions" }, all) : "—";
        },
      },
    ],
    filters: [{ column: "state", label: t("状态"), options: optionsOf(SHIPMENT_STATES) }],
  });
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
      line(row.kind === "shipment" ? t("承运") : t("凭据"), row.document),
      line(t("捐赠收据"), row.receipt_number ?? (row.number ? t("第{n}号", { n: row.number }) : "")),
      line(t("原因"), either(row, "cause")),
      line(t("经手人"), row.by_label),
      line(t("差异责任人"), row.left > 0 && row.owner_label),
      line(t("时间"), time(row.at, "full")),
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
      const { slip: row } = await get(pathOf("slips", id));
      $("drawer-title").textContent = `${word(SLIP_KINDS, row.kind)} ${row.slip}`;
      return slipPart(row);
    },
    () => inAddress("slip", ""),
  );
}
