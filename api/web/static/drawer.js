import { failureOf, get } from "./api.js";
import { $, $all, $in, h, swap, writtenIn } from "./dom.js";
import { emergencyPart, factPart } from "./drawer_parts.js";
import { either, t } from "./i18n.js";
import { factItem, nothingHere } from "./lists.js";

const PAGE = 50;

/** @typedef {{ title: string, load: Load, closed?: () => void }} Part */

/** The drawer of facts (事实抽屉): a list, newest first, one fact in full, or whatever else is looked at closely. */
export class Drawer {
  #ctx;
  #box = $("drawer", HTMLDialogElement);
  #body = $("drawer-body");
  /** @type {FactList | null} */
  #list = null;
  /** @type {Part | null} */
  #part = null; // what a fact was opened from, where that is no list
  #turn = 0;

  /** @param {DrawerContext} ctx */
  constructor(ctx) {
    this.#ctx = ctx;
    $in(this.#box, "[data-close]").addEventListener("click", () => this.#box.close());
    this.#box.addEventListener("click", (event) => event.target === this.#box && this.#box.close());
    $("drawer-back").addEventListener("click", () => {
      if (this.#part) this.#showPart(this.#part);
      else if (this.#list) this.#showList(this.#list);
    });
    this.#box.addEventListener("close", () => {
      this.#part?.closed?.();
      this.#part = null;
    });
  }

  /**
   * Show one thing: `load()` gives its nodes; `closed()`: told when it is left.
   * @param {string} title
   * @param {Load} load
   * @param {() => void} [closed]
   */
  openPart(title, load, closed) {
    this.#part = { title, load, closed };
    this.#list = null;
    this.#showPart(this.#part);
  }

  /** Draw the thing on show anew, unless somebody is writing in it or looks at a fact of it. */
  async again() {
    const part = this.#part;
    if (
      !part ||
      !this.#box.open ||
      writtenIn(this.#body) ||
      !$("drawer-back").hidden ||
      this.#body.getAttribute("aria-busy") === "true"
    )
      return;
    const turn = this.#turn;
    const parts = await part.load().catch(() => null); // what stands there is old, and the strip on top says so
    if (parts && turn === this.#turn) swap(this.#body, parts);
  }

  /** @param {Part} part */
  #showPart({ title, load }) {
    this.#show(title, false, load);
  }

  /**
   * @param {string} title
   * @param {Params} filter
   * @param {Emergency} [intro]
   */
  openList(title, filter, intro) {
    this.#part = null;
    this.#list = { title, filter, intro, facts: [], end: false };
    this.#showList(this.#list);
  }

  /** @param {number} seq */
  openFact(seq) {
    if (!this.#box.open) this.#list = null;
    this.#show(t("事实 #{seq}", { seq }), Boolean(this.#list ?? this.#part), async () => [
      factPart(await get(`facts/${seq}`), this.#ctx),
    ]);
  }

  /** @param {FactList} list */
  #showList(list) {
    this.#show(list.title, false, async () => {
      if (!list.facts.length && !list.end) await this.#more(list);
      return this.#listParts(list);
    });
  }

  /** @param {FactList} list */
  #listParts(list) {
    const now = this.#ctx.now();
    return [
      list.intro && emergencyPart(list.intro, this.#ctx),
      list.facts.length
        ? h(
            "ol",
            { class: "fact-list" },
            list.facts.map((fact) => factItem(fact, this.#ctx, now)),
          )
        : nothingHere(t("还没有事实")),
      !list.end &&
        h(
          "p",
          { class: "more" },
          h(
            "button",
            {
              type: "button",
              id: "more-facts",
              onclick: async ({ currentTarget: button }) => {
                const from = list.facts.length;
                button.disabled = true;
                const top = this.#body.scrollTop;
                try {
                  await this.#more(list);
                  swap(this.#body, this.#listParts(list));
                  this.#body.scrollTop = top;
                  $all(this.#body, "li.fact button", HTMLButtonElement)[from]?.focus({ preventScroll: true });
                } catch (error) {
                  button.disabled = false;
                  button.textContent = `${either(failureOf(error))} · ${t("重试")}`;
                }
              },
            },
            t("更早的记录"),
          ),
        ),
    ];
  }

  /** @param {FactList} list */
  async #more(list) {
    const { facts } = await get("facts", {
      ...list.filter,
      before: list.facts.at(-1)?.seq,
      limit: PAGE,
      at: this.#ctx.at(),
    });
    list.facts.push(...facts);
    list.end = facts.length < PAGE;
  }

  /**
   * @param {string} title
   * @param {boolean} back
   * @param {Load} load
   */
  async #show(title, back, load) {
    this.#turn += 1;
    const turn = this.#turn;
    $("drawer-title").textContent = title;
    $("drawer-back").hidden = !back;
    this.#body.setAttribute("aria-busy", "true");
    this.#body.replaceChildren(...Array.from({ length: 6 }, () => h("span", { class: "skeleton" })));
    if (!this.#box.open) this.#box.showModal();
    let parts;
    try {
      parts = await load();
    } catch (error) {
      parts = [
        h("p", { class: "form-error", role: "alert" }, either(failureOf(error))),
        h(
          "p",
          { class: "more" },
          h("button", { type: "button", onclick: () => this.#show(title, back, load) }, t("重试")),
        ),
      ];
    }
    if (turn !== this.#turn) return;
    swap(this.#body, parts);
    this.#body.scrollTop = 0;
    this.#body.setAttribute("aria-busy", "false");
  }
}
