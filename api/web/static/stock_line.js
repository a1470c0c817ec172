import { get } from "./api.js";
import { $all, h, swap } from "./dom.js";
import { Finder } from "./find.js";
import { count, unitsOf, unitWord } from "./fmt.js";
import { t } from "./i18n.js";
import { ITEM, itemOf, learn } from "./stock_parts.js";
import { LOT_STATUSES, word } from "./words.js";

/** @type {Record<string, () => { label: string, attributes: Values }>} */
const EXTRAS = {
  lot: () => ({
    label: t("批次（选填）"),
    attributes: { type: "text", maxlength: "30", pattern: "[A-Za-z0-9][A-Za-z0-9\\-]{0,29}", autocomplete: "off" },
  }),
  batch: () => ({ label: t("生产批号（选填）"), attributes: { type: "text", maxlength: "40", autocomplete: "off" } }),
  made: () => ({ label: t("生产日期（选填）"), attributes: { type: "date" } }),
  expires: () => ({ label: t("有效期至"), attributes: { type: "date" } }),
};
let made = 0;

/** One line while it is written (单据行). */
export class Line {
  /**
   * @param {Lines} lines
   * @param {Preset | undefined} preset
   */
  constructor(lines, preset) {
    made += 1;
    this.lines = lines;
    this.key = made;
    this.preset = preset;
    /** @type {Record<string, HTMLInputElement>} */
    this.extra = {};
    /** @type {Row[]} */
    this.lots = [];
    this.quantity = h("input", {
      type: "number",
      id: `line-${made}-quantity`,
      min: lines.fixed ? "0" : "1",
      step: "1",
      max: "1000000000",
      inputmode: "numeric",
      autocomplete: "off",
    });
    this.unit = h("select", { id: `line-${made}-unit`, "aria-label": t("单位") });
    this.lot = lines.lots ? h("select", { id: `line-${made}-lot`, onchange: () => this.#said() }) : null;
    this.note = h("p", { class: "help line-note", role: "status" });
    this.finder = preset?.fixed
      ? null
      : new Finder(h("div"), {
          what: ITEM,
          label: t("品名"),
          offers: lines.offers,
          onChoose: (value) => this.#choose(value?.row),
        });
    this.element = this.#draw();
    if (preset) this.#begin(preset);
  }

  get item() {
    return this.preset?.fixed ? this.preset.row : (this.finder?.value?.row ?? null);
  }

  /** @param {Preset} preset */
  async #begin({ row, quantity, lot, fixed, unit, extra = {} }) {
    if (quantity) this.quantity.value = String(quantity);
    const whole = fixed || row.packagings ? row : { ...row, ...(await itemOf(row.code)) };
    if (this.finder) this.finder.set({ ...ITEM.row(whole), ...(row.label ? { label: row.label } : {}) });
    await this.#choose(whole);
    if (lot && this.lot) this.lot.value = lot;
    if (unit) this.unit.value = unit;
    for (const [name, value] of Object.entries(extra)) if (this.extra[name]) this.extra[name].value = value;
    this.#said();
  }

  /** What is written, to be begun with again. @returns {Preset} */
  draft() {
    return {
      row: /** @type {Row} */ (this.item), // none: the line is left out when it is restored
      quantity: this.quantity.value,
      unit: this.unit.value,
      lot: this.lot?.value ?? this.preset?.lot ?? "",
      extra: Object.fromEntries(Object.entries(this.extra).map(([name, input]) => [name, input.value])),
    };
  }

  /** @param {Row | undefined} row */
  async #choose(row) {
    if (row) learn(row);
    swap(
      this.unit,
      row
        ? [
            h("option", { value: "" }, unitWord(row.unit)),
            ...(row.packagings ?? []).map((/** @type {Row} */ { unit, factor }) =>
              h(
                "option",
                { value: unit },
                t("{pack}（{n}{unit}）", { pack: unitWord(unit), n: count(factor), unit: unitsOf(factor, row.unit) }),
              ),
            ),
          ]
        : [],
    );
    if (!this.lot) return;
    swap(this.lot);
    this.lots = [];
    if (!row) return;
    const { rows } = await get("stock/lots", { station: this.lines.station, item: row.code, size: 200 }).catch(() => ({
      rows: [],
    }));
    this.lots = rows.filter((one) => one.on_hand > 0);
    /** @param {Row} one */
    const say = (one) =>
      [
        one.lot,
        one.expires ?? "",
        one.status === "approved"
          ? t("可用{n}", { n: count(one.available) })
          : `${word(LOT_STATUSES, one.status)} ${count(one.on_hand)}`,
      ]
        .filter(Boolean)
        .join(" · ");
    swap(
      this.lot,
      this.lines.lots === "any" ? h("option", { value: "" }, t("先到期先出")) : null,
      this.lots.map((one) => h("option", { value: one.lot }, say(one))),
    );
    this.#said();
  }

  #said() {
    if (!this.lot || !this.item) return;
    const chosen = this.lot.value;
    const of = this.lots.filter((one) => !chosen || one.lot === chosen);
    const usable = of.filter((one) => one.status === "approved").reduce((sum, one) => sum + one.available, 0);
    const all = of.reduce((sum, one) => sum + one.on_hand, 0);
    this.note.textContent = t("在库{a}，可用{b}{unit}", {
      a: count(all),
      b: count(usable),
      unit: unitsOf(usable, this.item.unit),
    });
  }

  #draw() {
    /**
     * @param {string} name
     * @param {string | null} kind
     * @param {...Child} parts
     */
    const room = (name, kind, ...parts) =>
      h(
        "div",
        { class: kind },
        h(
          "div",
          { class: "field", data: { line: name } },
          parts,
          h("p", { class: "field-error", id: `line-${this.key}-${name}-error`, hidden: true }),
        ),
      );
    /**
     * @param {string} name
     * @param {string} label
     * @param {HTMLElement} control
     */
    const field = (name, label, control) => room(name, null, h("label", { for: control.id }, label), control);
    const extras = this.lines.fields.map((name) => {
      const { label, attributes } = EXTRAS[name]();
      this.extra[name] = h("input", { id: `line-${this.key}-${name}`, ...attributes });
      return field(name, label, this.extra[name]);
    });
    const drop = h(
      "button",
      { type: "button", class: "quiet", data: { drop: this.key }, onclick: () => this.lines.drop(this) },
      t("移除这一行"),
    );
    const item = room(
      "item",
      "line-item",
      this.finder ? this.finder.element : h("p", {}, h("strong", {}, this.preset?.row.label)),
    );
    const quantity = room(
      "quantity",
      null,
      h("label", { for: this.quantity.id }, this.lines.quantityLabel ?? t("数量")),
      h("div", { class: "line-quantity" }, this.quantity, this.unit),
    );
    return h(
      "li",
      { class: "goods-line", data: { lineKey: this.key } },
      item,
      quantity,
      this.lot ? field("lot", t("批次"), this.lot) : null,
      extras,
      this.note,
      this.lines.fixed ? null : drop,
    );
  }

  /**
   * Which place in the list this line has: complaints about the body name it from 0, refusals as a row from 1.
   * @param {number} index
   */
  number(index) {
    for (const field of $all(this.element, "[data-line]")) {
      field.dataset.field = `lines.${index}.${field.dataset.line}`;
      /** @type {HTMLElement} */ (field.parentElement).dataset.field = `row ${index + 1}: ${field.dataset.line}`;
    }
  }

  /** How many base units are written. */
  get base() {
    const pack = (this.item?.packagings ?? []).find((/** @type {Row} */ one) => one.unit === this.unit.value);
    return Number(this.quantity.value) * (pack?.factor ?? 1);
  }

  /** Without its last day, what does not keep would never expire. */
  get undated() {
    const { made: from, expires } = this.extra;
    return Boolean(expires) && this.item?.shelf_days > 0 && !expires.value && !from.value;
  }

  value() {
    const lot = this.lot?.value || (this.preset?.fixed && this.preset.lot);
    const item = this.item?.code;
    if (this.lines.exact) return { item, ...(lot && { lot }), quantity: this.base };
    const extra = Object.fromEntries(
      Object.entries(this.extra)
        .map(([name, input]) => [name, input.value.trim()])
        .filter(([, value]) => value),
    );
    return {
      item,
      quantity: Number(this.quantity.value),
      ...(this.unit.value && { unit: this.unit.value }),
      ...(lot && { lot }),
      ...extra,
    };
  }
}
