import { ApiError } from "./api.js";
import { $all, $find, controlsIn } from "./dom.js";
import { refusalOf } from "./fmt.js";
import { either, english, t } from "./i18n.js";

/**
 * @param {ParentNode} form
 * @param {string} name
 */
const fieldOf = (form, name) => form.querySelector(`[data-field="${CSS.escape(name)}"]`);

/**
 * Take back every complaint of an earlier try.
 * @param {ParentNode} form
 */
export function clearErrors(form) {
  for (const note of $all(form, ".field-error, .form-error")) {
    note.hidden = true;
    note.textContent = "";
  }
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/**
 * Show a complaint at its field; false when the form has no such field.
 * @param {ParentNode} form
 * @param {string} name
 * @param {string} text
 */
function showAt(form, name, text) {
  const field = fieldOf(form, name) ?? fieldOf(form, name.split(/[.[]/)[0]);
  const note = field && $find(field, ".field-error");
  if (!note) return false;
  note.textContent = note.hidden ? text : `${note.textContent} ${text}`;
  note.hidden = false;
  for (const control of controlsIn(field)) {
    control.setAttribute("aria-invalid", "true");
    const ids = new Set(
      (control.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .filter(Boolean)
        .concat(note.id || []),
    );
    if (note.id) control.setAttribute("aria-describedby", [...ids].join(" "));
  }
  return true;
}

/**
 * Show a refusal: each field's part at its field, the sentence itself on top of the form.
 * @param {ParentNode} form
 * @param {unknown} error
 */
export function showRefusal(form, error) {
  if (!(error instanceof ApiError)) throw error;
  /** @param {ApiError | Fault} part */
  const said = (part) => refusalOf(part, error.facts);
  const whole = said(error) || error.code;
  const elsewhere = error.fields
    .filter((part) => !showAt(form, part.field, said(part)) && !whole.includes(said(part)))
    .map((part) => [either(part, "name"), said(part)].filter(Boolean).join(english ? ": " : "："));
  const note = $find(form, ".form-error");
  if (note) {
    note.textContent = [whole, ...elsewhere].join(" ");
    note.dataset.code = error.code;
    note.hidden = false;
  }
  $find(form, "[aria-invalid]")?.focus();
}

/**
 * What the browser can tell without the server, in the reader's language.
 * @param {HTMLFormElement} form
 */
export function checkFields(form) {
  clearErrors(form);
  for (const control of /** @type {Iterable<HTMLInputElement>} */ (/** @type {unknown} */ (form.elements))) {
    const blank = control.required && !control.value.trim(); // spaces alone say nothing
    if (!control.willValidate || (control.checkValidity() && !blank)) continue;
    const { customError, valueMissing, rangeUnderflow, rangeOverflow } = control.validity;
    const text = customError
      ? control.validationMessage
      : valueMissing || blank
        ? t("请填写")
        : rangeUnderflow || rangeOverflow
          ? t("须在 {min} 到 {max} 之间", { min: control.min, max: control.max })
          : t("格式不对");
    showAt(form, control.name, text);
  }
  const first = $find(form, "[aria-invalid]");
  first?.focus();
  return !first;
}

/**
 * The form's plain values, trimmed.
 * @param {HTMLFormElement} form
 * @returns {Values}
 */
export function valuesOf(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/**
 * The control of this name.
 * @template {Control | RadioNodeList} [E=HTMLInputElement]
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {new () => E} [_kind]
 */
export const controlOf = (form, name, _kind) => /** @type {E} */ (form.elements.namedItem(name));

/**
 * Keep a form from being sent twice by an impatient hand.
 * @template T
 * @param {Iterable<HTMLButtonElement>} buttons
 * @param {() => T | Promise<T>} work
 */
export async function whileBusy(buttons, work) {
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/**
 * A complaint of our own, told like one of the server's.
 * @param {string} field
 * @param {string} zh
 * @returns {never}
 */
export function refuse(field, zh) {
  throw new ApiError(422, {
    code: "form.incomplete",
    zh: t("请补全后再继续"),
    en: t("请补全后再继续"),
    fields: [{ field, zh, en: zh }],
  });
}
