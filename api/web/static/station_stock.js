import { base, get } from "./api.js";
import { drawer, seqButton } from "./console.js";
import { $all, $in, h } from "./dom.js";
import { count, near } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { now } from "./page.js";
import { inAddress } from "./person.js";
import { area } from "./scope.js";
import { openLevels, openPlace, openStatus } from "./stock_fixing.js";
import { amount, can, expiry, itemLink, itemName, slipLink, statusMark } from "./stock_parts.js";
import { openIssue } from "./stock_sheets.js";

const ROWS_MOST = 200;
const SOUGHT_FROM = 12; // rows before they can be searched
const open = new Set(); // items whose lots are unfolded

/**
 * The tab of this page about one station only.
 * @param {string} station
 * @param {string} tab
 */
export const onlyHref = (station, tab) => `${base}/stock?${new URLSearchParams({ area, only: station })}#${tab}`;

/** @param {Row} row */
const preset = (row, more = {}) => ({
  presets: [
    { row: { code: row.item, name: row.name, name_en: row.name_en, label: itemName(row), unit: row.unit }, ...more },
  ],
});

// --- what is there -----------------------------------------------------------------

/** @type {Record<string, (row: Row) => string>} */
const GRADES = {
  /** @param {Row} row */
  SHORT: (row) => t("低于下限{n}", { n: count(row.minimum) }),
  /** @param {Row} row */
  LOW: (row) => t("低于补货点{n}", { n: count(row.reorder) }),
  /** @param {Row} row */
  ENOUGH: (row) => t("目标{n}", { n: count(row.target) }),
};

/**
 * How much is available beside what there should be, in the mode of the place.
 * @param {Row} row
 */
function level(row) {
  if (!(row.state in GRADES)) return null;
  const whole = Math.max(row.target, row.minimum, 1);
  /** @param {number} n */
  const at = (n) => `${Math.min(100, (n * 100) / whole)}%`;
  return h(
    "p",
    { class: "level", data: { level: row.state } },
    h(
      "span",
      { class: "level-bar", "aria-hidden": "true" },
      h("i", { style: { width: at(row.available) } }),
      row.minimum > 0 && h("b", { style: { left: at(row.minimum) } }),
    ),
    GRADES[row.state](row),
  );
}

/**
 * @param {Row} lot
 * @param {Row} row
 */
function lotRow(lot, row) {
  return h(
    "li",
    { data: { lot: lot.lot, status: lot.status } },
    h("span", { class: "lot-mark" }, t("批次{lot}", { lot: lot.lot })),
    " ",
    expiry(lot, now()),
    " ",
    statusMark(lot),
    " ",
    h(
      "span",
      { class: "num" },
      t("在库{n}", { n: count(lot.on_hand) }),
      lot.reserved ? ` · ${t("预留{n}", { n: count(lot.reserved) })}` : "",
    ),
    can.keep() &&
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          data: { act: "status", key: `status-${row.item}-${lot.lot}` },
          "aria-label": t("设定批次{lot}的状态", { lot: lot.lot }),
          onclick: () => openStatus(lot),
        },
        t("状态"),
      ),
    h("a", { href: `?${new URLSearchParams({ area, trace: `${row.item}/${lot.lot}` })}#trace` }, t("追溯")),
  );
}

/**
 * @param {Row} row
 * @param {Row[]} lots
 * @param {() => void} back
 */
function itemRow(row, lots, back) {
  /**
   * @param {string} label
   * @param {number} n
   */
  const number = (label, n, kind = "") => (n ? h("span", { class: kind }, `${label} ${count(n)}`) : null);
  const numbers = [
    h("span", {}, `${t("在库")} ${count(row.on_hand)}`),
    number(t("预留"), row.reserved),
    number(t("不可用"), row.on_hold, "held"),
    number(t("临期"), row.expiring, "held"),
    number(t("在途"), row.coming),
    number(t("差异"), row.missing, "held"),
  ].filter(Boolean);
  /** @param {Event & { currentTarget: HTMLDetailsElement }} event */
  const fold = ({ currentTarget }) => (currentTarget.open ? open.add(row.item) : open.delete(row.item));
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run) =>
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        data: { act: name, key: `${name}-${row.item}` },
        "aria-label": `${label} ${itemName(row)}`,
        onclick: run,
      },
      label,
    );
  return h(
    "li",
    { class: "stock-row", data: { stock: row.item } },
    h(
      "p",
      { class: "card-top" },
      h("strong", { class: "said" }, itemLink(row)),
      h(
        "span",
        { class: "stock-free" },
        t("可用"),
        " ",
        h("b", { class: "num" }, amount(row.available, row, row.available_said)),
      ),
    ),
    level(row),
    h(
      "p",
      { class: "dim stock-numbers num" },
      numbers,
      row.place && h("span", {}, t("库位{place}", { place: row.place })),
    ),
    lots.length > 0 &&
      h(
        "details",
        { open: open.has(row.item), ontoggle: fold },
        h("summary", { data: { key: `lots-${row.item}` } }, t("{n}个批次", { n: count(lots.length) })),
        h(
          "ul",
          { class: "tight lot-rows" },
          lots.map((lot) => lotRow(lot, row)),
        ),
      ),
    h(
      "p",
      { class: "row-actions" },
      can.keep() && button("issue-one", t("出库"), () => openIssue(row, preset(row))),
      can.levels() && button("levels", t("定额"), () => openLevels(row)),
      can.keep() && button("place", t("库位"), () => openPlace(row)),
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          data: { show: "movements", key: `moves-${row.item}` },
          "aria-label": `${t("变动")} ${itemName(row)}`,
          onclick: () => openMovements(row, back),
        },
        t("变动"),
      ),
    ),
  );
}

/**
 * @param {Row[]} rows
 * @param {Row[]} lots
 * @param {() => void} back
 */
export function stockPart(rows, lots, back) {
  if (!rows.length) return [h("p", { class: "empty" }, t("这里还没有物资，请先入库。"))];
  const listed = h(
    "ul",
    { class: "stock-rows" },
    rows.map((row) =>
      itemRow(
        row,
        lots.filter((lot) => lot.item === row.item),
        back,
      ),
    ),
  );
  const search =
    rows.length >= SOUGHT_FROM &&
    h("input", {
      type: "search",
      placeholder: t("在本站查找"),
      "aria-label": t("在本站查找"),
      oninput: ({ currentTarget }) => {
        const words = currentTarget.value.trim().toLowerCase();
        for (const item of $all(listed, ":scope > li"))
          item.hidden =
            words !== "" &&
            !$in(item, ".said").textContent.toLowerCase().includes(words) &&
            !(item.dataset.stock ?? "").includes(words);
      },
    });
  return [search, listed];
}

// --- movements ---------------------------------------------------------------------

/**
 * 库存变动: from one account of the ledger to another.
 * @param {Row[]} rows
 */
export function movementList(rows) {
  return rows.length
    ? h(
        "ol",
        { class: "moves" },
        rows.map((one) =>
          h(
            "li",
            { data: { move: one.seq } },
            seqButton(one.seq),
            h(
              "div",
              {},
              h(
                "p",
                {},
                h("strong", {}, itemName(one)),
                " ",
                h("span", { class: "lot-mark" }, t("批次{lot}", { lot: one.lot })),
                " ",
                h("span", { class: "num" }, amount(one.quantity, one)),
              ),
              h(
                "p",
                { class: "dim small" },
                `${either(one, "source")} → ${either(one, "destination")} · `,
                slipLink(one.slip),
                ` · ${near(one.at, now())}`,
              ),
            ),
          ),
        ),
      )
    : h("p", { class: "empty" }, t("还没有变动"));
}

/**
 * @param {Row} row
 * @param {() => void} back
 */
function openMovements(row, back) {
  drawer.openPart(
    t("{item}的变动", { item: itemName(row) }),
    async () => {
      const { rows, total } = await get("stock/movements", {
        station: row.station,
        item: row.item,
        size: ROWS_MOST,
        ...fresh(),
      });
      return [
        h("p", { class: "drawer-acts" }, h("button", { type: "button", onclick: back }, t("回到物资站"))),
        movementList(rows),
        total > rows.length &&
          h("p", { class: "dim" }, t("只列{n}项，共{total}项", { n: count(rows.length), total: count(total) })),
      ];
    },
    () => inAddress("station", ""),
  );
}
