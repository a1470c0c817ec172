import { get } from "./api.js";
import { drawer, line, seqButton } from "./console.js";
import { openCounting } from "./counts.js";
import { $, glyph, h } from "./dom.js";
import { count, near, packsSaid, time } from "./fmt.js";
import { fresh } from "./following.js";
import { t } from "./i18n.js";
import { now, pathOf } from "./page.js";
import { inAddress, postLink } from "./person.js";
import { movementList, onlyHref, stockPart } from "./station_stock.js";
import { openAdjust, openCustody, openScrap } from "./stock_fixing.js";
import { amount, can, itemName, slipLink } from "./stock_parts.js";
import { openIssue, openReceive, openRelease, openReserve } from "./stock_sheets.js";
import { openShip } from "./stock_transfers.js";
import { MODES, RECIPIENTS, word } from "./words.js";

const ROWS_MOST = 200;
const MOVES_SHOWN = 20;
const PAGES_MOST = 5;
const NAMED_MOST = 2;

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
    stockPart(stock, lots, () => openStation(station.station, station.station_name)),
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
    word(MODES, row.mode),
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
