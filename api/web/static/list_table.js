import { $all, h, swap } from "./dom.js";
import { count, time } from "./fmt.js";
import { either, english, t } from "./i18n.js";
import { badge } from "./words.js";

/**
 * What a cell shows when its column has no `render`.
 * @param {Column} column
 * @param {Row} row
 */
function plain(column, row) {
  const value = row[column.key];
  if (column.key === "state" && column.words) return badge(column.words, value);
  if (column.words) return either(row, column.key) || "—";
  if (value === null || value === undefined || value === "") return "—";
  if (column.kind === "time") return h("time", { datetime: value, title: time(value, "full") }, time(value, "short"));
  if (column.kind === "int" && typeof value === "number") return count(value);
  return Array.isArray(value) ? value.join(english ? ", " : "、") : String(value);
}

/** The rows of a list under their headings, with a box before each where some can be chosen. */
export class ListTable {
  /** @type {Row[]} */
  #rows = []; // those on screen
  #sort = "";

  /**
   * `sortBy(sort)`: told when a heading is pressed.
   * @param {ListOptions} options
   * @param {Column[]} columns
   * @param {(sort: string) => void} sortBy
   */
  constructor(options, columns, sortBy) {
    this.options = options;
    this.columns = columns;
    this.rowKey = options.rowKey ?? ((row) => row.id ?? row.key ?? row.code ?? row.seq);
    this.choosable = options.choosable ?? (() => true);
    this.sortBy = sortBy;
    /** @type {Map<string, Row>} */
    this.chosen = new Map(); // by key
    this.head = h("tr", { role: "row" });
    this.body = h("tbody", { role: "rowgroup" });
    // Roles are said aloud: as cards the table is laid out as none, and browsers would then forget that it is one.
    this.table = h(
      "table",
      { class: "list-table", role: "table", "aria-label": options.label || null, "aria-busy": "true" },
      h("thead", { role: "rowgroup" }, this.head),
      this.body,
    );
    this.element = h(
      "div",
      { class: "list-scroll", role: "group", tabindex: "0", "aria-label": options.label || t("清单") },
      this.table,
    );
  }

  /** @param {boolean} yes */
  busy(yes) {
    this.table.setAttribute("aria-busy", String(yes));
  }

  /**
   * @param {Row[]} rows
   * @param {string} sort
   */
  show(rows, sort) {
    this.#rows = rows;
    this.heading(sort);
    swap(
      this.body,
      rows.map((row, index) => this.#row(row, index)),
    );
  }

  skeleton() {
    swap(
      this.body,
      Array.from({ length: 6 }, () => this.#across("list-wait", h("span", { class: "skeleton" }))),
    );
  }

  /**
   * That there is nothing; `clear`: takes back what narrows the list, null if nothing does.
   * @param {(() => void) | null} clear
   */
  nothing(clear) {
    const none = clear ? t("没有符合条件的记录") : this.options.empty || t("还没有记录");
    const more =
      clear &&
      h(
        "p",
        { class: "list-clear" },
        h("button", { type: "button", data: { key: "clear" }, onclick: clear }, t("清除条件")),
      );
    swap(this.body, this.#across("list-none", h("p", { class: "empty" }, none), more));
  }

  empty() {
    this.#rows = [];
    swap(this.body);
  }

  /** Tick nothing any more. */
  unchoose() {
    this.chosen.clear();
    this.#told();
  }

  /**
   * One row as wide as all columns.
   * @param {string} kind
   * @param {...Child} content
   */
  #across(kind, ...content) {
    const colspan = String(this.columns.length + (this.options.onChoose ? 1 : 0));
    return h("tr", { role: "row", class: kind }, h("td", { role: "cell", colspan }, content));
  }

  /**
   * The headings; a button on each column that sorts.
   * @param {string} sort
   */
  heading(sort) {
    this.#sort = sort;
    swap(
      this.head,
      this.options.onChoose
        ? h("th", { scope: "col", role: "columnheader", class: "list-tick" }, this.#tickAll())
        : null,
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
              onclick: () => this.sortBy(up ? `-${column.key}` : column.key),
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
    const rows = this.#rows.filter(this.choosable);
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
    const name = row[this.columns[0].key];
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
    this.heading(this.#sort);
    for (const box of $all(this.body, ".list-tick input", HTMLInputElement)) box.checked = this.chosen.has(box.value);
    this.options.onChoose?.([...this.chosen.values()]);
  }

  // --- rows --------------------------------------------------------------------------

  /**
   * @param {Row} row
   * @param {number} index
   */
  #row(row, index) {
    const key = this.rowKey(row) ?? index;
    const cells = this.columns.map((column, place) => {
      const shown = column.render ? column.render(row) : plain(column, row);
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
        place ? null : this.options.more?.(row),
      );
    });
    if (this.chosen.has(key)) this.chosen.set(key, row);
    return h("tr", { role: "row", data: { row: key } }, this.options.onChoose ? this.#tick(row, key) : null, cells);
  }

  /**
   * @param {Row} row
   * @param {string} key
   * @param {Child} shown
   */
  #opener(row, key, shown) {
    const { rowHref, onOpen } = this.options;
    const href = rowHref?.(row);
    if (href) return h("a", { href, data: { key: `row-${key}` } }, shown);
    if (!onOpen) return shown;
    return h(
      "button",
      { type: "button", class: "link", data: { key: `row-${key}` }, onclick: () => onOpen(row) },
      shown,
    );
  }
}
