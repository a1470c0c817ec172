import { failureOf, get } from "./api.js";
import { h, swap } from "./dom.js";
import { labelOf, titleOf } from "./fmt.js";
import { either, t } from "./i18n.js";
import { area } from "./scope.js";
import { CAUSES, word } from "./words.js";

const TYPED_MS = 250;
const FOUND_MOST = 8;

/** @type {Sought} */
const person = {
  path: "people",
  ask: () => t("按姓名、编号或单位查找"),
  none: () => t("没有这个人"),
  /** @param {Row} row */
  note: (row) =>
    [row.unit_name, row.community_name, row.available === false && (either(row, "cause") || word(CAUSES, row.cause))]
      .filter(Boolean)
      .join(" · "),
  /** @param {Row} row */
  row: (row) => ({ id: row.id, label: labelOf(row) }),
};
/** @type {Sought} */
const post = {
  path: "posts",
  ask: () => t("按岗位名称查找"),
  none: () => t("没有这个岗位"),
  /** @param {Row} row */
  note: (row) => [row.area_name, row.site_name].filter(Boolean).join(" · "),
  /** @param {Row} row */
  row: (row) => ({ id: row.post, label: titleOf(row) }),
};
/** @type {Sought} */
const organisation = {
  path: "units",
  ask: () => t("按单位名称查找"),
  none: () => t("没有这个单位"),
  note: () => "",
  /** @param {Row} row */
  row: (row) => ({ id: row.unit, label: row.name }),
};
/** @type {Record<string, Sought>} */
export const SOUGHT = { person, post, organisation };

/** Finds one by typing (查找): a person, a post, a unit. `value`: {id, label} or null. */
export class Finder {
  #typing = 0;
  #turn = 0;

  /**
   * @param {HTMLElement} element
   * @param {FinderOptions} options
   */
  constructor(element, { what = person, label, onChoose = () => {}, offers = [] }) {
    this.element = element;
    this.what = what;
    this.onChoose = onChoose;
    this.offers = offers;
    /** @type {Found | null} */
    this.value = null;
    this.search = h("input", {
      type: "search",
      autocomplete: "off",
      maxlength: "60",
      placeholder: what.ask(),
      "aria-label": label ?? what.ask(),
      oninput: (event) => {
        if (!event.isComposing) this.#typed(); // else Chinese is being typed
      },
    });
    this.search.addEventListener("compositionend", () => this.#typed());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.#look();
      }
    });
    this.chosen = h("p", { class: "finder-chosen", role: "status" });
    this.found = h("ul", { class: "finder-found" });
    element.classList.add("finder");
    element.replaceChildren(this.chosen, this.search, this.found);
    this.set(null);
  }

  /**
   * Have these near at hand.
   * @param {Found[]} offers
   */
  offer(offers) {
    this.offers = offers;
    this.#offer();
  }

  /** The id of the one that is chosen; "" if none is. */
  get id() {
    return this.value?.id ?? "";
  }

  /**
   * Choose this one; null: none.
   * @param {Found | null} value
   */
  set(value) {
    this.value = value;
    this.search.value = "";
    this.search.hidden = value !== null;
    this.#offer();
    swap(
      this.chosen,
      value && [
        h("strong", {}, value.label),
        " ",
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": t("另选：{name}", { name: value.label }),
            onclick: () => {
              this.set(null);
              this.onChoose(null);
              this.search.focus();
            },
          },
          t("另选"),
        ),
      ],
    );
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#look(), TYPED_MS);
  }

  async #look() {
    clearTimeout(this.#typing);
    this.#turn += 1;
    const turn = this.#turn;
    const q = this.search.value.trim();
    if (!q) {
      this.#offer();
      return;
    }
    try {
      const { rows } = await get(this.what.path, { area, q, size: FOUND_MOST, page: 1 });
      if (turn !== this.#turn) return;
      swap(
        this.found,
        rows.length
          ? rows.map((/** @type {Row} */ row) => this.#item(row))
          : h("li", { class: "dim", role: "status" }, this.what.none()),
      );
    } catch (error) {
      const failure = failureOf(error);
      if (turn === this.#turn && failure.status !== 401)
        swap(this.found, h("li", { class: "field-error", role: "alert" }, either(failure)));
    }
  }

  /** Those that are near at hand, before anything is typed. */
  #offer() {
    swap(this.found, this.value ? null : this.offers.map((value) => this.#button(value, value.note ?? "")));
  }

  /** @param {Row} row */
  #item(row) {
    return this.#button(this.what.row(row), this.what.note(row));
  }

  /**
   * @param {Found} value
   * @param {string} note
   */
  #button(value, note) {
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          data: { key: `find-${value.id}`, found: value.id },
          onclick: () => {
            this.set(value);
            this.onChoose(value);
          },
        },
        h("span", {}, value.label),
        h("small", { class: "dim" }, note),
      ),
    );
  }
}

/** People in an order that counts (AB角顺序): A, B1, B2 … `ids`. */
export class Line {
  /** @type {Found[]} */
  #people = [];

  /**
   * @param {HTMLElement} element
   * @param {{ first: string }} how
   */
  constructor(element, { first }) {
    this.element = element;
    this.first = first;
    this.list = h("ol", { class: "chain" });
    this.finder = new Finder(h("div"), { label: t("加入名单"), onChoose: (one) => this.#add(one) });
    element.replaceChildren(this.list, this.finder.element);
  }

  get ids() {
    return this.#people.map((one) => one.id);
  }

  /** @param {Row[]} [people] */
  open(people = []) {
    this.#people = people.map((one) => ({ id: one.id, label: labelOf(one) }));
    this.finder.set(null);
    this.#draw();
  }

  /** @param {Found | null} one */
  #add(one) {
    if (!one) return;
    if (!this.ids.includes(one.id)) this.#people.push(one);
    this.finder.set(null);
    this.#draw();
    this.finder.search.focus();
  }

  #draw() {
    /** @param {number} index */
    const move = (index) => {
      [this.#people[index - 1], this.#people[index]] = [this.#people[index], this.#people[index - 1]];
      this.#draw();
    };
    /** @param {number} index */
    const place = (index) => (this.first === "A" && index === 0 ? "A" : `B${this.first === "A" ? index : index + 1}`);
    swap(
      this.list,
      this.#people.length
        ? this.#people.map((one, index) =>
            h(
              "li",
              { data: { person: one.id } },
              h("b", {}, place(index)),
              " ",
              one.label,
              index > 0 &&
                h(
                  "button",
                  {
                    type: "button",
                    class: "quiet",
                    data: { key: `up-${one.id}` },
                    "aria-label": t("{name}提前", { name: one.label }),
                    onclick: () => move(index),
                  },
                  "↑",
                ),
              h(
                "button",
                {
                  type: "button",
                  class: "quiet",
                  data: { key: `off-${one.id}` },
                  "aria-label": t("移除{name}", { name: one.label }),
                  onclick: () => {
                    this.#people.splice(index, 1);
                    this.#draw();
                  },
                },
                "×",
              ),
            ),
          )
        : h("li", { class: "dim" }, t("还没有人")),
    );
  }
}
