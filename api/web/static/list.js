import { base, failureOf, get, queryOf } from "./api.js";
import { $all, $in, h, setText, swap } from "./dom.js";
import { count, time } from "./fmt.js";
import { either, english, lang, t } from "./i18n.js";

const SIZES = [20, 50, 100, 200];
const SIZE = 50;
const TYPED_MS = 300;
const AGAIN_MS = 4000;
const PAUSE_MS = 1000; // between two refreshes of a busy world
let made = 0;

/**
 * What a cell shows when its column has no `render`.
 * @param {Column} column
 * @param {Json} value
 */
function plain(column, value) {
  if (value === null || value === undefined || value === "") return "—";
  if (column.kind === "time") return h("time", { datetime: value, title: time(value, "full") }, time(value, "short"));
  if (column.kind === "int" && typeof value === "number") return count(value);
  return Array.isArray(value) ? value.join(english ? ", " : "、") : String(value);
}

/**
 * A source for what came whole with an answer: searched, sorted and paged here.
 * `fetch(signal)`: {rows, seq}; `words(row)`: what is searched
 * @param {(signal: AbortSignal) => Promise<{ rows: Row[], seq: number }>} fetch
 * @param {(row: Row) => string} words
 * @param {string} standard
 * @returns {(query: ListQuery, signal: AbortSignal) => Promise<Page>}
 */
export function wholeSource(fetch, words, standard) {
  return async ({ q, sort, page, size }, signal) => {
    const { rows, seq } = await fetch(signal);
    const found = q ? rows.filter((row) => words(row).toLowerCase().includes(q.toLowerCase())) : [...rows];
    const by = sort || standard;
    const key = by.replace(/^-/, "");
    /** @type {(a: Json, b: Json) => number} */
    const order = (a, b) => (typeof a === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""), lang));
    found.sort((a, b) => order(a[key], b[key]) * (by.startsWith("-") ? -1 : 1));
    const pages = Math.max(1, Math.ceil(found.length / size));
    const at = Math.min(page, pages);
    return { rows: found.slice((at - 1) * size, at * size), total: found.length, page: at, pages, size, sort: by, seq };
  };
}

/**
 * One list (清单) of the API: search, filters, sorting, pages and downloads, kept in the page's address.
 *
 * `path`: below /api/v1/, answering {rows, total, page, pages, size, sort} (see api/http/lists.py)
 * `label`: what it lists; read out, and the name of the table
 * `columns`: [{key, label, kind: "text"|"int"|"time", sortable, render(row) → text or node}]; the first one names the row
 * `rowHref(row)` or `onOpen(row)`: where the first cell leads; null: nowhere
 * `rowKey(row)`: stays the same while the row changes (default: its id, key, code or seq); a control of a `render` keeps
 *   the focus over a refresh if it has a data-key
 * `filters`: [{column, label, options: [{value, label}]}]
 * `params()`: further parameters of every request, such as area and at
 * `empty`: what to say when there is nothing at all
 * `live(again)`: told once; calls `again()` whenever the world has moved on
 * `onPage(page)`: told of each answer; `onFail(error)`: of each that did not come
 * `prefix`: of the names in the address, where a page has two lists
 * `source(query, signal)`: answers instead of the API, with the same page; then there are no files
 * `onChoose(rows)`: a box before each row; told of all that are ticked, on other pages too. `choosable(row)`: whether it has one
 */
export class List {
  /** @type {AbortController | null} */
  #loading = null; // the request under way
  #typing = 0;
  #retry = 0;
  #again = 0;
  #fetchedAt = -PAUSE_MS;
  #stale = false; // the world moved on while nobody could look, or while a request was under way
  /** @type {string | null} */
  #shown = null; // the query that the rows on screen answer
  /** @type {Page | null} */
  #page = null;

  /**
   * @param {HTMLElement} element
   * @param {ListOptions} options
   */
  constructor(element, options) {
    made += 1;
    this.id = `list-${made}`;
    this.element = element;
    this.path = options.path ?? "";
    this.label = options.label ?? "";
    this.columns = options.columns;
    this.rowHref = options.rowHref;
    this.onOpen = options.onOpen;
    this.rowKey = options.rowKey ?? ((row) => row.id ?? row.key ?? row.code ?? row.seq);
    this.filters = options.filters ?? [];
    this.params = options.params ?? (() => ({}));
    this.empty = options.empty ?? "";
    this.onPage = options.onPage;
    this.onFail = options.onFail;
    this.prefix = options.prefix ?? "";
    this.source =
      options.source ?? (async (query, signal) => /** @type {Page} */ (await get(this.path, query, signal)));
    this.onChoose = options.onChoose;
    this.choosable = options.choosable ?? (() => true);
    /** @type {Map<string, Row>} */
    this.chosen = new Map(); // by key
    this.state = this.#fromAddress();
    this.note = h("div", { class: "list-error", role: "alert", hidden: true });
    this.head = h("tr", { role: "row" });
    this.body = h("tbody", { role: "rowgroup" });
    // Roles are said aloud: as cards the table is laid out as none, and browsers would then forget that it is one.
    this.table = h(
      "table",
      { class: "list-table", role: "table", "aria-label": this.label || null, "aria-busy": "true" },
      h("thead", { role: "rowgroup" }, this.head),
      this.body,
    );
    this.room = h(
      "div",
      { class: "list-scroll", role: "group", tabindex: "0", "aria-label": this.label || t("清单") },
      this.table,
    );
    this.found = h("p", { class: "list-found dim num", role: "status" });
    this.pager = h("nav", { class: "list-pager", "aria-label": t("分页"), hidden: true });
    this.search = this.#searchBox();
    this.selects = this.filters.map((filter) => this.#filter(filter));
    this.order = this.#orders();
    this.files = (options.source ? [] : ["xlsx", "csv"]).map((format) =>
      h("a", { class: "button", download: "", data: { format } }, format === "xlsx" ? t("导出 Excel") : t("导出 CSV")),
    );
    this.#build();
    options.live?.(() => this.refresh());
    this.#load();
  }

  /** Fetch again what is on screen, soon: a burst of changes is one request. */
  refresh() {
    if (this.#again) return;
    // Breaking off a slow answer for a newer one, again and again, would never show any.
    this.#stale = document.hidden || this.#loading !== null;
    if (this.#stale) return;
    const wait = Math.max(0, this.#fetchedAt + PAUSE_MS - performance.now());
    this.#again = setTimeout(() => {
      this.#again = 0;
      this.#load({ quiet: true });
    }, wait);
  }

  #seen = () => {
    if (this.#stale) this.refresh();
  };

  // --- the address -------------------------------------------------------------------

  #fromAddress() {
    const query = new URLSearchParams(location.search);
    /** @param {string} name */
    const read = (name) => query.get(`${this.prefix}${name}`) ?? "";
    /** @param {string} name */
    const whole = (name) => (/^[1-9]\d{0,5}$/.test(read(name)) ? Number(read(name)) : 0);
    const sort = read("sort");
    /** @type {Record<string, string>} */
    const filters = {};
    for (const { column, options } of this.filters) {
      const value = read(`f.${column}`);
      if (options.some((option) => String(option.value) === value)) filters[column] = value;
    }
    return {
      q: read("q").slice(0, 200),
      sort: this.columns.some((column) => column.sortable && column.key === sort.replace(/^-/, "")) ? sort : "",
      filters,
      page: whole("page") || 1,
      size: SIZES.includes(whole("size")) ? whole("size") : SIZE,
    };
  }

  #toAddress() {
    const url = new URL(location.href);
    /** @type {Params} */
    const ours = {
      q: this.state.q,
      sort: this.state.sort,
      page: this.state.page > 1 ? this.state.page : "",
      size: this.state.size === SIZE ? "" : this.state.size,
    };
    for (const { column } of this.filters) ours[`f.${column}`] = this.state.filters[column] ?? "";
    for (const [name, value] of Object.entries(ours)) {
      if (value === "") url.searchParams.delete(`${this.prefix}${name}`);
      else url.searchParams.set(`${this.prefix}${name}`, String(value));
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  /**
   * What the server is asked; a file has no pages.
   * @returns {Params}
   */
  #query(format = "json") {
    const { q, sort, filters, page, size } = this.state;
    const chosen = Object.fromEntries(Object.entries(filters).map(([column, value]) => [`f.${column}`, value]));
    const asked = format === "json" ? { page, size } : { format, lang: english ? "en" : "zh" };
    return { ...this.params(), q, sort, ...chosen, ...asked };
  }

  /** What is asked for, without how fresh it must be. */
  #question() {
    return JSON.stringify({ ...this.#query(), min_seq: null });
  }

  /** @param {string} format */
  #href(format) {
    return `${base}/api/v1/${this.path}?${queryOf(this.#query(format))}`;
  }

  // --- fetching ----------------------------------------------------------------------

  /**
   * Change what is asked for; every change but turning a page goes back to the first one.
   * @param {Partial<List["state"]>} change
   */
  #ask(change) {
    Object.assign(this.state, { page: 1 }, change);
    this.#toAddress();
    this.#load();
  }

  async #load({ quiet = false } = {}) {
    clearTimeout(this.#retry);
    clearTimeout(this.#again);
    this.#again = 0;
    this.#loading?.abort();
    const mine = new AbortController();
    this.#loading = mine;
    const query = /** @type {ListQuery} */ (this.#query());
    const asked = this.#question();
    this.table.setAttribute("aria-busy", "true");
    if (!this.#page && !quiet) this.#skeleton();
    this.#downloads();
    let page = null;
    let failure = null;
    try {
      page = await this.source(query, mine.signal);
    } catch (error) {
      failure = failureOf(error);
    }
    if (mine.signal.aborted || failure?.status === 401) return;
    this.#loading = null;
    this.#fetchedAt = performance.now();
    this.table.setAttribute("aria-busy", "false");
    if (page) this.#arrived(page, asked, quiet);
    else if (failure) this.#failed(failure, asked);
    if (this.#stale) this.refresh();
  }

  /**
   * @param {Page} page
   * @param {string} asked
   * @param {boolean} quiet
   */
  #arrived(page, asked, quiet) {
    this.#page = page;
    this.#shown = asked;
    if (page.page !== this.state.page) {
      // the list has become shorter
      this.state.page = page.page;
      this.#shown = this.#question();
      this.#toAddress();
    }
    this.#render(page, quiet);
    this.onPage?.(page);
  }

  /**
   * @param {Failure} error
   * @param {string} asked
   */
  #failed(error, asked) {
    // Rows that answer another question would mislead; older ones that answer this one do not.
    if (this.#shown !== asked) {
      this.#page = null;
      this.#shown = null;
      swap(this.body);
      setText(this.found, "");
      this.pager.hidden = true;
    }
    const why = either(error) || String(error.message ?? error);
    if (this.note.hidden || this.note.dataset.why !== why) {
      // said once, however often it is tried again
      this.note.dataset.why = why;
      this.note.replaceChildren(
        h("p", {}, h("strong", {}, t("取不到清单")), " ", why),
        h("button", { type: "button", onclick: () => this.#load() }, t("重试")),
      );
      this.note.hidden = false;
    }
    this.onFail?.(error);
    // A refusal stays; a broken line or a fault of the server may be over in a moment.
    if (!error.status || error.status >= 500) this.#retry = setTimeout(() => this.#load({ quiet: true }), AGAIN_MS);
  }

  // --- drawing -----------------------------------------------------------------------

  #build() {
    const size = this.#select(
      "size",
      t("每页"),
      SIZES.map((size) => ({ value: size, label: t("{n}条", { n: size }) })),
      this.state.size,
      (size) => this.#ask({ size: Number(size) }),
    );
    const bar = h(
      "form",
      {
        class: "list-bar",
        role: "search",
        "aria-label": this.label || t("搜索"),
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          this.#typed();
        },
      },
      h("div", { class: "list-search" }, this.search),
      this.selects,
      this.order,
      size,
      this.files.length ? h("div", { class: "list-files", role: "group", "aria-label": t("导出") }, this.files) : null,
    );
    this.element.classList.add("list");
    this.element.replaceChildren(bar, this.note, this.room, h("div", { class: "list-foot" }, this.found, this.pager));
    document.addEventListener("visibilitychange", this.#seen);
    this.#heading();
  }

  #searchBox() {
    const search = h("input", {
      type: "search",
      id: `${this.id}-q`,
      maxlength: "200",
      autocomplete: "off",
      placeholder: t("搜索"),
      "aria-label": this.label ? t("搜索{label}", { label: this.label }) : t("搜索"),
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
    if (q !== this.state.q) this.#ask({ q });
  }

  /** @param {Filter} filter */
  #filter({ column, label, options }) {
    const all = [{ value: "", label: t("全部") }, ...options];
    return this.#select(`f-${column}`, label, all, this.state.filters[column] ?? "", (value) => {
      const { [column]: _old, ...rest } = this.state.filters;
      this.#ask({ filters: value === "" ? rest : { ...rest, [column]: value } });
    });
  }

  /** On a phone the headings are not there to be pressed. */
  #orders() {
    const orders = this.columns
      .filter((column) => column.sortable)
      .flatMap(({ key, label }) => [
        { value: key, label: t("{column}，升序", { column: label }) },
        { value: `-${key}`, label: t("{column}，降序", { column: label }) },
      ]);
    const all = [{ value: "", label: t("默认") }, ...orders];
    return orders.length
      ? this.#select("sort", t("排序"), all, this.state.sort, (sort) => this.#ask({ sort }), "list-order")
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

  /** The headings; a button on each column that sorts. */
  #heading() {
    const sort = this.#page?.sort || this.state.sort;
    swap(
      this.head,
      this.onChoose ? h("th", { scope: "col", role: "columnheader", class: "list-tick" }, this.#tickAll()) : null,
      this.columns.map((column) => {
        const kind = column.kind === "int" ? "right" : null;
        if (!column.sortable) return h("th", { scope: "col", role: "columnheader", class: kind }, column.label);
        const [up, down] = [sort === column.key, sort === `-${column.key}`];
        return h(
          "th",
          {
            scope: "col",
            role: "columnheader",
            class: kind,
            "aria-sort": up ? "ascending" : down ? "descending" : "none",
          },
          h(
            "button",
            {
              type: "button",
              class: "list-sort",
              data: { key: `sort-${column.key}` },
              onclick: () => this.#sortBy(up ? `-${column.key}` : column.key),
            },
            column.label,
            h("span", { class: "list-arrow", "aria-hidden": "true" }, up ? "▲" : down ? "▼" : "↕"),
          ),
        );
      }),
    );
  }

  // --- choosing rows -----------------------------------------------------------------

  #tickAll() {
    const rows = (this.#page?.rows ?? []).filter(this.choosable);
    const box = h("input", {
      type: "checkbox",
      data: { key: "tick-all" },
      "aria-label": t("选中本页全部"),
      onchange: () => {
        for (const row of rows) this.#choose(row, box.checked);
        this.#told();
      },
    });
    box.checked = rows.length > 0 && rows.every((row) => this.chosen.has(this.rowKey(row)));
    box.disabled = !rows.length;
    return h("label", { class: "list-box" }, box);
  }

  /**
   * @param {Row} row
   * @param {string} key
   */
  #tick(row, key) {
    const box = h("input", {
      type: "checkbox",
      value: key,
      data: { key: `tick-${key}` },
      onchange: () => {
        this.#choose(row, box.checked);
        this.#told();
      },
    });
    box.checked = this.chosen.has(key);
    const name = this.columns[0].text?.(row) ?? row[this.columns[0].key];
    return h(
      "td",
      { role: "cell", class: "list-tick" },
      this.choosable(row)
        ? h("label", { class: "list-box" }, box, h("span", { class: "hidden" }, t("选中{name}", { name })))
        : null,
    );
  }

  /**
   * @param {Row} row
   * @param {boolean} wanted
   */
  #choose(row, wanted) {
    if (wanted) this.chosen.set(this.rowKey(row), row);
    else this.chosen.delete(this.rowKey(row));
  }

  #told() {
    this.#heading();
    for (const box of $all(this.body, ".list-tick input", HTMLInputElement)) box.checked = this.chosen.has(box.value);
    this.onChoose?.([...this.chosen.values()]);
  }

  /** Tick nothing any more. */
  unchoose() {
    this.chosen.clear();
    this.#told();
  }

  /** @param {string} sort */
  #sortBy(sort) {
    if (this.order) $in(this.order, "select", HTMLSelectElement).value = sort;
    this.#ask({ sort });
  }

  #skeleton() {
    this.note.hidden = true;
    swap(
      this.body,
      Array.from({ length: 6 }, () =>
        h(
          "tr",
          { role: "row", class: "list-wait" },
          h(
            "td",
            { role: "cell", colspan: String(this.columns.length + (this.onChoose ? 1 : 0)) },
            h("span", { class: "skeleton" }),
          ),
        ),
      ),
    );
    setText(this.found, t("正在载入"));
  }

  /**
   * @param {Page} page
   * @param {boolean} quiet
   */
  #render({ rows, total, page, pages }, quiet) {
    this.note.hidden = true;
    this.#heading();
    swap(
      this.body,
      rows.map((row, index) => this.#row(row, index)),
    );
    if (!rows.length) this.#nothing();
    // A refresh nobody asked for is not read out unless the number has changed.
    const found =
      pages > 1
        ? t("共{total}条，第{page}页，共{pages}页", { total: count(total), page: count(page), pages: count(pages) })
        : t("共{total}条", { total: count(total) });
    setText(this.found, found);
    this.#turn(page, pages);
    if (!quiet && this.element.getBoundingClientRect().top < 0) this.element.scrollIntoView({ block: "start" });
    if (!quiet) this.room.scrollTop = 0;
  }

  /**
   * @param {Row} row
   * @param {number} index
   */
  #row(row, index) {
    const key = this.rowKey(row) ?? index;
    const cells = this.columns.map((column, place) => {
      const shown = column.render ? column.render(row) : plain(column, row[column.key]);
      const kind = [column.kind === "int" && "right", column.kind !== "text" && "num"].filter(Boolean).join(" ");
      return h(
        place ? "td" : "th",
        {
          role: place ? "cell" : "rowheader",
          scope: place ? null : "row",
          class: kind || null,
          data: { label: column.label },
        },
        h("span", { class: "list-value" }, place ? shown : this.#opener(row, key, shown)),
      );
    });
    if (this.chosen.has(key)) this.chosen.set(key, row);
    return h("tr", { role: "row", data: { row: key } }, this.onChoose ? this.#tick(row, key) : null, cells);
  }

  /**
   * @param {Row} row
   * @param {string} key
   * @param {Child} shown
   */
  #opener(row, key, shown) {
    const href = this.rowHref?.(row);
    if (href) return h("a", { href, data: { key: `row-${key}` } }, shown);
    if (this.onOpen)
      return h(
        "button",
        { type: "button", class: "link", data: { key: `row-${key}` }, onclick: () => this.onOpen?.(row) },
        shown,
      );
    return shown;
  }

  #nothing() {
    const { q, filters } = this.state;
    const narrowed = q || Object.keys(filters).length;
    swap(
      this.body,
      h(
        "tr",
        { role: "row", class: "list-none" },
        h(
          "td",
          { role: "cell", colspan: String(this.columns.length + (this.onChoose ? 1 : 0)) },
          h("p", { class: "empty" }, narrowed ? t("没有符合条件的记录") : this.empty || t("还没有记录")),
          narrowed
            ? h(
                "p",
                { class: "list-clear" },
                h("button", { type: "button", data: { key: "clear" }, onclick: () => this.#clear() }, t("清除条件")),
              )
            : null,
        ),
      ),
    );
  }

  #clear() {
    this.search.value = "";
    for (const choice of this.selects) $in(choice, "select", HTMLSelectElement).value = "";
    this.#ask({ q: "", filters: {} });
    this.search.focus();
  }

  /**
   * @param {number} page
   * @param {number} pages
   */
  #turn(page, pages) {
    this.pager.hidden = pages <= 1;
    // A disabled button would lose the focus of who is paging with the keyboard.
    /**
     * @param {string} label
     * @param {number} to
     */
    const turn = (label, to) =>
      h(
        "button",
        {
          type: "button",
          data: { key: `page-${label}` },
          "aria-disabled": to < 1 || to > pages ? "true" : null,
          onclick: () => {
            if (to >= 1 && to <= pages) this.#ask({ page: to });
          },
        },
        label,
      );
    swap(
      this.pager,
      turn(t("上一页"), page - 1),
      h("span", { class: "num", "aria-hidden": "true" }, `${count(page)} / ${count(pages)}`),
      turn(t("下一页"), page + 1),
    );
  }

  #downloads() {
    for (const link of this.files) link.href = this.#href(link.dataset.format ?? "");
  }
}
