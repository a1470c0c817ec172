import { line } from "./console.js";
import { h } from "./dom.js";
import { count, near } from "./fmt.js";
import { either, t } from "./i18n.js";
import { inOrder, usable } from "./keeper_data.js";
import { nameOf } from "./keeper_find.js";
import { expiry, packed, said, statusMark } from "./keeper_words.js";
import { deedOf } from "./outbox_panel.js";
import { may, now, user } from "./page.js";

const ROWS_MOST = 30;

/** @param {Entry[]} entries */
export const waits = (entries) =>
  entries.map((entry) => h("span", { class: "waits" }, t("{deed} · 待提交", { deed: deedOf(entry.what) })));

/**
 * The station (物资站), and which one of several.
 * @param {Known} known
 * @param {(station: string) => unknown} choose
 */
export function stationPart({ stations, chosen, station }, choose) {
  const row = stations?.find((one) => one.station === chosen);
  if (!stations || !row)
    return h("p", { class: "empty" }, t("账号 {account} 还没有负责的物资站，请联系街镇。", { account: user.account }));
  const shown = { ...row, ...station };
  return h(
    "section",
    { class: "panel urgent", "aria-label": t("物资站"), data: { station: chosen } },
    stations.length > 1
      ? h(
          "select",
          {
            "aria-label": t("我的物资站"),
            data: { key: "stations" },
            onchange: (event) => choose(event.currentTarget.value),
          },
          stations.map((one) => h("option", { value: one.station, selected: one.station === chosen }, one.name)),
        )
      : h("h2", {}, row.name),
    h(
      "p",
      { class: "station-state" },
      h("span", { class: "state-mark", data: { mode: shown.mode } }, either(shown, "mode")),
      row.area_name && h("span", { class: "dim" }, row.area_name),
      shown.keeper_label
        ? h("span", {}, t("专管员 {name}", { name: shown.keeper_label }))
        : h("span", { class: "field-error" }, t("没有专管员")),
    ),
  );
}

/**
 * One row that opens an item's card.
 * @param {Item} item
 * @param {Child} mark
 * @param {(item: Item, lot?: string) => unknown} open
 */
const goodsRow = (item, mark, open) =>
  h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "row-button",
        data: { key: `goods-${item.code}`, goods: item.code },
        onclick: () => open(item),
      },
      h("span", {}, h("strong", {}, nameOf(item))),
      mark,
    ),
  );

/**
 * @param {Child[]} rows
 * @param {string} none
 */
const rowsOf = (rows, none) =>
  rows.length
    ? [
        h("ul", { class: "goods-rows" }, rows.slice(0, ROWS_MOST)),
        rows.length > ROWS_MOST && h("p", { class: "dim" }, t("还有{n}种", { n: count(rows.length - ROWS_MOST) })),
      ]
    : h("p", { class: "empty" }, none);

/**
 * 短缺: what is below the minimum of the mode.
 * @param {Stock[]} rows
 * @param {(code: string) => Item} item
 * @param {(item: Item, lot?: string) => unknown} open
 */
export function shortPart(rows, item, open) {
  return rowsOf(
    rows.map((row) =>
      goodsRow(
        item(row.item),
        h(
          "span",
          { class: "short-mark num" },
          t("{n} / 最低 {min}", { n: said(row.available, item(row.item)), min: count(row.minimum) }),
        ),
        open,
      ),
    ),
    t("没有短缺"),
  );
}

/**
 * 临期与过期: what must be used soon, or taken away.
 * @param {{ row: Stock, lot: Lot }[]} rows
 * @param {(code: string) => Item} item
 * @param {(item: Item, lot?: string) => unknown} open
 */
export function oldPart(rows, item, open) {
  return rowsOf(
    rows.map(({ row, lot }) =>
      goodsRow(item(row.item), h("span", {}, said(lot.on_hand, item(row.item)), " ", expiry(lot, now())), open),
    ),
    t("没有临期或过期的批次"),
  );
}

/**
 * @param {Lot} lot
 * @param {Item} item
 */
function lotRow(lot, item) {
  const free = lot.available ?? (usable(lot) ? lot.on_hand - lot.reserved : 0);
  return h(
    "li",
    { data: { lot: lot.lot, status: lot.status } },
    h("p", {}, h("strong", { class: "hash" }, lot.lot), " ", expiry(lot, now()), " ", statusMark(lot)),
    h(
      "p",
      { class: "dim" },
      t("在库{n}，可用{free}", { n: said(lot.on_hand, item), free: said(free, item) }),
      lot.batch ? ` · ${lot.batch}` : "",
    ),
  );
}

/**
 * One item at this station: what there is, where, until when.
 * @param {Item} item
 * @param {Stock} row
 * @param {string} lot
 * @param {Entry[]} entries
 * @param {(deed: string, subject: Row) => unknown} go
 */
export function goodsCard(item, row, lot, entries, go) {
  const lots = inOrder(row.lots ?? []).filter((one) => one.on_hand > 0 || one.lot === lot);
  const here = lots.filter((one) => !lot || one.lot === lot);
  return [
    entries.length > 0 && h("p", {}, waits(entries)),
    lot && h("p", { class: "scan" }, here.length ? t("批次 {lot}", { lot }) : t("本站没有批次 {lot}", { lot })),
    h(
      "dl",
      { class: "facts short" },
      line(t("可用"), h("b", { class: "num large" }, packed(row.available, item))),
      line(t("在库"), packed(row.on_hand, item)),
      row.reserved > 0 && line(t("已预留"), said(row.reserved, item)),
      row.on_hold > 0 && line(t("不可用"), said(row.on_hold, item)),
      row.coming > 0 && line(t("在途"), said(row.coming, item)),
      line(t("库位"), row.place || item.place),
      row.minimum > 0 && line(t("最低"), said(row.minimum, item)),
    ),
    row.minimum > 0 && row.available < row.minimum && h("p", { class: "warning" }, t("低于最低库存。")),
    h(
      "div",
      { class: "goods-do" },
      /** @type {[deed: string, label: string, none: boolean][]} */ ([
        ["receive", t("入库"), false],
        ["issue", t("出库"), !(row.available > 0)],
        ["back", may("stock.settle") ? t("报废") : t("停发"), !(row.on_hand > 0)],
        ["open", t("盘点"), !(row.on_hand > 0)],
      ]).map(([deed, label, none]) =>
        h(
          "button",
          {
            type: "button",
            class: "big",
            disabled: none,
            data: { key: `card-${deed}`, go: deed },
            onclick: () => go(deed, { item: item.code, lot }),
          },
          label,
        ),
      ),
    ),
    h("h3", {}, t("批次")),
    lots.length
      ? h(
          "ul",
          { class: "lots" },
          (here.length ? here : lots).map((one) => lotRow(one, item)),
        )
      : h("p", { class: "empty" }, t("本站没有库存")),
  ];
}

/**
 * What the writer should see of what became of a write: lots to take, lots passed over, a donor's receipt.
 * @param {Row[]} all
 * @param {(code: string) => Item} item
 * @param {(key: string) => unknown} heard
 */
export function saidPart(all, item, heard) {
  return all.map((one) =>
    h(
      "section",
      { class: "panel told", data: { told: one.what }, "aria-label": deedOf(one.what) },
      h(
        "p",
        {},
        h("strong", {}, deedOf(one.what)),
        " ",
        one.name,
        " ",
        h("span", { class: "dim num hash" }, one.id ?? "", " ", near(one.at, now())),
      ),
      one.what === "stock-issue" &&
        h(
          "ul",
          { class: "picks-list" },
          (one.lines ?? []).map((/** @type {Row} */ line) =>
            h(
              "li",
              {},
              t("取 {lot}：{n}", {
                lot: `${nameOf(item(line.item))} ${line.lot}`,
                n: said(line.quantity, item(line.item)),
              }),
            ),
          ),
        ),
      (one.passed ?? []).map((/** @type {Row} */ line) =>
        h(
          "p",
          { class: "dim" },
          t("不取 {lot}：{why}", {
            lot: [line.item && nameOf(item(line.item)), line.lot, said(line.quantity, item(line.item))]
              .filter(Boolean)
              .join(" "),
            why: either(line, "why"),
          }),
        ),
      ),
      one.receipt_number &&
        h(
          "p",
          { class: "scan" },
          t("捐赠收据 {number}，查询码 {code}", { number: one.receipt_number, code: one.receipt_code }),
        ),
      h("button", { type: "button", data: { key: `heard-${one.key}` }, onclick: () => heard(one.key) }, t("知道了")),
    ),
  );
}
