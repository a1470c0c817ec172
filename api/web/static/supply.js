import { count, many } from "./fmt.js";
import { either, english, t } from "./i18n.js";

const LOW_HOURS = 48;

/**
 * What an item is called, in a row about it or as itself.
 * @param {Row} row
 */
export const itemName = (row) =>
  either(row, "item") ||
  (english && (row.item_en || row.name_en || row.en)) ||
  row.item_name ||
  row.name ||
  either(row) ||
  row.item ||
  row.code;

/**
 * So many of an item, in its base unit.
 * @param {number} n
 */
export const amount = (n, unit = "") => many(n, unit);

/**
 * How long stock lasts at the present use (可用时间); nothing is known where nothing is used.
 * @param {number | null | undefined} hours
 */
export function cover(hours) {
  if (hours === null || hours === undefined) return "";
  return hours < LOW_HOURS
    ? t("{n}小时", { n: count(Math.floor(hours)) })
    : t("{n}天", { n: count(Math.floor(hours / 24)) });
}

/**
 * How it stands, by its word as well as by its colour: none, out, short, part (enough in all, not at each station), low, enough.
 * @param {Row | undefined} cell
 */
export function gradeOf(cell) {
  if (!cell) return "none";
  if (cell.available < cell.minimum) return cell.available > 0 ? "short" : "out";
  if (cell.short > 0) return "part";
  return cell.cover_hours !== null && cell.cover_hours !== undefined && cell.cover_hours < LOW_HOURS ? "low" : "enough";
}
