import { $in, h } from "./dom.js";
import { t } from "./i18n.js";
import { SIZES } from "./list_address.js";

const TYPED_MS = 300;

/** @typedef {import("./list_address.js").ListState} ListState */

/** What stands over a list: search, filters, sorting, how many on a page, files to take away. */
export class ListBar {
  #typing = 0;

  /**
   * `ask(change)`: told what is wanted now; `formats`: of the files there are.
   * @param {{ id: string, label: string, formats: string[] }} list
   * @param {ListState} state
   * @param {(change: Partial<ListState>) => void} ask
   */
  constructor({ id, label, formats }, state, ask) {
    this.id = id;
    this.state = state;
    this.ask = ask;
    this.search = this.#searchBox(label);
    /** @type {HTMLElement[]} */ this.selects = []; // of the filters
    /** @type {HTMLElement | null} */ this.order = null;
    this.files = formats.map((format) =>
      h("a", { class: "button", download: "", data: { format } }, format === "xlsx" ? t("导出 Excel") : t("导出 CSV")),
    );
    const sizes = SIZES.map((size) => ({ value: size, label: t("{n}条", { n: size }) }));
    this.pages = this.#select("size", t("每页"), sizes, state.size, (size) => this.ask({ size: Number(size) }));
    this.element = h(
      "form",
      {
        class: "list-bar",
        role: "search",
        "aria-label": label || t("搜索"),
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          this.#typed();
        },
      },
      h("div", { class: "list-search" }, this.search),
      this.pages,
      this.files.length ? h("div", { class: "list-files", role: "group", "aria-label": t("导出") }, this.files) : null,
    );
  }

  /**
   * Offer what there is to filter and to sort by, once that is known.
   * @param {{ columns: Column[], filters: Filter[] }} list
   */
  show({ columns, filters }) {
    this.selects = filters.map((filter) => this.#filter(filter));
    this.order = this.#orders(columns);
    this.pages.before(...this.selects, ...(this.order ? [this.order] : []));
  }

  /** Ask for everything again. */
  clear() {
    this.search.value = "";
    for (const choice of this.selects) $in(choice, "select", HTMLSelectElement).value = "";
    this.ask({ q: "", filters: {} });
    this.search.focus();
  }

  /**
   * Sorted otherwise than by this bar.
   * @param {string} sort
   */
  sortBy(sort) {
    if (this.order) $in(this.order, "select", HTMLSelectElement).value = sort;
    this.ask({ sort });
  }

  /** @param {string} label */
  #searchBox(label) {
    const search = h("input", {
      type: "search",
      id: `${this.id}-q`,
      maxlength: "200",
      autocomplete: "off",
      placeholder: t("搜索"),
      "aria-label": label ? t("搜索{label}", { label }) : t("搜索"),
      oninput: (event) => {
        if (event.isComposing) return; // Chinese is being typed
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.#typed(), TYPED_MS);
      },
    });
    search.value = this.state.q;
    search.addEventListener("compositionend", () => this.#typed());
    search.addEventListener("search", () => this.#typed());
    return search;
  }

  #typed() {
    clearTimeout(this.#typing);
    const q = this.search.value.trim();
    if (q !== this.state.q) this.ask({ q });
  }

  /** @param {Filter} filter */
  #filter({ column, label, options }) {
    const all = [{ value: "", label: t("全部") }, ...options];
    return this.#select(`f-${column}`, label, all, this.state.filters[column] ?? "", (value) => {
      const { [column]: _old, ...rest } = this.state.filters;
      this.ask({ filters: value === "" ? rest : { ...rest, [column]: value } });
    });
  }

  /**
   * On a phone the headings are not there to be pressed.
   * @param {Column[]} columns
   */
  #orders(columns) {
    const orders = columns
      .filter((column) => column.sortable)
      .flatMap(({ key, label }) => [
        { value: key, label: t("{column}，升序", { column: label }) },
        { value: `-${key}`, label: t("{column}，降序", { column: label }) },
      ]);
    const all = [{ value: "", label: t("默认") }, ...orders];
    return orders.length
      ? this.#select("sort", t("排序"), all, this.state.sort, (sort) => this.ask({ sort }), "list-order")
      : null;
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {Option[]} options
   * @param {string | number} value
   * @param {(value: string) => void} chosen
   */
  #select(name, label, options, value, chosen, kind = "") {
    const select = h(
      "select",
      { id: `${this.id}-${name}`, onchange: (event) => chosen(event.currentTarget.value) },
      options.map((option) => h("option", { value: option.value }, option.label)),
    );
    select.value = String(value);
    return h("div", { class: `list-choice ${kind}` }, h("label", { for: select.id }, label), select);
  }
}
