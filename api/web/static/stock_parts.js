import { get } from "./api.js";
import { h } from "./dom.js";
import { call, count, daysLeft, many, names, packsSaid, unitWord } from "./fmt.js";
import { either, english, t } from "./i18n.js";
import { hrefOf, may } from "./page.js";
import { area } from "./scope.js";
import { badge, LOT_STATUSES, PASSED_OVER, word } from "./words.js";

const DONOR = /^d-[0-9a-f]{12}$/; // a giver whose name is in the vault
const known = new Map(); // code → what this page has learnt of the item

/**
 * Keep what an item is called for answers that only name its code.
 * @param {Row} row
 */
export function learn(row) {
  known.set(row.code ?? row.item, row);
  call(row.code ?? row.item, itemName(row));
}

/**
 * What an item is called, in a row about it or as itself.
 * @param {Row} row
 */
export function itemName(row) {
  const code = row.item ?? row.code;
  const of = row.name || row.item_name ? row : (known.get(code) ?? row);
  return (english && (of.name_en || of.item_en || of.en)) || of.name || of.item_name || code;
}

/** @param {Row} row */
const unitOf = (row) => row.unit ?? known.get(row.item ?? row.code)?.unit ?? "";

/**
 * So many base units, said in packagings too where that is another word for it: 88个（2箱 8个）.
 * @param {number} n
 * @param {Row} [row]
 * @param {string} [said]
 */
export function amount(n, row = {}, said = row.said) {
  const plain = many(n, unitOf(row));
  const packed = packsSaid(said);
  return packed && packed.replaceAll(",", "") !== plain.replaceAll(",", "")
    ? [plain, h("small", { class: "dim" }, english ? ` (${packed})` : `（${packed}）`)]
    : plain;
}

/**
 * Until when a lot is good, and how near that is.
 * @param {Row} row
 * @param {string} now
 */
export function expiry(row, now) {
  const day = row.expires;
  if (!day) return h("span", { class: "dim" }, t("长期"));
  const days = daysLeft(day, now);
  const near = row.status === "expired" || days <= 0 ? "expired" : row.noted || days <= 30 ? "near" : "";
  const word = days <= 0 ? t("已过期") : t("还有{n}天", { n: count(days) });
  return [
    h("time", { class: "num", datetime: day }, day),
    near ? h("span", { class: "expiry-mark", data: { near } }, word) : null,
  ];
}

/** @param {Row} row */
export const statusMark = (row) =>
  row.status === "approved" ? h("span", {}, word(LOT_STATUSES, row.status)) : badge(LOT_STATUSES, row.status);

/**
 * @param {string} page
 * @param {string} name
 * @param {string} id
 * @param {string} [label]
 */
const link = (page, name, id, label) =>
  h(
    "a",
    {
      href: `${hrefOf(page)}?${new URLSearchParams({ area, [name]: id })}`,
      data: { key: `${name}-${id}`, look: name, at: id },
    },
    label || id,
  );

/**
 * @param {string} id
 * @param {string} name
 */
export const stationLink = (id, name) => (id ? link("stock", "station", id, name) : "—");
/** @param {Row} row */
export const itemLink = (row) => link("goods", "item", row.item ?? row.code, itemName(row));
/** @param {string} id */
export const slipLink = (id) => (id ? link("stock", "slip", id) : "—");

/**
 * @param {string} id
 * @param {string} [label]
 */
export const paperLink = (id, label) =>
  h(
    "a",
    {
      class: "button",
      href: `${hrefOf("api", "v1", "slips", id, "paper.pdf")}`,
      target: "_blank",
      rel: "noopener",
      data: { paper: id },
    },
    label ?? t("打印单据"),
  );

/**
 * Lots that were not taken, and why (跳过的批次).
 * @param {Row[] | undefined} list
 */
export const passedOf = (list) =>
  list?.length
    ? h(
        "ul",
        { class: "tight" },
        list.map((one) =>
          h(
            "li",
            { class: "dim" },
            t("跳过批次{lot}（{n}）：{why}", {
              lot: one.lot,
              n: many(one.quantity, unitOf(one)),
              why: either(one, "why") || word(PASSED_OVER, one.why),
            }),
          ),
        ),
      )
    : null;

/**
 * The items that are short, named.
 * @param {Row[]} list
 */
export const shortNames = (list) =>
  names(
    (list ?? []).map((one) => (typeof one === "string" ? one : itemName(one))),
    3,
  );

/**
 * Who it is, by name where there is one; nothing of a giver, who is named in the vault alone.
 * @param {string} id
 */
export const whoOf = (id, name = "") => (DONOR.test(id) ? "" : name || id);

/**
 * Who goods come from or are for: a kind, and which of it.
 * @param {Row} row
 */
export const partyOf = (row) =>
  row.party_kind
    ? [
        either(row, "party"),
        whoOf(row.party_id, row.party_name)
          ? h("small", { class: "dim" }, ` ${whoOf(row.party_id, row.party_name)}`)
          : null,
      ].filter(Boolean)
    : "—";

// --- what is sought ----------------------------------------------------------------

export const ITEM = {
  path: "items",
  ask: () => t("按名称、拼音首字母、编码或条码查找"),
  none: () => t("目录里没有"),
  /** @param {Row} row */
  note: (row) => [row.code, unitWord(row.unit), row.place].filter(Boolean).join(" · "),
  /** @param {Row} row */
  row: (row) => ({ id: row.code, label: itemName(row), row }),
};
export const STATION = {
  path: "stations",
  ask: () => t("按名称查找物资站"),
  none: () => t("没有这个物资站"),
  /** @param {Row} row */
  note: (row) => row.area_name ?? "",
  /** @param {Row} row */
  row: (row) => ({ id: row.station, label: row.station_name, row }),
};

/**
 * An item of the catalogue by its code, with its packagings.
 * @param {string} code
 */
export async function itemOf(code, area = null) {
  const { rows } = await get("items", { q: code, size: 20, area });
  const row = rows.find((one) => one.code === code) ?? { code, unit: "" };
  learn(row);
  return row;
}

/** What somebody may do, by what it is about. */
export const can = {
  items: () => may("items.import"),
  open: () => may("station.open"),
  levels: () => may("stock.levels"),
  keep: () => may("stock.keep"),
  settle: () => may("stock.settle"),
  recall: () => may("stock.recall"),
  requisition: () => may("requisition.settle"),
};
