import { base } from "./api.js";
import { $find, h } from "./dom.js";
import { t } from "./i18n.js";
import { user } from "./page.js";

const KEY = `pingzhan-draft:${base}:${user?.account ?? ""}`;
const SECRET = new Set(["password", "file", "submit", "button"]);

/** @typedef {{ fields: [name: string, value: string, checked: boolean][], more: Row }} Draft */

/** @returns {Record<string, Draft>} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {Record<string, Draft>} drafts */
function keep(drafts) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(drafts));
  } catch {
    // full or forbidden: then the page stays as it is, until somebody leaves it
  }
}

/**
 * What a draft is known by: the page, the form, and what it is about.
 * @param {HTMLFormElement} form
 */
const nameOf = (form) => [location.pathname, form.id, form.dataset.draft ?? ""].join(" ");

/** @param {HTMLFormElement} form */
const controls = (form) =>
  /** @type {HTMLInputElement[]} */ ([...form.elements]).filter((one) => one.name && !SECRET.has(one.type));

/**
 * Whether somebody has written or chosen anything in a form that is open.
 * @param {HTMLFormElement} form
 */
function begun(form) {
  const dialog = form.closest("dialog");
  if (!form.id || form.id === "at" || (dialog && !dialog.open)) return false;
  return dialog !== null || controls(form).some((one) => one.value !== one.defaultValue);
}

/** Keep what is written on this page, for whoever wrote it, until they have signed in again; never a password. */
export function saveDrafts() {
  const drafts = kept();
  for (const form of document.forms) {
    if (!begun(form)) continue;
    /** @type {Row} */ const more = {};
    form.dispatchEvent(new CustomEvent("draft-save", { detail: more }));
    drafts[nameOf(form)] = { fields: controls(form).map((one) => [one.name, one.value, one.checked]), more };
  }
  keep(drafts);
}

/**
 * Write into a form what was kept of it; once.
 * @param {HTMLFormElement} form
 */
export function restoreDraft(form) {
  const { [nameOf(form)]: draft, ...others } = kept();
  $find(form, ".draft-note")?.remove();
  if (!draft) return false;
  keep(others);
  for (const one of controls(form)) {
    const same = draft.fields.filter(([name]) => name === one.name);
    if (one.type === "checkbox" || one.type === "radio") {
      const mine = same.find(([, value]) => value === one.value);
      if (mine) one.checked = mine[2];
    } else if (same.length) one.value = same[0][1];
  }
  form.dispatchEvent(new CustomEvent("draft-restore", { detail: draft.more }));
  form.prepend(h("p", { class: "draft-note", role: "status" }, t("已恢复登录失效前填写的内容，请核对后再提交")));
  return true;
}
