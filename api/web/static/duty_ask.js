import { get } from "./api.js";
import { sayFailure } from "./deciding.js";
import { $, $all, $find, $in, h, swap } from "./dom.js";
import { checkFields, clearErrors, valuesOf } from "./forms.js";
import { either, t } from "./i18n.js";

const TYPED_MS = 300;
const FOUND = 8;

// --- asking ------------------------------------------------------------------------

const ask = {
  form: $("ask-form", HTMLFormElement),
  box: $("ask", HTMLDialogElement),
  /** @type {((values: Values | null) => void) | null} */
  done: null,
  typing: 0,
};
const FIELDS = ["count", "note", "what", "reason", "person"];
for (const close of $all(ask.box, "[data-close]")) close.addEventListener("click", () => ask.box.close());
ask.box.addEventListener("close", () => ask.done?.(null));
ask.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!checkFields(ask.form)) return;
  const values = valuesOf(ask.form);
  const done = ask.done;
  ask.done = null;
  ask.box.close();
  done?.(values);
});

/**
 * Ask for what a write needs; null if it was thought better of.
 * @param {{ title: string, said?: string, warning?: string, fields: string[], yes: string, danger?: boolean }} what
 */
export function asked({ title, said = "", warning = "", fields, yes, danger = false }) {
  clearErrors(ask.form);
  ask.form.reset();
  for (const name of FIELDS) {
    const field = $in(ask.form, `[data-field="${name}"]`);
    field.hidden = !fields.includes(name);
    for (const control of $all(field, "input, textarea", HTMLInputElement)) control.disabled = field.hidden;
  }
  $("ask-heading").textContent = title;
  const [about, caution, submit] = [
    $in(ask.form, "[data-subject]"),
    $("ask-warning"),
    $in(ask.form, "[type=submit]", HTMLButtonElement),
  ];
  [about.textContent, about.hidden] = [said, !said];
  [caution.textContent, caution.hidden] = [warning, !warning];
  submit.textContent = yes;
  submit.className = danger ? "danger" : "primary";
  ask.box.showModal();
  $find(ask.form, ":is(input, textarea):not([disabled])", HTMLInputElement)?.focus();
  return new Promise((/** @type {(values: Values | null) => void} */ resolve) => {
    ask.done = resolve;
  });
}

/**
 * People to choose from, as big as a thumb.
 * @param {Row[]} people
 * @param {string} none
 */
export function offer(people, none) {
  /** @param {Row} one */
  const choice = (one) =>
    h(
      "li",
      {},
      h(
        "label",
        { class: "tick" },
        h("input", { type: "radio", name: "person", value: one.id, required: true }),
        h(
          "span",
          {},
          either(one, "label") || one.label,
          " ",
          h("small", { class: "dim" }, [one.unit_name, one.community_name].filter(Boolean).join(" · ")),
        ),
      ),
    );
  // Without anybody the form lacks an answer all the same.
  const lack = () =>
    h(
      "li",
      { class: "empty" },
      none,
      h("input", {
        class: "hidden",
        type: "radio",
        name: "person",
        value: "",
        required: true,
        tabindex: "-1",
        "aria-hidden": "true",
      }),
    );
  swap($("ask-found"), people.length ? people.map(choice) : lack());
}

$("ask-search").addEventListener("input", () => {
  clearTimeout(ask.typing);
  ask.typing = setTimeout(async () => {
    const q = $("ask-search", HTMLInputElement).value.trim();
    if (!q) return;
    try {
      const { rows } = await get("people", { q, size: FOUND }, undefined, { keep401: true });
      if (q === $("ask-search", HTMLInputElement).value.trim()) offer(rows, t("没有找到可选的人"));
    } catch (error) {
      sayFailure(error);
    }
  }, TYPED_MS);
});
