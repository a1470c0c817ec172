import { ApiError } from "./api.js";
import { $find, $in, h } from "./dom.js";
import { count } from "./fmt.js";
import { controlOf, showRefusal } from "./forms.js";
import { either, t } from "./i18n.js";

/**
 * One cell of what is proposed; on a phone it stands under its label.
 * @param {string} label
 * @param {...Child} content
 */
export const cell = (label, ...content) =>
  h("td", { role: "cell", data: { label } }, h("span", { class: "list-value" }, content));

/**
 * What is proposed, to be looked through; the first of `heads` stands over the boxes.
 * @param {string} label
 * @param {string} kind
 * @param {Child[]} heads
 * @param {Child[]} rows
 */
export const proposedTable = (label, kind, heads, rows) =>
  h(
    "div",
    { class: "list" },
    h(
      "div",
      { class: "list-scroll", role: "group", tabindex: "0", "aria-label": label },
      h(
        "table",
        { class: `list-table ${kind}`.trim(), role: "table", "aria-label": label },
        h(
          "thead",
          { role: "rowgroup" },
          h(
            "tr",
            { role: "row" },
            heads.map((head, place) =>
              h("th", { scope: "col", role: "columnheader", class: place ? null : "list-tick" }, head),
            ),
          ),
        ),
        h("tbody", { role: "rowgroup" }, rows),
      ),
    ),
  );

/**
 * The box before a row, and whom or what it chooses.
 * @param {HTMLInputElement} box
 * @param {string} name
 */
export const tickCell = (box, name) =>
  h(
    "td",
    { role: "cell", class: "list-tick" },
    h("label", { class: "list-box" }, box, h("span", { class: "hidden" }, t("选中{name}", { name }))),
  );

/**
 * A long proposal is not drawn whole before somebody wants it.
 * @param {number} left
 * @param {() => void} show
 */
export const showRest = (left, show) =>
  left > 0 &&
  h(
    "p",
    { class: "more" },
    h("button", { type: "button", data: { key: "more" }, onclick: show }, t("显示其余{n}项", { n: count(left) })),
  );

/**
 * What turns the proposal into a decision: a reason and a button. What was written of the reason in `room` stays.
 * @param {HTMLElement} room
 * @param {{ id: string, reason: string, said: HTMLElement, send: (form: HTMLFormElement) => unknown }} how
 */
export function decisionForm(room, { id, reason, said, send }) {
  const form = h(
    "form",
    {
      id,
      class: "proposal-foot",
      method: "post",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        send(form);
      },
    },
    h("p", { class: "form-error", role: "alert", hidden: true }),
    said,
    h(
      "div",
      { class: "field wide", data: { field: "reason" } },
      h("label", { for: reason }, t("理由")),
      h("input", {
        id: reason,
        name: "reason",
        type: "text",
        required: true,
        maxlength: "500",
        "aria-describedby": `${reason}-error`,
      }),
      h("p", { class: "field-error", id: `${reason}-error`, hidden: true }),
    ),
    h("p", { class: "actions" }, h("button", { type: "submit", class: "danger" })),
  );
  const old = $find(room, `#${reason}`, HTMLInputElement);
  if (old) controlOf(form, "reason").value = old.value;
  return form;
}

/**
 * Say what was refused: the fault of each row that was sent in the row, which `draw` shows, and the rest on the form.
 * @param {HTMLElement} room
 * @param {string} form
 * @param {ApiError} error
 * @param {Row[]} sent
 * @param {() => void} draw
 */
export function blame(room, form, error, sent, draw) {
  const rest = error.fields.filter((one) => {
    const [, place] = /(?:legs|rows)[[.](\d+)/.exec(one.field) ?? [];
    const row = sent[place ? Number(place) : (one.row ?? 0) - 1];
    if (row) row.fault = either(one);
    return !row;
  });
  if (rest.length < error.fields.length) draw();
  showRefusal($in(room, form), new ApiError(error.status, { ...error, fields: rest }));
  ($find(room, "[data-fault]") ?? $in(room, ".form-error")).scrollIntoView({ block: "center" });
}
