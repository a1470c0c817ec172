import { base, failureOf, get, queryOf } from "./api.js";
import { drawer, line, list } from "./console.js";
import { Sheet } from "./deciding.js";
import { $, $all, h, swap } from "./dom.js";
import { count, many, unitsOf, unitWord } from "./fmt.js";
import { follow, fresh } from "./following.js";
import { catalogueFile } from "./goods_import.js";
import { either, english, t } from "./i18n.js";
import { now, pathOf } from "./page.js";
import { inAddress } from "./person.js";
import { area } from "./scope.js";
import { amount, can, expiry, itemName, itemOf, stationLink, statusMark } from "./stock_parts.js";
import { bindTabs } from "./tabs.js";
import { CATEGORIES, HAZARDS, word } from "./words.js";

const CODE = /^[a-z][a-z0-9-]{1,39}$/;
const TYPED_MS = 150;
const FOUND_MOST = 8;
const COPIES = 24; // one sheet

/** @param {Row} row */
const packs = (row) =>
  (row.packagings ?? [])
    .map((/** @type {Row} */ { unit, factor }) =>
      t("{pack}={n}{unit}", { pack: unitWord(unit), n: count(factor), unit: unitsOf(factor, row.unit) }),
    )
    .join(english ? ", " : "，");
/** @param {number} n */
const days = (n) => (n ? t("{n}天", { n: count(n) }) : t("长期"));
/** @param {Params} params */
const labelsHref = (params) => `${base}/api/v1/stock/labels.pdf?${queryOf({ copies: COPIES, ...params })}`;

// --- quick finding -----------------------------------------------------------------

let turn = 0;
let typing = 0;

/** @param {Row} row */
function hit(row) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", data: { found: row.code, key: `found-${row.code}` }, onclick: () => openItem(row.code) },
      h("strong", {}, itemName(row)),
      h("span", { class: "dim" }, [row.code, word(CATEGORIES, row.category), row.place].filter(Boolean).join(" · ")),
    ),
  );
}

async function look() {
  const q = $("quick-q", HTMLInputElement).value.trim().replace(/^PZ1:/, "").split("/")[0];
  turn += 1;
  const mine = turn;
  if (!q) {
    swap($("quick-found"));
    return;
  }
  try {
    const { items: rows } = await get("items/find", { q });
    if (mine === turn)
      swap(
        $("quick-found"),
        rows.length
          ? h("ul", { class: "finder-found" }, rows.slice(0, FOUND_MOST).map(hit))
          : h("p", { class: "dim" }, t("目录里没有")),
      );
  } catch (error) {
    const failure = failureOf(error);
    if (mine === turn && failure.status !== 401)
      swap($("quick-found"), h("p", { class: "field-error", role: "alert" }, either(failure)));
  }
}

function bindQuick() {
  const typed = () => {
    clearTimeout(typing);
    typing = setTimeout(look, TYPED_MS);
  };
  $("quick-q").addEventListener("input", (event) => {
    if (!(event instanceof InputEvent && event.isComposing)) typed(); // else Chinese is being typed
  });
  $("quick-q").addEventListener("compositionend", typed);
  $("quick").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    look().then(() => {
      const only = $all($("quick-found"), "[data-found]");
      if (only.length === 1) only[0].click();
    });
  });
}

// --- one item ----------------------------------------------------------------------

const withdraw = new Sheet("withdraw", {
  target: ({ reason }, row) => ({ path: pathOf("items", row.code, "withdraw"), body: { reason } }),
  done: () => drawer.again(),
});

/**
 * The stations that have it, each with its lots.
 * @param {Row[]} rows
 * @param {Row} item
 */
function holders(rows, item) {
  const stations = new Map();
  for (const row of rows) stations.set(row.station, [...(stations.get(row.station) ?? []), row]);
  return [...stations.values()].map((lots) => {
    const [{ station, station_name: name }] = lots;
    const free = lots.reduce((/** @type {number} */ sum, /** @type {Row} */ one) => sum + one.available, 0);
    return h(
      "li",
      { class: "stock-row", data: { holder: station } },
      h(
        "p",
        { class: "card-top" },
        h("strong", { class: "said" }, stationLink(station, name)),
        h("span", { class: "stock-free" }, t("可用"), " ", h("b", { class: "num" }, amount(free, item))),
      ),
      h(
        "ul",
        { class: "tight lot-rows" },
        lots.map((/** @type {Row} */ lot) =>
          h(
            "li",
            { data: { lot: lot.lot } },
            h("span", { class: "lot-mark" }, t("批次{lot}", { lot: lot.lot })),
            " ",
            expiry(lot, now()),
            " ",
            statusMark(lot),
            " ",
            h("span", { class: "num" }, t("在库{n}", { n: count(lot.on_hand) })),
            h(
              "a",
              { href: labelsHref({ station, item: item.code, lot: lot.lot }), target: "_blank", rel: "noopener" },
              t("标签"),
            ),
          ),
        ),
      ),
      h(
        "p",
        { class: "row-actions" },
        h(
          "a",
          { class: "button", href: labelsHref({ station, item: item.code }), target: "_blank", rel: "noopener" },
          t("打印批次标签"),
        ),
      ),
    );
  });
}

/**
 * @param {Row} row
 * @param {Row[]} lots
 */
function itemPart(row, lots) {
  const needs = (row.needs ?? []).map((/** @type {Row} */ { hazard, per_thousand: n }) =>
    t("{hazard}：每千人每天{n}", { hazard: word(HAZARDS, hazard), n: many(n, row.unit) }),
  );
  return [
    h(
      "p",
      { class: "tags" },
      h("span", { class: "state-mark" }, word(CATEGORIES, row.category)),
      row.durable ? h("span", { class: "state-mark" }, t("用后收回")) : null,
      !row.listed ? h("span", { class: "state-mark", data: { state: "OPEN" } }, t("已移出目录")) : null,
    ),
    h(
      "p",
      { class: "drawer-acts" },
      h(
        "a",
        { class: "button", href: labelsHref({ item: row.code }), target: "_blank", rel: "noopener" },
        t("打印货架标签"),
      ),
      can.items() &&
        row.listed &&
        h(
          "button",
          { type: "button", data: { act: "withdraw" }, onclick: () => withdraw.open(row, { said: itemName(row) }) },
          t("移出目录"),
        ),
    ),
    h(
      "dl",
      { class: "facts" },
      line(t("编码"), h("span", { class: "hash" }, row.code)),
      line(t("名称"), [row.name, row.en].filter(Boolean).join(" · ")),
      line(t("单位"), unitWord(row.unit)),
      line(t("包装"), packs(row)),
      line(t("库位"), row.place),
      line(t("保质期"), days(row.shelf_days)),
      line(t("提前预警"), row.alert_days ? days(row.alert_days) : ""),
      line(
        t("人均需求"),
        needs.length > 0 &&
          h(
            "ul",
            { class: "tight" },
            needs.map((/** @type {string} */ one) => h("li", {}, one)),
          ),
      ),
      line(t("条码"), (row.barcodes ?? []).join(" ")),
    ),
    h("h3", { class: "drawer-title" }, t("哪些站有")),
    lots.length
      ? h("ul", { class: "stock-rows" }, holders(lots, row))
      : h("p", { class: "empty" }, t("这个区域的物资站都没有")),
  ];
}

/**
 * One item (物资) in full: how it is packed, who needs how much, which stations have it.
 * @param {string} code
 */
function openItem(code) {
  inAddress("item", code);
  drawer.openPart(
    t("物资"),
    async () => {
      const [row, lots] = await Promise.all([
        itemOf(code, area),
        get("stock/lots", { item: code, area, size: 200, ...fresh() }),
      ]);
      $("drawer-title").textContent = itemName(row);
      return itemPart(row, lots.rows);
    },
    () => inAddress("item", ""),
  );
}

// --- the catalogue -----------------------------------------------------------------

function items() {
  list("items", {
    path: "items",
    label: t("物资目录"),
    empty: t("目录还是空的，请先导入。"),
    params: () => ({ area }),
    rowKey: (row) => row.code,
    onOpen: (row) => openItem(row.code),
    columns: [
      { key: "name", render: itemName },
      {
        key: "code",
        render: (row) => h("span", { class: "hash" }, row.code),
      },
      "category",
      { key: "unit", render: (row) => unitWord(row.unit) },
      { key: "packagings_said", render: (row) => packs(row) || "—" },
      "place",
      { key: "shelf_days", render: (row) => days(row.shelf_days) },
      {
        key: "alert_days",
        render: (row) => (row.alert_days ? days(row.alert_days) : "—"),
      },
      { key: "durable", label: t("用后收回"), kind: "text", render: (row) => (row.durable ? t("是") : t("否")) },
      "on_hand",
      "available",
      "stations",
    ],
    filters: ["category", "state"],
  });
}

bindQuick();
bindTabs({ items: [items, true], import: [catalogueFile, can.items()] });
follow(() => drawer.again());

const wanted = new URLSearchParams(location.search).get("item") ?? "";
if (CODE.test(wanted)) openItem(wanted);
