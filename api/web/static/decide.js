import { get } from "./api.js";
import { momentOf, Sheet } from "./deciding.js";
import { h } from "./dom.js";
import { either, english, t } from "./i18n.js";
import { pathOf } from "./page.js";
import { DECISIONS, word } from "./words.js";

/** @type {Map<string, Promise<Sheet>>} */
const made = new Map();
/**
 * What a decision is called: on the button that asks for it, and on its form.
 * @param {string} name
 */
export const decisionOf = (name) => word(DECISIONS, name);

const LONG = 200; // characters from which on a text gets lines

/**
 * Ask for a decision by a form made of its declaration (see api/pages/forms.py): fields, words and bounds are the server's.
 * `given`: fields that are settled already; `without`: those that are not asked for; `said`: what it is about, in a sentence;
 * `done(receipt)`: told when it is stored.
 * @param {string} name such as "station.visit"
 * @param {{ given?: Row, without?: string[], said?: string, done?: (receipt: Receipt) => unknown }} [options]
 */
export async function decide(name, { given = {}, without = [], said = "", done } = {}) {
  /** @param {string} field */
  const settled = (field) => field in given || without.includes(field);
  if (!made.has(name)) made.set(name, sheetOf(name));
  const sheet = await /** @type {Promise<Sheet>} */ (made.get(name));
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (sheet.form.querySelectorAll("[data-field]")))
    field.hidden = settled(field.dataset.field ?? "");
  const controls = /** @type {NodeListOf<Control>} */ (sheet.form.querySelectorAll("input, select, textarea"));
  for (const control of controls) control.disabled = settled(control.name);
  sheet.open({ given, done }, { said });
}

/** @param {string} name */
async function sheetOf(name) {
  const form = await get(`decisions/${pathOf(...name.split("."))}`);
  const id = `decide-${name.replaceAll(".", "-")}`;
  document.body.append(dialogOf(id, form));
  return new Sheet(id, {
    target: (values, { given }) => {
      const body = { ...given, ...typed(form.fields, values) };
      return {
        path: form.path
          .slice(1)
          .replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {string} */ field) => taken(body, field)),
        body,
      };
    },
    done: (receipt, { done }) => done?.(receipt),
  });
}

/**
 * What stands in the path does not stand in the body.
 * @param {Row} body
 * @param {string} field
 */
function taken(body, field) {
  const value = encodeURIComponent(body[field]);
  delete body[field];
  return value;
}

/**
 * @param {string} id
 * @param {Row} form
 */
function dialogOf(id, form) {
  const title = decisionOf(form.name);
  return h(
    "dialog",
    { id, class: "order narrow", "aria-labelledby": `${id}-heading` },
    h(
      "header",
      {},
      h("h2", { id: `${id}-heading` }, title),
      h("button", { type: "button", class: "quiet", "data-close": true }, t("关闭")),
    ),
    h(
      "form",
      { id: `${id}-form`, method: "post", novalidate: true, data: { step: "form" } },
      h("p", { class: "form-error", role: "alert", hidden: true }),
      h("p", { class: "subject", "data-subject": true, hidden: true }),
      h(
        "div",
        { class: "fields" },
        form.fields.map((/** @type {Row} */ field) => fieldOf(id, field)),
      ),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", "data-close": true }, t("取消")),
        h("button", { type: "submit", class: "primary" }, t("提交")),
      ),
    ),
  );
}

/**
 * The schema of what is typed: null is what is left empty.
 * @param {Row} field
 * @returns {Row}
 */
const schemaOf = ({ schema }) => schema.anyOf?.find((/** @type {Row} */ one) => one.type !== "null") ?? schema;

/**
 * @param {string} form
 * @param {Row} field
 */
function fieldOf(form, field) {
  const id = `${form}-${field.name}`;
  return h(
    "div",
    { class: "field", data: { field: field.name } },
    h("label", { for: id }, either(field) || field.name),
    controlOf(id, field),
    english && field.help && h("p", { class: "help", id: `${id}-help` }, field.help),
    h("p", { class: "field-error", id: `${id}-error`, hidden: true }),
  );
}

/**
 * @param {string} id
 * @param {Row} field
 */
function controlOf(id, field) {
  const schema = schemaOf(field);
  const common = { id, name: field.name, required: field.required };
  if (schema.enum)
    return h(
      "select",
      common,
      schema.enum.map((/** @type {string} */ value) => h("option", { value }, value)),
    );
  if (schema.type === "boolean") return h("input", { ...common, required: false, type: "checkbox" });
  if (schema.type === "integer")
    return h("input", { ...common, type: "number", min: schema.minimum, max: schema.maximum });
  if (schema.format === "date-time") return h("input", { ...common, type: "datetime-local" });
  if (schema.type === "array") return h("textarea", { ...common, rows: 3 });
  if ((schema.maxLength ?? 0) >= LONG) return h("textarea", { ...common, rows: 2, maxlength: schema.maxLength });
  return h("input", { ...common, type: "text", maxlength: schema.maxLength, pattern: schema.pattern });
}

/**
 * What was typed, as the service takes it; what was left empty is not said.
 * @param {Row[]} fields
 * @param {Values} values
 * @returns {Row}
 */
function typed(fields, values) {
  /** @type {Row} */
  const body = {};
  for (const field of fields) {
    const value = values[field.name];
    const schema = schemaOf(field);
    if (schema.type === "boolean" && field.name in values) body[field.name] = value === "on";
    else if (!value) continue;
    else if (schema.type === "integer") body[field.name] = Number(value);
    else if (schema.format === "date-time") body[field.name] = momentOf(value);
    else if (schema.type === "array") body[field.name] = value.split(/\s+/);
    else body[field.name] = value;
  }
  return body;
}
