import { ApiError } from "./api.js";
import { refusalOf } from "./fmt.js";
import { t } from "./i18n.js";

const fieldOf = (form, name) => form.querySelector(`[data-field="${CSS.escape(name)}"]`);

/** Take back every complaint of an earlier try. */
export function clearErrors(form) {
  for (const note of form.querySelectorAll(".field-error, .form-error")) {
    note.hidden = true;
    note.textContent = "";
  }
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** Show a complaint at its field; false when the form has no such field. */
function showAt(form, name, text) {
  const field = fieldOf(form, name) ?? fieldOf(form, name.split(/[.[]/)[0]);
  const note = field?.querySelector(".field-error");
  if (!note) return false;
  note.textContent = note.hidden ? text : `${note.textContent} ${text}`;
  note.hidden = false;
  for (const control of field.querySelectorAll("input, select, textarea")) {
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

/** Show a refusal: each field's part at its field, the sentence itself on top of the form. */
export function showRefusal(form, error) {
  if (!(error instanceof ApiError)) throw error;
  const said = (part) => refusalOf(part, error.facts);
  const elsewhere = error.fields.filter((part) => !showAt(form, part.field, said(part))).map(said);
  const note = form.querySelector(".form-error");
  if (note) {
    note.textContent = [said(error) || error.code, ...elsewhere].join(" ");
    note.dataset.code = error.code;
    note.hidden = false;
  }
  form.querySelector("[aria-invalid]")?.focus();
}

/** What the browser can tell without the server, in the reader's language. */
export function checkFields(form) {
  clearErrors(form);
  for (const control of form.elements) {
    if (!control.willValidate || control.checkValidity()) continue;
    const { customError, valueMissing, rangeUnderflow, rangeOverflow } = control.validity;
    const text = customError
      ? control.validationMessage
      : valueMissing
        ? t("请填写")
        : rangeUnderflow || rangeOverflow
          ? t("须在 {min} 到 {max} 之间", { min: control.min, max: control.max })
          : t("格式不对");
    showAt(form, control.name, text);
  }
  const first = form.querySelector("[aria-invalid]");
  first?.focus();
  return !first;
}

/** The form's plain values, trimmed. */
export function valuesOf(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}

/** Keep a form from being sent twice by an impatient hand. */
export async function whileBusy(buttons, work) {
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
