import { h, swap } from "./dom.js";
import { english, t } from "./i18n.js";

const FOUND_MOST = 8;
const TYPED_MS = 120;
const LABEL = /^PZ1:([a-z][a-z0-9-]{1,39})(?:\/([A-Za-z0-9][A-Za-z0-9-]{0,29}))?$/;
const [EXACT, BEGINS, NAME, PINYIN, REST] = [0, 1, 2, 3, 4];

/** @param {Item} item */
export const nameOf = (item) => (english && item.en ? item.en : item.name);

// --- as the service finds (api/exchange/finding.py), without a network ------------------

/** @param {string} text */
const folded = (text) => text.normalize("NFKC").trim().toLowerCase();
/** @param {string} text */
const bareOf = (text) => text.replace(/[^\p{L}\p{N}]+/gu, "");

/**
 * Scanners differ: what one reads with zeros before it, another reads without.
 * @param {string} text
 */
const codeOf = (text) => (/^\d+$/.test(folded(text)) ? folded(text).replace(/^0+/, "") || folded(text) : folded(text));

const ways = new WeakMap();

/**
 * What an item is found by, a line for each way; the service knows the pinyin.
 * @param {Item} item
 */
function keysOf(item) {
  if (!ways.has(item))
    ways.set(
      item,
      item.keys ??
        [
          [item.code, ...(item.barcodes ?? [])].map(codeOf).join(" "),
          `${folded(item.name)} ${folded(item.en ?? "")}`,
          bareOf(folded(item.name)),
          "",
          "",
          item.category,
        ]
          .map((line) => ` ${line} `)
          .join("\n"),
    );
  return ways.get(item);
}

/**
 * How well an item fits a word; less is better.
 * @param {string[]} keys
 * @param {{ typed: string, bare: string, code: string }} word
 */
function rankOf([scanned, named, name, full, initials], { typed, bare, code }) {
  if (scanned.includes(` ${code} `)) return EXACT;
  const spoken = bare ? [name, full, initials] : [];
  if (scanned.includes(` ${typed}`) || named.includes(` ${typed}`) || spoken.some((line) => line.includes(` ${bare}`)))
    return BEGINS;
  if (named.includes(typed) || (bare && name.includes(bare))) return NAME;
  return bare && full.includes(bare) ? PINYIN : REST;
}

/**
 * Items that have every word of `query`: a name, pinyin or its initials, a code; best first.
 * @param {Item[]} items
 * @param {string} query
 */
function find(items, query, most = FOUND_MOST) {
  const words = folded(query)
    .split(/\s+/)
    .filter(Boolean)
    .map((typed) => ({ typed, bare: bareOf(typed), code: codeOf(typed) }));
  if (!words.length) return [];
  /** @type {[rank: number, item: Item][]} */ const found = [];
  for (const item of items) {
    const keys = keysOf(item);
    if (!words.every(({ typed, bare, code }) => [typed, bare, code].some((text) => text && keys.includes(text))))
      continue;
    const lines = keys.split("\n");
    found.push([Math.max(...words.map((word) => rankOf(lines, word))), item]);
  }
  return found
    .sort(
      ([rank, item], [other, than]) =>
        rank - other || item.name.length - than.name.length || (item.code < than.code ? -1 : 1),
    )
    .slice(0, most)
    .map(([, item]) => item);
}

/**
 * What a scanner read: a label of ours (PZ1:物资/批次), a code or a barcode; null if it is nothing that is known.
 * @param {Item[]} items
 * @param {string} text
 */
export function scanned(items, text) {
  const [, code, lot = ""] = LABEL.exec(text.trim()) ?? [null, codeOf(text), ""];
  const item =
    items.find((one) => one.code === code) ??
    items.find((one) => (one.barcodes ?? []).some((barcode) => codeOf(barcode) === code));
  return item ? { item, lot } : null;
}

// --- a box to find one in ---------------------------------------------------------------

let made = 0;

/** Finds an item by typing or scanning (查找物资). `items()`: all there are; `chosen(item, lot)`; `note(item)`: beside its name; `keep`: show what was chosen. */
export class ItemFinder {
  #typing = 0;

  /**
   * @param {HTMLElement} element
   * @param {ItemFinderOptions} options
   */
  constructor(element, { items, chosen, scan = null, note = () => "", label = "", keep = true, required = "" }) {
    made += 1;
    this.element = element;
    this.items = items;
    this.chosen = chosen;
    this.note = note;
    this.keep = keep;
    /** @type {Item | null} */
    this.value = null;
    this.search = h("input", {
      type: "search",
      id: `goods-${made}`,
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      maxlength: "100",
      enterkeyhint: "search",
      placeholder: t("名称、拼音、编码、条码"),
      "aria-label": label || t("查找物资"),
      name: required || null,
      required: Boolean(required),
    });
    this.search.addEventListener("input", (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) this.#typed(); // else Chinese is being typed
    });
    this.search.addEventListener("input", () =>
      this.search.setCustomValidity(this.search.value.trim() ? t("请选择物资") : ""),
    ); // words are no item
    this.search.addEventListener("compositionend", () => this.#typed());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.#enter();
      }
    });
    this.shown = h("p", { class: "goods-chosen", role: "status" });
    this.found = h("ul", { class: "found" });
    const camera =
      scan &&
      h(
        "button",
        {
          type: "button",
          class: "goods-scan",
          data: { key: `scan-${made}` },
          onclick: () => scan((one) => this.take(one.item, one.lot)),
        },
        t("扫一扫"),
      );
    this.box = h("div", { class: "goods-search" }, this.search, camera);
    element.replaceChildren(this.shown, this.box, this.found);
    this.take(null);
  }

  /**
   * Choose this one; null: none.
   * @param {Item | null} item
   */
  take(item, lot = "") {
    this.value = item;
    this.search.value = "";
    this.search.setCustomValidity("");
    swap(this.found);
    const held = this.keep ? item : null;
    this.box.hidden = held !== null;
    this.search.disabled = held !== null;
    this.shown.hidden = held === null;
    swap(
      this.shown,
      held && [
        h("strong", {}, nameOf(held)),
        " ",
        h("span", { class: "dim" }, this.note(held)),
        h(
          "button",
          {
            type: "button",
            "aria-label": t("另选：{name}", { name: nameOf(held) }),
            onclick: () => {
              this.take(null);
              this.search.focus();
            },
          },
          t("另选"),
        ),
      ],
    );
    this.chosen(item, lot);
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#look(), TYPED_MS);
  }

  /** A hand scanner types what it reads, and Enter. */
  #enter() {
    clearTimeout(this.#typing);
    const one = scanned(this.items(), this.search.value);
    if (one) this.take(one.item, one.lot);
    else this.#look(true);
  }

  #look(sure = false) {
    const found = find(this.items(), this.search.value);
    if (sure && found.length === 1) {
      this.take(found[0]);
      return;
    }
    const none = () => h("li", { class: "dim", role: "status" }, t("没有这种物资"));
    swap(
      this.found,
      found.length
        ? found.map((item) =>
            h(
              "li",
              {},
              h(
                "button",
                {
                  type: "button",
                  data: { key: `found-${item.code}`, found: item.code },
                  onclick: () => this.take(item),
                },
                h("span", {}, nameOf(item)),
                h("small", { class: "dim" }, this.note(item)),
              ),
            ),
          )
        : this.search.value.trim()
          ? none()
          : null,
    );
  }
}
