import { h } from "./dom.js";
import { count } from "./fmt.js";

/**
 * @param {string} caption
 * @param {Child} content
 */
function scroll(caption, content) {
  return h("div", { class: "rows-scroll", role: "group", tabindex: "0", "aria-label": caption }, content);
}

/**
 * @param {Row} row
 * @param {Sight} column
 * @returns {number}
 */
const numberOf = (row, { name = "" }) => row[name];

/**
 * A small table: the first column names the row; a column of noughts says nothing and is left out.
 * @param {string} caption
 * @param {Named} first
 * @param {Sight[]} columns
 * @param {Row[]} rows
 */
export function table(caption, first, columns, rows) {
  const shown = columns.filter((column) => column.text || rows.some((row) => numberOf(row, column) > 0));
  return scroll(
    caption,
    h(
      "table",
      { class: "rows" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, first.label),
          shown.map((column) => h("th", { scope: "col", class: column.text ? null : "right" }, column.label)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, first.text(row)),
            shown.map((column) =>
              column.text
                ? h("td", {}, column.text(row))
                : h(
                    "td",
                    { class: "right num", data: numberOf(row, column) > 0 ? { some: "" } : {} },
                    count(numberOf(row, column)),
                  ),
            ),
          ),
        ),
      ),
    ),
  );
}

/**
 * A part of a preview; `total`: how many there are where not all are listed.
 * @param {string} name
 * @param {string} title
 * @param {Row[] | undefined} rows
 * @param {(rows: Row[]) => Child} content
 */
export function part(name, title, rows, content, total = rows?.length) {
  if (!rows?.length) return null;
  return h(
    "section",
    { class: "preview-part", data: { part: name } },
    h("h3", {}, title, h("span", { class: "count num" }, count(total))),
    content(rows),
  );
}
