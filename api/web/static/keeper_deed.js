import { knowingly } from "./deciding.js";
import { $, $all, controlsIn } from "./dom.js";
import { names } from "./fmt.js";
import { checkFields, clearErrors, controlOf, valuesOf } from "./forms.js";
import { ItemFinder, nameOf } from "./keeper_find.js";
import { Amount, Basket } from "./keeper_parts.js";
import { said } from "./keeper_words.js";

const OF_PARTS = ["item", "quantity"];
const OF_LINE = ["item", "quantity", "made", "expires", "batch", "lot", "place"];

/**
 * Put values into a form again; radios and boxes too.
 * @param {HTMLFormElement} form
 * @param {Values} values
 */
function restore(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = controlOf(form, name);
    if (control?.type === "checkbox") control.checked = true;
    else if (control) control.value = value;
  }
}
/** @param {Record<string, Json>} values */
export const given = (values) =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null),
  );

/**
 * A dialog that makes one write (办理): asked, kept, sent by the outbox.
 * A subclass: `begin(subject)` fills it in; `made(values)`: {path, body, said} of what was filled in, or nothing.
 */
export class Deed {
  /** @type {Refused | null} */
  #mends = null; // the refused write this one replaces

  /**
   * @param {string} name
   * @param {KeeperPage} page
   */
  constructor(name, page) {
    this.name = name;
    this.page = page;
    this.known = page.known;
    this.box = $(name, HTMLDialogElement);
    this.form = $(`${name}-form`, HTMLFormElement);
    /** @type {Row} */
    this.subject = {};
    for (const close of $all(this.box, "[data-close]")) close.addEventListener("click", () => this.box.close());
    this.form.addEventListener("change", () => this.shape());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ready();
      if (checkFields(this.form)) this.#send();
    });
  }

  /**
   * Open it; `mends`: a refused write, whose values stand in it again.
   * @param {Row} [subject]
   * @param {Refused | null} [mends]
   */
  open(subject = {}, mends = null) {
    this.#mends = mends;
    clearErrors(this.form);
    this.form.reset();
    /** @type {Again} */
    const { values, subject: about, lines } = mends?.again ?? { values: {}, subject, lines: null };
    this.subject = about;
    restore(this.form, values);
    this.shape();
    this.begin(about, lines);
    const rest = Object.entries(values).filter(([name]) => !(lines && this.lined && OF_LINE.includes(name)));
    restore(this.form, Object.fromEntries(rest));
    this.shape();
    this.box.showModal();
    this.box.scrollTop = 0;
  }

  /** Whether its lines stand apart from its other values. */
  get lined() {
    return false;
  }

  /**
   * Fill it in; `lines`: those of a refused write.
   * @param {Row} _subject
   * @param {SlipLine[] | null} _lines
   */
  begin(_subject, _lines) {}

  /** It is about to be checked. */
  ready() {}

  /**
   * What was filled in; null: nothing that could be sent.
   * @param {Values} _values
   * @returns {Made | null}
   */
  made(_values) {
    return null;
  }

  /**
   * Its lines, to be written anew if they are refused.
   * @returns {SlipLine[] | null}
   */
  kept() {
    return null;
  }

  /** What it is about, to be opened anew. */
  about() {
    return this.subject;
  }

  /** It is kept; what else follows from it. */
  async after() {}

  /** Show what the chosen kind asks for, and nothing else. */
  shape() {
    const chosen = new Set($all(this.form, "[type=radio]:checked", HTMLInputElement).map((radio) => radio.value));
    for (const part of $all(this.form, "[data-for]")) {
      part.hidden = !(part.dataset.for ?? "").split(" ").some((kind) => chosen.has(kind));
      for (const control of controlsIn(part)) control.disabled = part.hidden || Boolean(control.parentElement?.hidden);
    }
  }

  async #send() {
    const values = valuesOf(this.form);
    const made = this.made(values);
    if (!made) return;
    const again = { deed: this.name, subject: this.about(), values, lines: this.kept() };
    const body = { ...made.body, ...(this.#mends && knowingly(this.#mends.error)) };
    const stored = await this.page.write(made.path, body, { ...made.said, again });
    if (!stored) return;
    await this.after();
    if (this.#mends) await this.page.dismiss(this.#mends.n);
    this.box.close();
  }

  /** @param {Partial<ItemFinderOptions>} [options] */
  finder(options = {}) {
    return new ItemFinder($(`${this.name}-goods`), {
      items: () => this.known.goods,
      scan: this.page.scan,
      /** @param {Item} item */
      note: (item) => this.page.note(item),
      required: "item",
      chosen: () => {},
      ...options,
    });
  }

  /**
   * What a write is about, for the list of what waits.
   * @param {string} what
   * @param {SlipLine[]} lines
   */
  saidOf(what, lines, more = "") {
    const each = lines.map(
      ({ item, quantity }) => `${nameOf(this.known.item(item))} ${said(quantity, this.known.item(item))}`,
    );
    return { what, name: [names(each, 2), more].filter(Boolean).join(" · "), about: lines.map(({ item }) => item) };
  }
}

/** A slip of several items: one line is written while others are ready. */
export class SlipDeed extends Deed {
  /**
   * @param {string} name
   * @param {KeeperPage} page
   */
  constructor(name, page) {
    super(name, page);
    this.amount = new Amount($(`${name}-amount`), { moved: () => this.moved() });
    this.basket = new Basket($(`${name}-basket`), {
      /** @param {Row} line */
      name: (line) => `${nameOf(this.known.item(line.item))} ${said(line.quantity, this.known.item(line.item))}`,
      moved: () => this.moved(),
    });
    this.goods = this.finder({ chosen: (item, lot) => this.chose(item, lot) });
    $(`${name}-more`).addEventListener("click", () => this.#more());
  }

  get lined() {
    return true;
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin({ item = null, lot = "" }, lines) {
    const all = lines ?? [];
    const [only = null, ...more] = all;
    this.basket.set(more.length ? all : []);
    this.goods.take(item ? this.known.item(item) : null, lot);
    if (only && !more.length) this.edit(only);
  }

  /**
   * This item is to be written now; null: none.
   * @param {Item | null} item
   * @param {string} [_lot]
   */
  chose(item, _lot) {
    this.amount?.set(item);
    if (item) this.amount.number.focus();
  }

  /**
   * Write this line again.
   * @param {SlipLine} line
   */
  edit(line) {
    const item = this.known.item(line.item);
    this.goods.take(item, line.lot);
    for (const name of OF_LINE)
      if (line[name] !== undefined && !OF_PARTS.includes(name)) controlOf(this.form, name).value = line[name];
    this.amount.set(item, line.quantity);
  }

  /** Something of the line has moved. */
  moved() {}

  /** Empty what is written of a line beside goods and quantity. */
  clear() {}

  /**
   * What is written of a line beside goods and quantity.
   * @returns {Row}
   */
  extra() {
    return {};
  }

  /**
   * The line that is being written; null if there is none.
   * @returns {SlipLine | null}
   */
  get line() {
    return this.goods.value && this.amount.value !== null
      ? { item: this.goods.value.code, quantity: this.amount.value, ...this.extra() }
      : null;
  }

  /** @returns {SlipLine[]} */
  get lines() {
    return [...this.basket.lines, ...(this.line ? [this.line] : [])];
  }

  kept() {
    return this.lines;
  }

  /** With lines that are ready no other one is needed. */
  ready() {
    const needed = !this.basket.lines.length || this.goods.value !== null;
    this.goods.search.required = needed;
    this.amount.number.required = needed;
  }

  /** Whether what is written needs no other date. */
  dated() {
    return true;
  }

  #more() {
    this.goods.search.required = true;
    this.amount.number.required = true;
    const { line } = this;
    if (!line || !this.amount.number.checkValidity()) {
      (this.goods.value ? this.amount.number : this.goods.search).reportValidity();
      return;
    }
    if (!this.dated()) {
      controlOf(this.form, "expires").reportValidity();
      return;
    }
    this.basket.add(line);
    this.clear();
    this.goods.take(null);
    this.goods.search.focus();
  }
}
