import { $find, h, swap } from "./dom.js";
import { count, unitsOf, unitWord } from "./fmt.js";
import { t } from "./i18n.js";
import { said } from "./keeper_words.js";

const MOST = 1000000000;
let made = 0;

/** A quantity (数量), told in base units or in packagings; `value`: base units, null if it is none. */
export class Amount {
  /**
   * @param {HTMLElement} element
   * @param {{ moved?: () => void }} [how]
   */
  constructor(element, { moved = () => {} } = {}) {
    made += 1;
    this.key = made;
    this.moved = moved;
    /** @type {Item | null} */
    this.item = null;
    this.number = h("input", {
      type: "number",
      id: `amount-${made}`,
      name: "quantity",
      min: "1",
      max: String(MOST),
      step: "1",
      inputmode: "numeric",
      autocomplete: "off",
      required: true,
      "aria-label": t("数量"),
      oninput: () => this.#say(),
    });
    this.units = h("div", { class: "segments units", role: "radiogroup", "aria-label": t("单位") });
    this.sum = h("p", { class: "sum", role: "status" });
    element.replaceChildren(this.number, this.units, this.sum);
  }

  /**
   * Of this item from now on; null: of none.
   * @param {Item | null} item
   * @param {number | string} quantity
   */
  set(item, quantity = "") {
    this.item = item;
    this.number.value = String(quantity);
    const units = item ? [{ unit: item.unit, factor: 1 }, ...(item.packagings ?? [])] : [];
    this.units.hidden = units.length < 2;
    swap(
      this.units,
      units.map(({ unit, factor }, at) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            name: `unit-${this.key}`,
            value: factor,
            checked: at === 0,
            onchange: () => this.#say(),
          }),
          h(
            "span",
            {},
            factor === 1
              ? unitWord(unit)
              : t("{pack}（{n}{unit}）", {
                  pack: unitWord(unit),
                  n: count(factor),
                  unit: unitsOf(factor, item?.unit ?? ""),
                }),
          ),
        ),
      ),
    );
    this.#say();
  }

  get value() {
    const n = Number(this.number.value);
    const factor = Number($find(this.units, "input:checked", HTMLInputElement)?.value ?? 1);
    return this.item && this.number.value !== "" && Number.isSafeInteger(n) && n > 0 ? n * factor : null;
  }

  #say() {
    const { item, value } = this;
    const sum = item && value !== null && value !== Number(this.number.value);
    swap(this.sum, sum && t("合{n}", { n: said(value, item) }));
    this.moved();
  }
}

/** Lines that are ready (单据行), one on each row, to be taken off again. */
export class Basket {
  /**
   * @param {HTMLElement} element
   * @param {{ name: (line: Row) => string, moved?: () => void }} how
   */
  constructor(element, { name, moved = () => {} }) {
    this.element = element;
    this.name = name;
    this.moved = moved;
    /** @type {SlipLine[]} */
    this.lines = [];
  }

  /** @param {SlipLine[]} lines */
  set(lines) {
    this.lines = lines;
    swap(
      this.element,
      lines.map((line, at) =>
        h(
          "li",
          {},
          h("span", {}, this.name(line)),
          h(
            "button",
            {
              type: "button",
              data: { key: `drop-${at}` },
              "aria-label": t("去掉：{name}", { name: this.name(line) }),
              onclick: () => this.set(lines.filter((one) => one !== line)),
            },
            t("去掉"),
          ),
        ),
      ),
    );
    this.moved();
  }

  /** @param {SlipLine} line */
  add(line) {
    this.set([...this.lines, line]);
  }
}

/** Quantities that are preset and can be lowered (少了): one row for each line {item, lot, quantity}. */
export class Lowered {
  /**
   * @param {HTMLElement} element
   * @param {{ item: (code: string) => Item, name?: (line: Row) => string, moved?: () => void }} how
   */
  constructor(element, { item, name = () => "", moved = () => {} }) {
    this.element = element;
    this.item = item;
    this.name = name;
    this.moved = moved;
    /** @type {{ line: SlipLine, number: HTMLInputElement }[]} */
    this.rows = [];
  }

  /**
   * `from`: what to begin with: all of it, or nothing.
   * @param {SlipLine[]} lines
   */
  set(lines, from = "all") {
    made += 1;
    this.rows = lines.map((line, at) => {
      const number = h("input", {
        type: "number",
        id: `lowered-${made}-${at}`,
        name: "lines",
        min: "0",
        max: String(line.quantity),
        step: "1",
        inputmode: "numeric",
        autocomplete: "off",
        required: true,
        value: String(from === "all" ? line.quantity : 0),
        oninput: () => this.moved(),
      });
      return { line, number };
    });
    swap(
      this.element,
      this.rows.map((row) => this.#row(row)),
    );
    this.moved();
  }

  /** @param {{ line: SlipLine, number: HTMLInputElement }} row */
  #row({ line, number }) {
    const item = this.item(line.item);
    /** @param {number} by */
    const step = (by) => {
      number.value = String(Math.min(line.quantity, Math.max(0, Number(number.value) + by)));
      this.moved();
    };
    return h(
      "li",
      { data: { line: `${line.item}/${line.lot}` } },
      h(
        "label",
        { for: number.id },
        h("strong", {}, this.name(line)),
        " ",
        h(
          "span",
          { class: "dim" },
          [line.lot, t("应有{n}", { n: said(line.quantity, item) })].filter(Boolean).join(" · "),
        ),
      ),
      h(
        "div",
        { class: "stepper" },
        h("button", { type: "button", data: { key: `less-${number.id}` }, onclick: () => step(-1) }, t("少了")),
        number,
        h(
          "button",
          {
            type: "button",
            data: { key: `more-${number.id}` },
            "aria-label": t("加一：{name}", { name: this.name(line) }),
            onclick: () => step(1),
          },
          "+",
        ),
      ),
    );
  }

  get lines() {
    return this.rows
      .map(({ line: { item, lot }, number }) => ({ item, lot, quantity: Number(number.value) }))
      .filter((line) => line.quantity > 0);
  }

  /** What is missing of each: [line, how much]. */
  get missing() {
    return this.rows
      .map(({ line, number }) => /** @type {const} */ ([line, line.quantity - Number(number.value)]))
      .filter(([, n]) => n > 0);
  }
}
