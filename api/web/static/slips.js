import { list, seqButton, until } from "./console.js";
import { h } from "./dom.js";
import { count, packsSaid } from "./fmt.js";
import { t } from "./i18n.js";
import { doings, openSlip, PRINTED, stateOf, whom } from "./slip.js";
import { itemName, paperLink, stationLink } from "./stock_parts.js";
import { optionsOf, SLIP_KINDS, SLIP_STATES, word } from "./words.js";

const NAMED_MOST = 2;

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
const kindOf = (row) =>
  [word(SLIP_KINDS, row.kind), row.emergency ? h("small", { class: "dim" }, t("征用")) : null].filter(Boolean);

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
