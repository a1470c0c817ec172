import { failureOf, get } from "./api.js";
import { h, swap } from "./dom.js";
import { areaLevel, names } from "./fmt.js";
import { either, t } from "./i18n.js";

const LEAVES = new Set(["building"]);
/** @type {Record<string, number>} */ const DIGITS = { province: 2, city: 4, district: 6, street: 9, community: 12 };
const FOUND_MOST = 60;
const ATONCE = 4;
const AGAIN_MS = 4000;

/**
 * The path that everything in an area begins with: its code cut by its level. By its zeros only where the level is not
 * known, which is the root of a tree: nothing is beside that.
 * @param {{ code: string, level?: string }} area
 */
const pathOf = ({ code, level = "" }) =>
  level || code.length !== 12
    ? code.slice(0, DIGITS[level] ?? code.length)
    : code.replace(/(00)?(00)?(000)?(000)?$/, "");

/**
 * @param {{ code: string, level?: string }} above
 * @param {{ code: string, level?: string }} area
 */
const covers = (above, area) => pathOf(area).startsWith(pathOf(above));

/**
 * Chooses areas of the tree (区域选择): whole branches, with exceptions inside them.
 * Gives `scope` and `excluded`, lists of {code, name}.
 */
export class AreaPicker {
  /** @type {Map<string, Area[]>} */
  #known = new Map(); // code → its children
  /** @type {Area[]} */
  #path = [];
  #words = "";
  #typing = 0;
  #turn = 0;
  #failed = 0; // the timer by which what did not come is asked for again

  /**
   * @param {HTMLElement} element
   * @param {{ root: Area }} how
   */
  constructor(element, { root }) {
    this.element = element;
    this.root = root;
    /** @type {PickedArea[]} */
    this.scope = [];
    /** @type {PickedArea[]} */
    this.excluded = [];
    this.search = h("input", {
      type: "search",
      autocomplete: "off",
      maxlength: "60",
      placeholder: t("按名称或代码查找"),
      "aria-label": t("按名称或代码查找区域"),
      oninput: (event) => {
        if (!event.isComposing) this.#typed(); // else Chinese is being typed
      },
    });
    this.search.addEventListener("compositionend", () => this.#typed());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    this.chosen = h("p", { class: "picker-chosen", role: "status" });
    this.crumbs = h("p", { class: "picker-crumbs" });
    this.body = h("ul", { class: "picker-list" });
    const form = element.closest("form");
    form?.addEventListener("draft-save", (event) => {
      Object.assign(/** @type {CustomEvent} */ (event).detail, { scope: this.scope, excluded: this.excluded });
    });
    form?.addEventListener("draft-restore", (event) => {
      const { scope, excluded } = /** @type {CustomEvent} */ (event).detail;
      if (scope) this.open(scope, excluded);
    });
    addEventListener("online", () => this.#failed && this.#draw());
    element.classList.add("picker");
    element.replaceChildren(this.chosen, this.search, this.crumbs, this.body);
  }

  /**
   * Begin anew at the root, with these already chosen.
   * @param {Area[]} [scope]
   * @param {Area[]} [excluded]
   */
  async open(scope = [], excluded = []) {
    this.scope = [...scope];
    this.excluded = [...excluded];
    this.#words = "";
    this.search.value = "";
    this.#path = [this.root];
    await this.#draw();
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#words = this.search.value.trim();
      this.#draw();
    }, 250);
  }

  /** @param {string} code */
  async #children(code) {
    const known = this.#known.get(code);
    if (known) return known;
    const { areas } = await get(`areas/${encodeURIComponent(code)}/children`);
    this.#known.set(code, areas);
    return areas;
  }

  /** Everything two levels down, fetched when somebody first looks for a name. */
  async #everything() {
    const near = await this.#children(this.root.code);
    const left = near.filter((area) => !LEAVES.has(area.level));
    const work = async () => {
      for (let area = left.pop(); area; area = left.pop()) await this.#children(area.code);
    };
    await Promise.all(Array.from({ length: ATONCE }, work));
    return [this.root, ...near.flatMap((area) => [area, ...(this.#known.get(area.code) ?? [])])];
  }

  /**
   * Whether an area is chosen, by itself or with what it lies in.
   * @param {Area} area
   */
  includes(area) {
    /** @param {PickedArea[]} list */
    const best = (list) => Math.max(-1, ...list.filter((one) => covers(one, area)).map((one) => pathOf(one).length));
    return best(this.scope) > best(this.excluded); // the nearest of them wins
  }

  /**
   * Choose or leave out; what lay below it and says the same is no longer needed.
   * @param {Area} area
   * @param {boolean} wanted
   */
  #toggle(area, wanted) {
    /** @param {PickedArea[]} list */
    const without = (list) => list.filter((one) => !covers(area, one));
    this.scope = without(this.scope);
    this.excluded = without(this.excluded);
    if (this.includes(area) !== wanted) {
      const { code, name, level } = area;
      (wanted ? this.scope : this.excluded).push({ code, name, level });
    }
    this.element.dispatchEvent(new Event("change", { bubbles: true }));
    this.#draw();
  }

  async #draw() {
    this.#turn += 1;
    const turn = this.#turn;
    this.#say();
    const here = this.#path[this.#path.length - 1];
    let areas;
    try {
      const words = this.#words.toLowerCase();
      areas = words
        ? (await this.#everything())
            .filter((area) => area.name.toLowerCase().includes(words) || area.code.startsWith(words))
            .slice(0, FOUND_MOST)
        : [...(this.#path.length === 1 ? [this.root] : []), ...(await this.#children(here.code))];
    } catch (error) {
      if (turn !== this.#turn) return;
      clearTimeout(this.#failed);
      this.#failed = setTimeout(() => this.#draw(), AGAIN_MS);
      swap(
        this.body,
        h(
          "li",
          { class: "field-error", role: "alert" },
          either(failureOf(error)),
          " ",
          h("button", { type: "button", onclick: () => this.#draw() }, t("重试")),
        ),
      );
      return;
    }
    if (turn !== this.#turn) return;
    clearTimeout(this.#failed);
    this.#failed = 0;
    swap(
      this.crumbs,
      this.#words
        ? h("span", { class: "dim" }, t("找到{n}个", { n: areas.length }))
        : this.#path.map((area, index) => [
            index ? " › " : null,
            index === this.#path.length - 1
              ? h("strong", {}, area.name)
              : h(
                  "button",
                  {
                    type: "button",
                    class: "link",
                    onclick: () => {
                      this.#path = this.#path.slice(0, index + 1);
                      this.#draw();
                    },
                  },
                  area.name,
                ),
          ]),
    );
    swap(
      this.body,
      areas.length
        ? areas.map((area) => this.#item(area))
        : h("li", { class: "dim" }, this.#words ? t("没有这个区域") : t("没有下级区域")),
    );
  }

  /** @param {Area} area */
  #item(area) {
    const box = h("input", {
      type: "checkbox",
      value: area.code,
      data: { key: `pick-${area.code}` },
      onchange: (event) => {
        this.#toggle(area, event.currentTarget.checked);
      },
    });
    box.checked = this.includes(area);
    const deeper = area.code !== this.root.code && !LEAVES.has(area.level) && !this.#words;
    return h(
      "li",
      { data: { area: area.code } },
      h(
        "label",
        {},
        box,
        h(
          "span",
          {},
          area.name,
          h("small", { class: "dim" }, area.code === this.root.code ? t("全域") : areaLevel(area.level)),
        ),
      ),
      deeper &&
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            data: { key: `into-${area.code}` },
            "aria-label": t("{name}的下级", { name: area.name }),
            onclick: () => {
              this.#path.push(area);
              this.#draw();
            },
          },
          t("下级"),
          " ›",
        ),
    );
  }

  #say() {
    /** @param {PickedArea[]} list */
    const text = (list) =>
      names(
        list.map((area) => area.name),
        8,
      );
    swap(
      this.chosen,
      this.scope.length
        ? [
            h("strong", {}, text(this.scope)),
            this.excluded.length ? h("span", {}, t("（不含{names}）", { names: text(this.excluded) })) : null,
          ]
        : h("span", { class: "dim" }, t("还没有选择区域")),
    );
  }
}
