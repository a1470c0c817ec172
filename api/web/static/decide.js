import { get, newKey, post } from "./api.js";
import { momentOf, Sheet } from "./deciding.js";
import { $all, $find, $in, h, swap } from "./dom.js";
import { checkFields, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either, english, t, vocabulary } from "./i18n.js";
import { pathOf } from "./page.js";
import { boxesOf, DECISIONS, tickedIn, word } from "./words.js";

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
 * `given`: fields that are settled already; `without`: those that are not asked for; `values`: what stands in the others to begin
 * with; `said`: what it is about, in a sentence; `done(receipt)`: told when it is stored; `choices`: what a field's values are,
 * where only the page knows; `trial`: a decision of the same fields that stores nothing, and how its answer is shown.
 * @param {string} name such as "stock.visit"
 * @param {DecideOptions} [options]
 */
export async function decide(name, { given = {}, without = [], values = {}, said = "", done, ...how } = {}) {
  /** @param {string} field */
  const settled = (field) => field in given || without.includes(field);
  if (!made.has(name)) made.set(name, sheetOf(name, how));
  const sheet = await /** @type {Promise<Sheet>} */ (made.get(name));
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (sheet.form.querySelectorAll("[data-field]")))
    field.hidden = settled(field.dataset.field ?? "");
  const controls = /** @type {NodeListOf<Control>} */ (sheet.form.querySelectorAll("input, select, textarea"));
  for (const control of controls) control.disabled = settled(control.name);
  // What is shown of a thing is more than its form asks for.
  const asked = new Set([...controls].map((control) => control.name));
  const plain = Object.entries(values).filter(([name, value]) => asked.has(name) && !Array.isArray(value));
  sheet.open({ given, done }, { said, values: Object.fromEntries(plain) });
  const room = $find(sheet.form, "[data-foreseen]");
  if (room) swap(room);
  for (const box of $all(sheet.form, ".picks input", HTMLInputElement))
    if (Array.isArray(values[box.name])) box.checked = values[box.name].includes(box.value);
  for (const text of $all(sheet.form, "textarea", HTMLTextAreaElement))
    if (Array.isArray(values[text.name])) text.value = values[text.name].join("\n");
}

/**
 * @param {string} name
 * @param {{ choices?: Record<string, Words>, trial?: Trial }} how
 */
async function sheetOf(name, { choices = {}, trial }) {
  const form = await formOf(name, choices);
  const id = `decide-${name.replaceAll(".", "-")}`;
  document.body.append(dialogOf(id, form));
  const sheet = new Sheet(id, {
    target: (values, { given }) => targetOf(form, sheet.form, values, given),
    done: (receipt, { done }) => done?.(receipt),
  });
  if (trial) bindTrial(sheet, await formOf(trial.name, choices), trial);
  return sheet;
}

/**
 * A decision's form; `choices`: values of fields that only the page knows.
 * @param {string} name
 * @param {Record<string, Words>} choices
 */
async function formOf(name, choices) {
  const form = await get(`decisions/${pathOf(...name.split("."))}`);
  for (const field of form.fields)
    field.choices = choices[field.name] ?? (field.words ? vocabulary[field.words] : null);
  return form;
}

/**
 * @param {Row} form
 * @param {HTMLFormElement} element
 * @param {Values} values
 * @param {Row} given
 */
function targetOf(form, element, values, given) {
  const body = { ...given, ...typed(form.fields, element, values) };
  return {
    path: form.path
      .slice(1)
      .replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {string} */ field) => taken(body, field)),
    body,
  };
}

/**
 * A button that asks what the decision would do, and shows it; nothing is stored (试算).
 * @param {Sheet} sheet
 * @param {Row} form
 * @param {Trial} trial
 */
function bindTrial(sheet, form, trial) {
  const room = h("div", { class: "foreseen", data: { foreseen: "" }, role: "status" });
  const button = h("button", { type: "button", data: { key: "trial" } }, trial.label);
  button.addEventListener("click", async () => {
    if (!checkFields(sheet.form)) return;
    await whileBusy([button], async () => {
      try {
        const { path, body } = targetOf(form, sheet.form, valuesOf(sheet.form), {});
        swap(room, trial.show(await post(path, body, { key: newKey() })));
        room.scrollIntoView({ block: "nearest" });
      } catch (error) {
        showRefusal(sheet.form, error);
      }
    });
  });
  const actions = $in(sheet.form, ".actions");
  actions.before(room);
  actions.prepend(button);
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
    { id, class: form.fields.some(boxed) ? "order" : "order narrow", "aria-labelledby": `${id}-heading` },
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
 * Whether a field is a list whose values are all known.
 * @param {Row} field
 */
const boxed = (field) => schemaOf(field).type === "array" && Boolean(field.choices);

/**
 * @param {string} form
 * @param {Row} field
 */
function fieldOf(form, field) {
  const id = `${form}-${field.name}`;
  const label = either(field) || field.name;
  const many = boxed(field);
  return h(
    many ? "fieldset" : "div",
    { class: many ? "field wide" : "field", data: { field: field.name } },
    many ? h("legend", {}, label) : h("label", { for: id }, label),
    many ? h("div", { class: "picks", id }, boxesOf(field.name, field.choices)) : controlOf(id, field),
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
 * @param {HTMLFormElement} form
 * @param {Values} values
 * @returns {Row}
 */
function typed(fields, form, values) {
  /** @type {Row} */
  const body = {};
  for (const field of fields) {
    if (boxed(field)) {
      body[field.name] = tickedIn($in(form, `[data-field="${field.name}"]`));
      continue;
    }
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
