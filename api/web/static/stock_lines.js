import { refuse } from "./deciding.js";
import { $find, h, swap } from "./dom.js";
import { t } from "./i18n.js";
import { Line } from "./stock_line.js";

const LINES_MOST = 100;

/** @param {Preset} one @param {Preset} other */
const same = (one, other) => one.row.code === other.row.code && (one.lot ?? "") === (other.lot ?? "");

/**
 * Lines of a slip while they are written (单据行): item, quantity in any packaging, and what else the form asks.
 * `fields`: of EXTRAS; `lots`: "any" (the first to expire unless one is chosen), "one" (must be chosen), "" (not asked);
 * `fixed`: the lines are given, and a quantity of 0 leaves one out; `exact`: quantities are told in base units.
 */
export class Lines {
  /** @type {Line[]} */
  #all = [];
  /** @type {Preset[] | null} */
  #draft = null; // what was written before somebody was signed out

  /**
   * @param {HTMLElement} element
   * @param {LinesOptions} options
   */
  constructor(element, { fields = [], lots = "", fixed = false, exact = fixed, quantityLabel, single = false }) {
    this.fields = fields;
    this.lots = lots;
    this.fixed = fixed;
    this.exact = exact;
    this.quantityLabel = quantityLabel;
    /** @type {Found[]} */
    this.offers = [];
    this.station = "";
    this.list = h("ol", { class: "goods-lines" });
    this.more = h(
      "button",
      {
        type: "button",
        data: { more: "" },
        onclick: () => {
          this.#add().finder?.search.focus();
        },
      },
      t("再加一行"),
    );
    element.replaceChildren(this.list, ...(fixed || single ? [] : [this.more]));
    const form = element.closest("form");
    form?.addEventListener("draft-save", (event) => {
      /** @type {CustomEvent} */ (event).detail[element.id] = this.#all.map((line) => line.draft());
    });
    form?.addEventListener("draft-restore", (event) => {
      this.#draft = /** @type {CustomEvent} */ (event).detail[element.id] ?? null;
      // The sheet may begin its lines only after this; else they begin now.
      queueMicrotask(() => this.#draft && this.open(this.station, [], this.offers));
    });
  }

  /**
   * Begin anew at a station; `presets`: {row: {code, label, unit, packagings}, quantity, lot, fixed}.
   * @param {string} station
   * @param {Preset[]} [presets]
   * @param {Found[]} [offers]
   */
  open(station, presets = [], offers = []) {
    this.station = station;
    this.offers = offers;
    const written = this.#draft?.filter((one) => one.row) ?? [];
    this.#draft = null;
    if (this.fixed)
      for (const preset of presets)
        Object.assign(
          preset,
          written.find((one) => same(one, preset)),
        );
    else if (written.length) return this.#begin(written);
    this.#begin(presets);
  }

  /** @param {Preset[]} presets */
  #begin(presets) {
    this.#all = [];
    swap(this.list);
    if (presets.length) for (const preset of presets) this.#add(preset);
    else if (!this.fixed) this.#add();
  }

  /** @param {Preset} [preset] */
  #add(preset) {
    const line = new Line(this, preset);
    this.#all.push(line);
    this.list.append(line.element);
    this.#number();
    return line;
  }

  /** @param {Line} line */
  drop(line) {
    if (this.#all.length < 2) this.open(this.station, [], this.offers);
    else {
      this.#all = this.#all.filter((one) => one !== line);
      line.element.remove();
      this.#number();
    }
    $find(this.list, "input", HTMLInputElement)?.focus();
  }

  #number() {
    for (const [index, line] of this.#all.entries()) line.number(index);
    this.more.disabled = this.#all.length >= LINES_MOST;
  }

  /** Refuse what the browser can tell. */
  check() {
    let some = false;
    this.#all.forEach((line, index) => {
      const { quantity } = line;
      if (!line.item) refuse(`lines.${index}.item`, t("请选择物资"));
      const left = this.fixed && (quantity.value === "" || quantity.value === "0") && !quantity.validity.badInput;
      if (left) return;
      if (!/^[1-9]\d{0,9}$/.test(quantity.value)) refuse(`lines.${index}.quantity`, t("请填写正整数"));
      if (this.lots === "one" && !line.lot?.value) refuse(`lines.${index}.lot`, t("请选择批次"));
      if (line.undated) refuse(`lines.${index}.expires`, t("这种物资有保质期：请填有效期或生产日期"));
      for (const [name, input] of Object.entries(line.extra))
        if (!input.checkValidity()) refuse(`lines.${index}.${name}`, t("格式不对"));
      some = true;
    });
    if (!some) refuse("lines", t("请至少填写一行"));
  }

  value() {
    return this.#all.filter((line) => Number(line.quantity.value) > 0).map((line) => line.value());
  }
}
