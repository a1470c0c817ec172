import { get } from "./api.js";
import { drawer, line, list, SEQ, seqButton, until } from "./console.js";
import { Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { count, near, time } from "./fmt.js";
import { fresh, saw } from "./following.js";
import { t } from "./i18n.js";
import { now } from "./page.js";
import { table } from "./parts.js";
import { inAddress } from "./person.js";
import { about, deliver, openAsk, openTriage, sheets } from "./request_sheets.js";
import { can, goods, lacking, OVER, owedOf, owing, PATH, priority } from "./request_words.js";
import { area, scope } from "./scope.js";
import { slipLink, stationLink } from "./stock_parts.js";
import { amount, itemName } from "./supply.js";
import { badge, REQUEST_STATES, REQUEST_STEPS, word } from "./words.js";

// --- one request -------------------------------------------------------------------

/** @param {Row} row */
function actions(row) {
  /**
   * @param {string} name
   * @param {string} label
   */
  const button = (name, label, kind = "", run = () => sheets[name].open(row, { said: about(row) })) =>
    h("button", { type: "button", class: kind, data: { act: name, key: `do-${name}` }, onclick: run }, label);
  const parts = [
    row.state === "ASKED" && can.triage() && button("triage", t("分诊"), "primary", () => openTriage(row)),
    ["TRIAGED", "PART"].includes(row.state) &&
      can.keep() &&
      lacking(row) &&
      button("allocate", row.state === "PART" ? t("再配货") : t("配货"), "primary"),
    ["PART", "ALLOCATED"].includes(row.state) &&
      can.keep() &&
      row.lines.some((/** @type {Row} */ one) => one.reserved > 0) &&
      button("dispatch", t("出库配送"), "primary"),
    row.state === "TRIAGED" && can.triage() && button("triage", t("重新分诊"), "", () => openTriage(row)),
    ["ASKED", "TRIAGED"].includes(row.state) && can.triage() && button("refuse", t("退回申领")),
    ["ASKED", "TRIAGED", "PART", "ALLOCATED"].includes(row.state) && can.make() && button("withdraw", t("撤回申领")),
  ].filter(Boolean);
  return parts.length > 0 && h("p", { class: "drawer-acts" }, parts);
}

/** @param {Row} row */
function way(row) {
  const state = row.state === "PART" ? "TRIAGED" : row.state;
  const at = PATH.indexOf(state);
  if (at < 0) return null;
  return h(
    "ol",
    { class: "path-of", "aria-label": t("进度") },
    PATH.map((name, place) =>
      h(
        "li",
        { data: place <= at ? { passed: "" } : {}, "aria-current": place === at ? "step" : null },
        word(REQUEST_STEPS, name),
      ),
    ),
  );
}

/**
 * @param {Row} row
 * @param {Row} one
 */
function delivery(row, one) {
  const step = one.confirmed ? "confirmed" : one.proof ? "delivered" : "sent";
  const states = { confirmed: REQUEST_STATES.CONFIRMED, delivered: t("待签收"), sent: t("配送中") };
  /** @param {Sheet} sheet */
  const run = (sheet) => sheet.open({ row, slip: one.slip }, { said: about(row) });
  return h(
    "li",
    { data: { delivery: one.slip, step } },
    slipLink(one.slip),
    h("span", { class: "state-mark", data: { state: step === "confirmed" ? "CONFIRMED" : "DELIVERED" } }, states[step]),
    one.proof
      ? h(
          "span",
          {},
          t("凭据：{proof}", { proof: one.proof }),
          one.by ? h("span", { class: "dim" }, ` ${one.by_label || one.by}`) : null,
        )
      : null,
    one.confirmed ? h("span", { class: "dim" }, t("{name}签收", { name: one.confirmed_label || one.confirmed })) : null,
    step === "sent" && can.deliver()
      ? h(
          "button",
          {
            type: "button",
            class: "primary",
            data: { act: "deliver", key: `deliver-${one.slip}` },
            onclick: () => run(deliver),
          },
          t("送达"),
        )
      : null,
    step === "delivered" && can.make()
      ? h(
          "button",
          {
            type: "button",
            class: "primary",
            data: { act: "confirm", key: `confirm-${one.slip}` },
            onclick: () => run(sheets.confirm),
          },
          t("签收确认"),
        )
      : null,
  );
}

/** @param {Row} row */
function requestPart(row) {
  /** @param {number} n */
  const number = (n) => h("span", { class: "num" }, n ? count(n) : "—");
  return [
    h(
      "p",
      { class: "tags" },
      priority(row),
      badge(REQUEST_STATES, row.state),
      row.state !== "PART" && owing(row).length > 0 ? h("span", { class: "owed" }, t("有欠货")) : null,
      seqButton(row.seq),
    ),
    way(row),
    actions(row),
    table(
      t("物资"),
      { label: t("品名"), text: itemName },
      [
        { label: t("要"), text: (one) => h("span", { class: "num" }, amount(one.quantity, one.unit)) },
        { label: t("已预留"), text: (one) => number(one.reserved) },
        { label: t("已出库"), text: (one) => number(one.dispatched) },
        {
          label: t("欠货"),
          /** @param {Row} one */
          text: (one) => (owedOf(row, one) > 0 ? h("strong", { class: "none num" }, count(owedOf(row, one))) : "—"),
        },
      ],
      row.lines,
    ),
    h(
      "dl",
      { class: "facts" },
      line(t("谁要"), row.area_name, row.squad ? ` · ${row.squad}` : null),
      line(t("送到"), row.to_name || row.to),
      line(t("何时要"), row.needed_by ? until(row.needed_by, !OVER.includes(row.state)) : ""),
      line(t("由哪个站供应"), row.station ? stationLink(row.station, row.station_name) : ""),
      line(t("申领人"), row.by_label || row.by),
      line(t("申领时间"), row.made_at && time(row.made_at, "full")),
      line(t("理由"), row.reason),
      line(t("编号"), h("span", { class: "hash" }, row.id)),
    ),
    row.slips.length > 0
      ? [
          h("h3", { class: "drawer-title" }, t("配送")),
          h(
            "ul",
            { class: "deliveries" },
            row.slips.map((/** @type {Row} */ one) => delivery(row, one)),
          ),
        ]
      : null,
  ];
}

/**
 * One request in full, with what can be done about it now.
 * @param {string} id
 * @param {string} name
 */
function openRequest(id, name) {
  inAddress("request", id);
  drawer.openPart(
    name || t("物资申领"),
    async () => {
      const { rows } = await get("requests", { area, q: id, size: 1, ...fresh() });
      const row = rows.find((one) => one.id === id);
      if (!row) return [h("p", { class: "empty" }, t("没有这条记录"))];
      setText($("drawer-title"), `${row.area_name} · ${t("物资申领")}`);
      return requestPart(row);
    },
    () => inAddress("request", ""),
  );
}

// --- all of them -------------------------------------------------------------------

list("requests", {
  path: "requests",
  label: t("物资申领"),
  empty: t("还没有物资申领"),
  params: () => ({ area }),
  rowKey: (row) => row.id,
  onOpen: (row) => openRequest(row.id, row.area_name),
  columns: [
    {
      key: "area_name",
      render: (row) => [row.area_name, row.squad ? h("small", { class: "dim" }, ` ${row.squad}`) : null],
    },
    { key: "priority", render: priority },
    {
      key: "state",
      render: (row) => [
        badge(REQUEST_STATES, row.state),
        owing(row).length > 0 ? h("span", { class: "owed" }, t("欠货{n}项", { n: owing(row).length })) : null,
      ],
    },
    { key: "lines_said", render: goods },
    {
      key: "needed_by",
      render: (row) =>
        row.needed_by ? (OVER.includes(row.state) ? near(row.needed_by, now()) : until(row.needed_by)) : t("未定"),
    },
    {
      key: "station_name",
      render: (row) => (row.station ? stationLink(row.station, row.station_name) : "—"),
    },
    "made_at",
    SEQ,
  ],
  filters: ["state", "priority"],
});

const wanted = new URLSearchParams(location.search).get("request");
if (wanted) openRequest(wanted, "");
scope.then((board) => {
  saw(board);
  $("open-ask").hidden = !board || !can.make();
  if (board) $("open-ask").addEventListener("click", () => openAsk(board));
});
