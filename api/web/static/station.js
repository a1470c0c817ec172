import { base, get } from "./api.js";
import { drawer, fresh, line, now, pathOf, seqButton } from "./console.js";
import { openCounting } from "./counts.js";
import { $, $all, $in, glyph, h } from "./dom.js";
import { count, near, packsSaid, time } from "./fmt.js";
import { either, t } from "./i18n.js";
import { inAddress, postLink } from "./person.js";
import { area } from "./scope.js";
import { amount, can, expiry, itemLink, itemName, slipLink, statusMark } from "./stock_parts.js";
import {
  openAdjust,
  openCustody,
  openIssue,
  openLevels,
  openPlace,
  openReceive,
  openRelease,
  openReserve,
  openScrap,
  openShip,
  openStatus,
} from "./stock_sheets.js";
import { RECIPIENTS, STATION_MODES } from "./stock_words.js";
import { word } from "./words.js";

const MOVES_SHOWN = 20;
const ROWS_MOST = 200;
const PAGES_MOST = 5;
const NAMED_MOST = 2;
const SOUGHT_FROM = 12; // rows before they can be searched
const open = new Set(); // items whose lots are unfolded

/**
 * The tab of this page about one station only.
 * @param {string} station
 * @param {string} tab
 */
const onlyHref = (station, tab) => `${base}/stock?${new URLSearchParams({ area, only: station })}#${tab}`;

/** @param {Row} row */
const preset = (row, more = {}) => ({
  presets: [
    { row: { code: row.item, name: row.name, name_en: row.name_en, label: itemName(row), unit: row.unit }, ...more },
  ],
});

/** @param {Row} station */
function actions(station) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h("button", { type: "button", class: kind, data: { act: name, key: `do-${name}` }, onclick: run }, label);
  const parts = [
    can.keep() && [
      button("receive", t("入库"), () => openReceive(station), "primary"),
      button("issue", t("出库"), () => openIssue(station), "primary"),
    ],
    can.keep() && button("reserve", t("预留物资"), () => openReserve(station)),
    can.keep() && [
      button("ship", t("发出调拨"), () => openShip(station)),
      button("opening", t("盘点"), () => openCounting(station)),
    ],
    can.settle() && [
      button("scrap", t("报废"), () => openScrap(station)),
      button("adjust", t("更正账面"), () => openAdjust(station)),
    ],
    can.keep() && button("custody", t("专管员交接"), () => openCustody(station)),
  ]
    .flat()
    .filter(Boolean);
  return parts.length > 0 && h("p", { class: "drawer-acts" }, parts);
}

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
 */
function itemRow(row, lots) {
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
          onclick: () => openMovements(row),
        },
        t("变动"),
      ),
    ),
  );
}

/**
 * @param {Row[]} rows
 * @param {Row[]} lots
 */
function stockPart(rows, lots) {
  if (!rows.length) return [h("p", { class: "empty" }, t("这里还没有物资，请先入库。"))];
  const listed = h(
    "ul",
    { class: "stock-rows" },
    rows.map((row) =>
      itemRow(
        row,
        lots.filter((lot) => lot.item === row.item),
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
function movementList(rows) {
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

/** @param {Row} row */
function openMovements(row) {
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
        h(
          "p",
          { class: "drawer-acts" },
          h("button", { type: "button", onclick: () => openStation(row.station, row.station_name) }, t("回到物资站")),
        ),
        movementList(rows),
        total > rows.length &&
          h("p", { class: "dim" }, t("只列{n}项，共{total}项", { n: count(rows.length), total: count(total) })),
      ];
    },
    () => inAddress("station", ""),
  );
}

// --- the station -------------------------------------------------------------------

/** @param {Row} station */
function keeperOf(station) {
  return [
    station.keeper_label ? station.keeper_label : h("strong", { class: "none" }, t("无专管员")),
    station.post ? [" ", postLink(station.post, station.post_name)] : null,
  ];
}

/**
 * What waits for this station, by the tab that shows it.
 * @param {Row} station
 * @param {Row[]} slips
 */
function waits(station, slips) {
  /** @param {...string} states */
  const of = (...states) => slips.filter((one) => states.includes(one.state)).length;
  /** @type {[name: string, said: string, n: number, tab: string][]} */
  const some = [
    ["transit", t("在途"), of("TRANSIT", "PART"), "transfers"],
    ["missing", t("差异"), of("MISSING"), "transfers"],
    ["ordered", t("待发运"), of("ORDERED"), "transfers"],
    ["counts", t("盘点中"), of("OPEN"), "counts"],
  ];
  return some
    .filter(([, , n]) => n)
    .map(([name, said, n, tab]) =>
      h("a", { class: "button", href: onlyHref(station.station, tab), data: { open: name } }, `${said} ${count(n)}`),
    );
}

/**
 * @param {Row[]} rows
 * @param {Row} station
 */
function reservations(rows, station) {
  if (!rows.length) return null;
  /** @param {Row} one */
  const release = (one) =>
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        data: { act: "release", key: `release-${one.reservation}-${one.item}` },
        "aria-label": `${t("释放")} ${itemName(one)}`,
        onclick: () => openRelease({ ...one, station: station.station }),
      },
      t("释放"),
    );
  return [
    h("h3", { class: "drawer-title" }, t("预留"), h("span", { class: "count num" }, count(rows.length))),
    h(
      "ul",
      { class: "tight" },
      rows.map((one) =>
        h(
          "li",
          { data: { reservation: one.reservation } },
          itemName(one),
          " ",
          h("span", { class: "num" }, amount(one.quantity, one)),
          ` · ${word(RECIPIENTS, one.purpose_kind)} ${one.purpose_id} `,
          one.reservation.startsWith("v-") && can.keep() && release(one),
        ),
      ),
    ),
  ]; // of a request or a transfer: freed there
}

/**
 * @param {Row} answer
 * @param {Row[]} lots
 * @param {Page} moves
 */
function stationPart({ station, stock, open: slips, reservations: kept }, lots, moves) {
  const war = station.mode === "war";
  const coming = slips.filter(
    (/** @type {Row} */ one) => one.to_station === station.station && ["TRANSIT", "PART"].includes(one.state),
  );
  const short = stock.filter((/** @type {Row} */ row) => row.state === "SHORT");
  const opened = waits(station, slips);
  return [
    h(
      "p",
      { class: "tags" },
      modeMark(station),
      station.short
        ? h(
            "span",
            { class: "state-mark", data: { state: war ? "GRAVE" : "OPEN" } },
            t("短缺{n}项", { n: count(station.short) }),
          )
        : h("span", { class: "state-mark", data: { state: "DONE" } }, t("不短缺")),
      seqButton(station.seq),
    ),
    actions(station),
    h(
      "dl",
      { class: "facts" },
      line(t("区域"), station.area_name),
      line(t("专管员"), keeperOf(station)),
      line(
        t("接管"),
        station.custody_at && time(station.custody_at, "full"),
        station.custody_count && [" ", slipLink(station.custody_count)],
      ),
      line(
        t("短缺"),
        short.length > 0 &&
          h(
            "ul",
            { class: "tight" },
            short.map((/** @type {Row} */ one) =>
              h(
                "li",
                {},
                itemName(one),
                h(
                  "span",
                  { class: "dim num" },
                  ` ${t("可用{a}，下限{b}", { a: count(one.available), b: count(one.minimum) })}`,
                ),
              ),
            ),
          ),
      ),
      line(t("未了事项"), opened.length > 0 && h("span", { class: "row-actions" }, opened)),
      line(
        t("将到"),
        coming.length > 0 &&
          h(
            "ul",
            { class: "tight" },
            coming.map((/** @type {Row} */ one) =>
              h(
                "li",
                {},
                slipLink(one.slip),
                ` ${one.station_name} `,
                one.lines
                  .slice(0, NAMED_MOST)
                  .map((/** @type {Row} */ part) => `${itemName(part)} ${packsSaid(part.said)} `),
                one.expected_at ? ` · ${near(one.expected_at, now())}` : "",
              ),
            ),
          ),
      ),
      line(t("编号"), h("span", { class: "hash" }, station.station)),
    ),
    reservations(kept, station),
    h(
      "h3",
      { class: "drawer-title" },
      t("库存"),
      h("span", { class: "count num" }, count(stock.length)),
      h("a", { href: onlyHref(station.station, "lots") }, t("全部批次")),
    ),
    stockPart(stock, lots),
    h(
      "h3",
      { class: "drawer-title" },
      t("最近变动"),
      h("a", { href: onlyHref(station.station, "slips") }, t("全部单据")),
    ),
    movementList(moves.rows),
  ];
}

/**
 * Peacetime or emergency: whose levels hold at a station.
 * @param {Row} row
 */
export const modeMark = (row) =>
  h(
    "span",
    { class: "mode", data: { mode: row.mode === "war" ? "EMERGENCY" : "PEACETIME" } },
    glyph(row.mode === "war" ? "EMERGENCY" : "PEACETIME"),
    word(STATION_MODES, row.mode),
  );

/**
 * The lots of a station, all of them: a page holds some.
 * @param {string} station
 * @param {Params} asked
 */
async function lotsOf(station, asked) {
  const all = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await get("stock/lots", { station, page, size: ROWS_MOST, ...asked });
    all.push(...answer.rows);
    pages = Math.min(answer.pages, PAGES_MOST);
  }
  return all;
}

/**
 * One station (物资站): what it holds, what is short, who answers for it.
 * @param {string} id
 */
export function openStation(id, name = "") {
  inAddress("station", id);
  drawer.openPart(
    name || t("物资站"),
    async () => {
      const asked = fresh();
      const moves = await get("stock/movements", { station: id, size: MOVES_SHOWN, ...asked }); // as fresh as asked; the rest is not older
      const [answer, lots] = await Promise.all([get(pathOf("stations", id)), lotsOf(id, asked)]);
      $("drawer-title").textContent = answer.station.station_name;
      return stationPart(answer, lots, moves);
    },
    () => inAddress("station", ""),
  );
}
