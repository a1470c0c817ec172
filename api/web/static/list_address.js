import { english } from "./i18n.js";

export const SIZES = [20, 50, 100, 200];
const SIZE = 50;

/**
 * What a list is asked for, kept in the page's address. `prefix`: of the names there, where a page has two lists.
 * @typedef {{ q: string, sort: string, filters: Record<string, string>, page: number, size: number }} ListState
 * @typedef {{ prefix: string, filters: Filter[], columns: Column[] }} Kept
 */

/**
 * What the address asks for; what makes no sense there is not asked, as far as the columns are known.
 * @param {Kept} kept
 * @returns {ListState}
 */
export function fromAddress({ prefix, filters, columns }) {
  const query = new URLSearchParams(location.search);
  /** @param {string} name */
  const read = (name) => query.get(`${prefix}${name}`) ?? "";
  /** @param {string} name */
  const whole = (name) => (/^[1-9]\d{0,5}$/.test(read(name)) ? Number(read(name)) : 0);
  const sort = read("sort");
  const told = columns.some((column) => column.sortable);
  /** @type {Record<string, string>} */ const chosen = {};
  for (const { column, options } of filters) {
    const value = read(`f.${column}`);
    if (value && (!options.length || options.some((option) => String(option.value) === value))) chosen[column] = value;
  }
  return {
    q: read("q").slice(0, 200),
    sort: columns.some(({ key, sortable }) => (sortable || !told) && key === sort.replace(/^-/, "")) ? sort : "",
    filters: chosen,
    page: whole("page") || 1,
    size: SIZES.includes(whole("size")) ? whole("size") : SIZE,
  };
}

/**
 * @param {Kept} kept
 * @param {ListState} state
 */
export function toAddress({ prefix, filters }, state) {
  const url = new URL(location.href);
  /** @type {Params} */
  const ours = {
    q: state.q,
    sort: state.sort,
    page: state.page > 1 ? state.page : "",
    size: state.size === SIZE ? "" : state.size,
  };
  for (const { column } of filters) ours[`f.${column}`] = state.filters[column] ?? "";
  for (const [name, value] of Object.entries(ours)) {
    if (value === "") url.searchParams.delete(`${prefix}${name}`);
    else url.searchParams.set(`${prefix}${name}`, String(value));
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/**
 * What the server is asked; a file has no pages.
 * @param {ListState} state
 * @param {Params} params
 * @returns {Params}
 */
export function queryFor({ q, sort, filters, page, size }, params, format = "json") {
  const chosen = Object.fromEntries(Object.entries(filters).map(([column, value]) => [`f.${column}`, value]));
  const asked = format === "json" ? { page, size } : { format, lang: english ? "en" : "zh" };
  return { ...params, q, sort, ...chosen, ...asked };
}
