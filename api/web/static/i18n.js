import { $all } from "./dom.js";

// Chinese text is the key; the page carries the other language's catalogue.
const node = document.getElementById("i18n");
/** @type {Record<string, string>} */ const catalogue = node ? JSON.parse(node.textContent) : {};

const spoken = document.getElementById("words");
/** Every vocabulary (词汇表) in the reader's language, as the page carries it; see coordination/vocabulary.py. */
/** @type {Record<string, Words>} */ export const vocabulary = spoken ? JSON.parse(spoken.textContent) : {};

export const lang = document.documentElement.lang;
export const english = lang.startsWith("en");

/**
 * Translate `text`, then fill its `{name}` places.
 * @param {string} text
 * @param {Record<string, string | number | null | undefined>} [values]
 */
export function t(text, values = {}) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The reader's language of a pair of fields: `kind_zh`/`kind_en`, or `zh`/`en` without a name.
 * @param {Row} object
 * @returns {string}
 */
export function either(object, name = "") {
  /** @param {"zh" | "en"} tongue */
  const field = (tongue) => object[name ? `${name}_${tongue}` : tongue];
  return (english ? (field("en") ?? field("zh")) : (field("zh") ?? field("en"))) ?? "";
}

/** Language buttons: remember the choice and show the page again. */
export function bindLanguage() {
  for (const button of $all(document, "button[data-lang]")) {
    button.addEventListener("click", () => {
      // biome-ignore lint/suspicious/noDocumentCookie: not every browser here has the Cookie Store
      document.cookie = `lang=${button.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    });
  }
}
