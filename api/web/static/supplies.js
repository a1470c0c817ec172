import { get } from "./api.js";
import { seqButton, until, View } from "./console.js";
import { h } from "./dom.js";
import { count, near } from "./fmt.js";
import { fresh, whole } from "./following.js";
import { either, t } from "./i18n.js";
import { may, now } from "./page.js";
import { table } from "./parts.js";
import { reallocation } from "./reallocation.js";
import { area } from "./scope.js";
import { slipLink, stationLink } from "./stock_parts.js";
import { ahead } from "./supplies_ahead.js";
import { heat } from "./supplies_heat.js";
import { needs } from "./supplies_needs.js";
import { amount, cover, itemName } from "./supply.js";
import { bindTabs } from "./tabs.js";

const GRAVE_HOURS = 24;

// --- numbers that come first -------------------------------------------------------

/**
 * What lasts the shortest, and where: nothing where nothing is used.
 * @param {Row} answer
 */
function shortest({ items, children }) {
  /** @param {Row[]} rows */
  const known = (rows) => rows.filter((row) => Number.isInteger(row.cover_hours));
  const cells = children.flatMap((/** @type {Row} */ child) =>
    Object.entries(child.cells).map(([item, cell]) => ({ ...cell, item, area_name: child.name })),
  );
  const [least] = known(cells.length ? cells : items).sort((a, b) => a.cover_hours - b.cover_hours);
  return (
    least && {
      ...least,
      ...items.find((/** @type {Row} */ row) => row.item === least.item),
      cover_hours: least.cover_hours,
    }
  );
}

/** @param {Row} answer */
function totals(answer) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {Child} value
   * @param {{ bad?: boolean, note?: Child }} [how]
   */
  const one = (name, label, value, { bad = false, note = "" } = {}) =>
    h(
      "div",
      { data: { total: name, ...(bad && { some: "" }) } },
      h("dt", {}, label),
      h("dd", { class: "num" }, value),
      note ? h("dd", { class: "note" }, note) : null,
    );
  /**
   * @param {string} name
   * @param {string} label
   * @param {number} n
   * @param {string} [note]
   */
  const some = (name, label, n, note) => one(name, label, count(n), { bad: n > 0, note });
  const { totals: numbers } = answer;
  const least = shortest(answer);
  return h(
    "dl",
    { class: "totals supply-totals" },
    some(
      "short",
      t("短缺"),
      numbers.short,
      t("{k}个站，共{n}个", { k: count(numbers.short_stations), n: count(numbers.stations) }),
    ),
    one("cover", t("最短可用"), least ? cover(least.cover_hours) : "—", {
      bad: least?.cover_hours < GRAVE_HOURS,
      note: least ? [itemName(least), least.area_name].filter(Boolean).join(" · ") : t("最近没有消耗"),
    }),
    some("expired", t("过期批次"), numbers.expired),
    one("expiring", t("临期批次"), count(numbers.expiring)),
    one("transit", t("在途（批）"), count(numbers.coming), {
      note: numbers.late > 0 ? h("span", { class: "late-badge" }, t("超时 {n}", { n: count(numbers.late) })) : "",
    }),
    some("missing", t("差异（批）"), numbers.missing),
  );
}

// --- lists ------------------------------------------------------------------------

/** @param {Row} row */
const place = (row) => stationLink(row.station, row.station_name);
/** @param {Row} row */
const route = (row) => [place(row), " → ", stationLink(row.to_station, row.to_name)];
/** @param {Row[]} lines */
const goods = (lines) =>
  h(
    "ul",
    { class: "tight" },
    lines.map((one) =>
      h(
        "li",
        {},
        `${itemName(one)} ${amount(one.quantity, one.unit)}`,
        one.lot ? h("small", { class: "dim" }, ` ${t("批{lot}", { lot: one.lot })}`) : null,
      ),
    ),
  );
/** @type {Sight} */ const record = { label: t("记录"), text: (row) => seqButton(row.seq) };

/**
 * A panel that is always there: that nothing is wrong is worth knowing too. `rows`: the first of `total`.
 * @param {string} name
 * @param {string} title
 * @param {Row[]} rows
 * @param {number} total
 * @param {string} none
 * @param {Named} first
 * @param {Sight[]} columns
 */
function panel(name, title, rows, total, none, first, columns) {
  const cut =
    total > rows.length &&
    h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: count(rows.length), total: count(total) }));
  return h(
    "section",
    { class: "panel", data: { supply: name, ...(rows.length > 0 && { some: "" }) }, "aria-label": title },
    h("h2", {}, title, h("span", { class: "count num" }, total ? count(total) : "")),
    rows.length ? [table(title, first, [...columns, record], rows), cut] : h("p", { class: "empty" }, none),
  );
}

/** @type {Named} */ const named = { label: t("品名"), text: itemName };
/** @type {Named} */ const numbered = { label: t("单号"), text: (row) => slipLink(row.slip) };

/** @param {Row} answer */
const shortages = ({ shortages: rows, totals: { short } }) =>
  panel("short", t("短缺"), rows, short, t("没有低于下限的物资"), named, [
    { label: t("哪个站"), text: place },
    {
      label: t("可用 / 下限"),
      /** @param {Row} row */
      text: (row) =>
        h("span", { class: "num" }, h("b", {}, count(row.available)), ` / ${amount(row.minimum, row.unit)}`),
    },
    { label: t("可用时间"), text: (row) => cover(row.cover_hours) || "—" },
    { label: t("在途"), text: (row) => (row.coming ? count(row.coming) : "—") },
  ]);

/** @param {Row} answer */
const transit = ({ transit: rows }) =>
  panel("transit", t("在途与待发"), rows, rows.length, t("没有在途的物资"), numbered, [
    { label: t("从 → 到"), text: route },
    { label: t("品名与数量"), text: (row) => goods(row.open.length ? row.open : row.lines) },
    { label: t("状态"), text: (row) => h("span", { class: "num" }, either(row, "state")) },
    {
      label: t("应到"),
      /** @param {Row} row */
      text: (row) => [
        row.late ? h("span", { class: "late-badge" }, t("超时")) : null,
        " ",
        row.expected_at ? until(row.expected_at) : h("span", { class: "num" }, t("未定")),
      ],
    },
  ]);

/** @param {Row} answer */
const discrepancies = ({ discrepancies: rows, totals: { missing } }) =>
  panel("discrepancies", t("差异（未销账）"), rows, missing, t("没有未销账的差异"), numbered, [
    { label: t("从 → 到"), text: route },
    { label: t("缺少"), text: (row) => goods(row.open) },
    { label: t("责任人"), text: (row) => row.owner_label || row.owner || "—" },
    { label: t("自"), text: (row) => h("span", { class: "num" }, near(row.at, now())) },
  ]);

/** @param {Row} answer */
const expiring = ({ expiring: rows, totals: { expired, expiring: soon } }) =>
  panel("expiring", t("临期与过期"), rows, expired + soon, t("没有临期或过期的批次"), named, [
    { label: t("批次"), text: (row) => h("span", { class: "hash" }, row.lot) },
    { label: t("哪个站"), text: place },
    { label: t("结存"), text: (row) => h("span", { class: "num" }, amount(row.on_hand, row.unit)) },
    {
      label: t("有效期至"),
      /** @param {Row} row */
      text: (row) => [
        row.noted === "expired" ? h("span", { class: "late-badge" }, t("已过期")) : null,
        " ",
        h("span", { class: "num" }, row.expires ?? "—"),
      ],
    },
  ]);

function board() {
  /** @type {Row} */ let last;
  const view = new View("supply-board", {
    fetch: async (signal) => whole(await get("stock/board", { area, ...fresh() }, signal)),
    render(answer) {
      last = answer;
      return [
        h(
          "p",
          { class: "dim", data: { levels: answer.mode } },
          answer.mode === "war" ? t("按战时下限计算") : t("按平时下限计算"),
        ),
        totals(answer),
        h(
          "section",
          { class: "panel", "aria-label": t("可用天数：物资 × 区域") },
          h("h2", {}, t("可用天数"), h("span", { class: "dim small" }, t("物资 × 区域，最缺的在前；点区域名往下看"))),
          heat(answer, () => {
            view.show(last);
          }),
        ),
        h(
          "div",
          { class: "supply-lists" },
          h("div", { class: "stack" }, shortages(answer), discrepancies(answer)),
          h("div", { class: "stack" }, transit(answer), expiring(answer)),
        ),
      ];
    },
  });
}

bindTabs({
  board: [board, true],
  needs: [needs, true],
  ahead: [ahead, true],
  reallocation: [reallocation, may("stock.reallocate")],
});
