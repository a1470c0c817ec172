import { list, SEQ, until } from "./console.js";
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
    /** @param {Row} row */
    render: (row) => h("span", { class: "hash" }, row.slip),
  },
  { key: "kind", render: kindOf },
  { key: "state", render: stateOf },
  {
    key: "station_name",
    /** @param {Row} row */
    render: (row) => stationLink(row.station, row.station_name),
  },
  { key: "party", render: whom },
  { key: "lines_said", render: gist },
  "at",
  SEQ,
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
    filters: ["kind", "state"],
  });
}

const SHIPMENT = ["ORDERED", "TRANSIT", "PART", "MISSING", "ARRIVED", "CLOSED", "CANCELLED"];

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
        render: (row) => h("span", { class: "hash" }, row.slip),
      },
      { key: "state", render: stateOf },
      { key: "station_name", label: t("由 → 到"), render: between },
      { key: "lines_said", render: gist },
      {
        key: "expected_at",
        label: t("应到"),
        kind: "text",
        render: (row) => (["TRANSIT", "PART"].includes(row.state) ? until(row.expected_at) : "—"),
      },
      {
        key: "owner_label",
        render: (row) => (row.state === "MISSING" && row.owner_label) || "—",
      },
      "at",
      SEQ,
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
    filters: [{ column: "state", options: optionsOf(SLIP_STATES, SHIPMENT) }],
  });
}
