import { base, failureOf, get, queryOf } from "./api.js";
import { h, setText, swap } from "./dom.js";
import { count } from "./fmt.js";
import { either, lang, t } from "./i18n.js";
import { fromAddress, queryFor, toAddress } from "./list_address.js";
import { ListBar } from "./list_bar.js";
import { ListTable } from "./list_table.js";
import { optionsOf } from "./words.js";

const AGAIN_MS = 4000;
const PAUSE_MS = 1000; // between two refreshes of a busy world
let made = 0;

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
 * What is shown of a list, with what the API says of its columns.
 * @param {Pick<ListOptions, "columns" | "filters">} shown
 * @param {Column[]} told
 * @returns {{ columns: Column[], filters: Filter[] }}
 */
function known({ columns, filters = [] }, told) {
  const of = Object.fromEntries(told.map((column) => [column.key, column]));
  return {
    columns: columns
      .map((one) => (typeof one === "string" ? { key: one } : one))
      .map((one) => Object.assign({ label: "", kind: "text" }, of[one.key], one)),
    filters: filters
      .map((one) => (typeof one === "string" ? { column: one } : one))
      .map((one) => {
        const { label = "", words } = of[one.column] ?? {};
        return { label, options: optionsOf(words ?? {}), ...one };
      }),
  };
}

/**
 * One list (清单) of the API: search, filters, sorting, pages and downloads, kept in the page's address.
 *
 * `path`: below /api/v1/, answering {rows, total, page, pages, size, sort} (see api/http/lists.py)
 * `label`: what it lists; read out, and the name of the table
 * `columns`: the keys shown, in order; the first one names the row. {key, render(row) → text or node} where a cell is more
 *   than its value, {key, label, …} where the list of the API has no such column. Label, kind, words and whether it can be
 *   sorted by are asked for once, with the first rows
 * `rowHref(row)` or `onOpen(row)`: where the first cell leads; null: nowhere; `more(row)`: what stands below that
 * `rowKey(row)`: stays the same while the row changes (default: its id, key, code or seq); a control of a `render` keeps
 *   the focus over a refresh if it has a data-key
 * `filters`: the columns; {column, label, options: [{value, label}]} where label or words are not the column's own
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
  #retry = 0;
  #again = 0;
  #fetchedAt = -PAUSE_MS;
  #stale = false; // the world moved on while nobody could look, or while a request was under way
  /** @type {string | null} */
  #shown = null; // the query that the rows on screen answer

  /**
   * @param {HTMLElement} element
   * @param {ListOptions} options
   */
  constructor(element, options) {
    made += 1;
    const { path = "", label = "", prefix = "", columns, filters = [], source } = options;
    const given = known({ columns, filters }, []);
    const formats = source ? [] : ["xlsx", "csv"];
    this.element = element;
    this.options = options;
    this.path = path;
    this.kept = { prefix, ...given };
    this.asks = !source; // what the columns are
    this.params = options.params ?? (() => ({}));
    this.source = source ?? (async (query, signal) => /** @type {Page} */ (await get(path, query, signal)));
    this.state = fromAddress(this.kept);
    this.bar = new ListBar({ id: `list-${made}`, label, formats }, this.state, (change) => this.#ask(change));
    this.note = h("div", { class: "list-error", role: "alert", hidden: true });
    this.table = new ListTable(options, given.columns, (sort) => this.bar.sortBy(sort));
    this.found = h("p", { class: "list-found dim num", role: "status" });
    this.pager = h("nav", { class: "list-pager", "aria-label": t("分页"), hidden: true });
    element.classList.add("list");
    element.replaceChildren(
      this.bar.element,
      this.note,
      this.table.element,
      h("div", { class: "list-foot" }, this.found, this.pager),
    );
    document.addEventListener("visibilitychange", () => {
      if (this.#stale) this.refresh();
    });
    if (source) this.#show();
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

  /** Tick nothing any more. */
  unchoose() {
    this.table.unchoose();
  }

  /** Draw what depends on the columns: headings, filters, orders. */
  #show() {
    this.bar.show(this.kept);
    this.table.columns = this.kept.columns;
    this.table.heading(this.state.sort);
  }

  /**
   * Take what the API says of its columns; whether the address then asks for something else.
   * @param {Column[]} columns
   */
  #learn(columns) {
    this.asks = false;
    const asked = this.#question();
    this.kept = { ...this.kept, ...known(this.options, columns) };
    Object.assign(this.state, fromAddress(this.kept));
    this.#show();
    return this.#question() !== asked;
  }

  /** What is asked for, without how fresh it must be. */
  #question() {
    return JSON.stringify({ ...queryFor(this.state, this.params()), min_seq: null });
  }

  /**
   * Change what is asked for; every change but turning a page goes back to the first one.
   * @param {Partial<List["state"]>} change
   */
  #ask(change) {
    Object.assign(this.state, { page: 1 }, change);
    toAddress(this.kept, this.state);
    this.#load();
  }

  async #load({ quiet = false } = {}) {
    clearTimeout(this.#retry);
    clearTimeout(this.#again);
    this.#again = 0;
    this.#loading?.abort();
    const mine = new AbortController();
    this.#loading = mine;
    const query = /** @type {ListQuery} */ (queryFor(this.state, this.params()));
    const asked = this.#question();
    this.table.busy(true);
    if (this.#shown === null && !quiet) this.#skeleton();
    this.#downloads();
    let page = null;
    let failure = null;
    try {
      page = await this.source(this.asks ? { ...query, columns: true } : query, mine.signal);
    } catch (error) {
      failure = failureOf(error);
    }
    if (mine.signal.aborted || failure?.status === 401) return;
    this.#loading = null;
    this.#fetchedAt = performance.now();
    this.table.busy(false);
    if (page?.columns && this.#learn(page.columns)) {
      this.#load({ quiet });
      return;
    }
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
    this.#shown = asked;
    if (page.page !== this.state.page) {
      // the list has become shorter
      this.state.page = page.page;
      this.#shown = this.#question();
      toAddress(this.kept, this.state);
    }
    this.#render(page, quiet);
    this.options.onPage?.(page);
  }

  /**
   * @param {Failure} error
   * @param {string} asked
   */
  #failed(error, asked) {
    // Rows that answer another question would mislead; older ones that answer this one do not.
    if (this.#shown !== asked) {
      this.#shown = null;
      this.table.empty();
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
    this.options.onFail?.(error);
    // A refusal stays; a broken line or a fault of the server may be over in a moment.
    if (!error.status || error.status >= 500) this.#retry = setTimeout(() => this.#load({ quiet: true }), AGAIN_MS);
  }

  // --- drawing -----------------------------------------------------------------------

  #skeleton() {
    this.note.hidden = true;
    this.table.skeleton();
    setText(this.found, t("正在载入"));
  }

  /**
   * @param {Page} page
   * @param {boolean} quiet
   */
  #render({ rows, total, page, pages, sort }, quiet) {
    const { q, filters } = this.state;
    this.note.hidden = true;
    this.table.show(rows, sort || this.state.sort);
    if (!rows.length) this.table.nothing(q || Object.keys(filters).length ? () => this.bar.clear() : null);
    // A refresh nobody asked for is not read out unless the number has changed.
    const found =
      pages > 1
        ? t("共{total}条，第{page}页，共{pages}页", { total: count(total), page: count(page), pages: count(pages) })
        : t("共{total}条", { total: count(total) });
    setText(this.found, found);
    this.#turn(page, pages);
    if (!quiet && this.element.getBoundingClientRect().top < 0) this.element.scrollIntoView({ block: "start" });
    if (!quiet) this.table.element.scrollTop = 0;
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
    for (const link of this.bar.files)
      link.href = `${base}/api/v1/${this.path}?${queryOf(queryFor(this.state, this.params(), link.dataset.format))}`;
  }
}
