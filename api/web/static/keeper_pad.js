import { $, $in, h, swap } from "./dom.js";
import { count, unitWord } from "./fmt.js";
import { t } from "./i18n.js";
import { nameOf } from "./keeper_find.js";
import { expiry, said } from "./keeper_words.js";
import { now } from "./page.js";

const MOST = 1000000000;
const DIGITS_MOST = 9;

/** A pad of numbers as big as a thumb, for what was counted of one lot: typed, or so many of a packaging at a time. */
export class Pad {
  #sum = 0;
  #typed = "";

  /**
   * @param {HTMLElement} body
   * @param {Row} line
   * @param {Item} item
   * @param {{ done: (counted: number) => unknown, back: () => void }} how
   */
  constructor(body, line, item, { done, back }) {
    this.body = body;
    this.item = item;
    this.done = done;
    this.back = back;
    this.#draw(line);
  }

  get #total() {
    return this.#sum + Number(this.#typed || 0);
  }

  /** @param {Row} line */
  #draw(line) {
    const { item } = this;
    /** @param {number} n */
    const digit = (n) =>
      h(
        "button",
        { type: "button", data: { key: `pad-${n}`, digit: n }, onclick: () => this.#type(String(n)) },
        String(n),
      );
    swap(
      this.body,
      h(
        "div",
        { class: "pad-room" },
        h(
          "p",
          {},
          h("strong", { class: "pad-name" }, nameOf(item)),
          h("br"),
          h("span", { class: "dim" }, [line.place, line.lot].filter(Boolean).join(" · ")),
          " ",
          expiry(line, now()),
        ),
        h("p", { class: "pad-shown", role: "status", id: "pad-shown" }, this.#shown()),
        (item.packagings ?? []).length > 0 &&
          h(
            "div",
            { class: "pad-units" },
            [...(item.packagings ?? [])]
              .sort((a, b) => b.factor - a.factor)
              .map(({ unit, factor }) =>
                h(
                  "button",
                  { type: "button", data: { key: `pad-${unit}`, unit: factor }, onclick: () => this.#add(factor) },
                  t("＋{pack}（×{n}）", { pack: unitWord(unit), n: count(factor) }),
                ),
              ),
          ),
        h(
          "div",
          { class: "pad" },
          [1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
          h("button", { type: "button", data: { key: "pad-clear" }, onclick: () => this.#clear() }, t("清除")),
          digit(0),
          h(
            "button",
            { type: "button", data: { key: "pad-less" }, "aria-label": t("删去一位"), onclick: () => this.#less() },
            "⌫",
          ),
        ),
        h(
          "div",
          { class: "stack-buttons" },
          h(
            "button",
            {
              type: "button",
              class: "big primary",
              data: { key: "pad-yes", do: "pad-yes" },
              onclick: () => this.#yes(),
            },
            t("就是这个数"),
          ),
        ),
        h("button", { type: "button", data: { key: "pad-back" }, onclick: this.back }, t("返回盘点表")),
      ),
    );
    $in(this.body, "[data-key=pad-yes]").focus({ preventScroll: true });
  }

  #shown() {
    if (!this.#typed && !this.#sum) return h("span", { class: "dim" }, t("点数"));
    return [
      h("b", { class: "num" }, said(this.#total, this.item)),
      this.#sum && this.#typed ? h("span", { class: "dim num" }, ` = ${count(this.#sum)} + ${this.#typed}`) : "",
    ];
  }

  #say() {
    swap($("pad-shown"), this.#shown());
  }

  /** @param {string} digit */
  #type(digit) {
    if (this.#typed.length < DIGITS_MOST) this.#typed = String(Number(this.#typed + digit));
    this.#say();
  }

  /**
   * So many of a packaging: 3, 箱 is 3 times what is in one.
   * @param {number} factor
   */
  #add(factor) {
    const sum = this.#sum + Number(this.#typed || 1) * factor;
    if (sum <= MOST) [this.#sum, this.#typed] = [sum, ""];
    this.#say();
  }

  #less() {
    this.#typed = this.#typed.slice(0, -1);
    this.#say();
  }

  #clear() {
    [this.#sum, this.#typed] = [0, ""];
    this.#say();
  }

  /**
   * True if this key means something here.
   * @param {string} key
   */
  key(key) {
    if (/^\d$/.test(key)) this.#type(key);
    else if (key === "Backspace") this.#less();
    else return false;
    return true;
  }

  #yes() {
    if (this.#typed || this.#sum) this.done(this.#total);
    else swap($("pad-shown"), h("span", { class: "field-error" }, t("没有就填 0")));
  }
}
