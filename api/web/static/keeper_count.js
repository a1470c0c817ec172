import { $, $all, $find, h, swap } from "./dom.js";
import { count } from "./fmt.js";
import { either, t } from "./i18n.js";
import { nameOf } from "./keeper_find.js";
import { Pad } from "./keeper_pad.js";
import { said } from "./keeper_words.js";
import { user } from "./page.js";

const TO_DO = ["", "differs", "disturbed"];

/**
 * Where a lot of a sheet stands; what was settled has a cause.
 * @param {Row} line
 */
const stateOf = (line) => (line.cause ? "settled" : (line.result ?? ""));

/**
 * Whoever found a difference does not count it again.
 * @param {Row} line
 */
const others = (line) => stateOf(line) === "differs" && (line.first || line.by) === user.account;
/** @param {Row} line */
const keyOf = ({ item, lot }) => `${item}/${lot}`;

/** 盘点 on a phone: a blind sheet, a pad of numbers; each lot is sent as soon as it is counted. */
export class Count {
  /** @type {Map<string, { state: string, moves: number }>} */
  #taken = new Map(); // lot → the state and the movements when the sheet was taken
  /** @type {Row | null} */
  #at = null; // the lot that is being counted
  /** @type {Pad | null} */
  #pad = null; // where it is

  /** @param {KeeperPage} page */
  constructor(page) {
    this.page = page;
    this.known = page.known;
    this.box = $("sheet", HTMLDialogElement);
    this.body = $("sheet-body");
    this.id = "";
    for (const close of $all(this.box, "[data-close]")) close.addEventListener("click", () => this.#back());
    this.box.addEventListener("close", () => {
      this.id = "";
      this.#at = null;
    });
    this.box.addEventListener("cancel", (event) => {
      if (this.#at) {
        event.preventDefault();
        this.#back();
      }
    });
    this.box.addEventListener("keydown", (event) => {
      if (this.#at && this.#pad?.key(event.key)) event.preventDefault();
    });
  }

  /** The close button leads back to the sheet first. */
  #back() {
    if (!this.#at) this.box.close();
    this.#at = null;
    this.draw();
  }

  get sheet() {
    return (this.known.station?.counts ?? []).find((one) => one.id === this.id) ?? null;
  }

  /** @param {string} id */
  open(id) {
    [this.id, this.#at] = [id, null];
    this.#taken.clear();
    this.#take();
    this.draw();
    this.box.showModal();
    this.box.scrollTop = 0;
  }

  /** Movements count from when the sheet was taken: what somebody moves while we count must be noticed. */
  #take() {
    for (const line of this.sheet?.sheet ?? []) {
      const before = this.#taken.get(keyOf(line));
      if (!before || before.state !== stateOf(line))
        this.#taken.set(keyOf(line), { state: stateOf(line), moves: line.moves });
    }
  }

  /**
   * Counted here and not yet known to be stored.
   * @param {Row} line
   */
  #pending(line) {
    return (
      this.page
        .entries()
        .findLast((entry) => entry.what === "stock-count" && entry.count === this.id && entry.lot === keyOf(line)) ??
      null
    );
  }

  /** What was known may have changed. */
  draw() {
    if (!this.id) return;
    if (!this.sheet) {
      this.box.close();
      return;
    }
    this.#take();
    if (this.#at) return; // nothing moves under a counting thumb
    const lines = [...this.sheet.sheet].sort(
      (a, b) => `${a.place} ${a.item}`.localeCompare(`${b.place} ${b.item}`) || a.lot.localeCompare(b.lot),
    );
    const todo = lines.filter((line) => TO_DO.includes(stateOf(line)) && !this.#pending(line));
    const open = lines.filter(
      (line) => TO_DO.includes(stateOf(line)) || stateOf(line) === "confirmed" || this.#pending(line),
    );
    swap(
      this.body,
      h("p", { class: "dim" }, t("盲盘：不显示账面数，数到多少填多少。"), " ", h("span", { class: "hash" }, this.id)),
      h(
        "p",
        { role: "status" },
        h(
          "strong",
          { class: "num" },
          t("已点 {n} / {all}", { n: count(lines.length - todo.length), all: count(lines.length) }),
        ),
      ),
      h(
        "ul",
        { class: "sheet-lines" },
        lines.map((line) => this.#line(line)),
      ),
      !open.length &&
        lines.length > 0 &&
        h(
          "div",
          { class: "stack-buttons" },
          h(
            "button",
            {
              type: "button",
              class: "big primary",
              data: { key: "close-count", do: "close-count" },
              onclick: () => this.#close(),
            },
            t("结束盘点"),
          ),
        ),
    );
  }

  /** @param {Row} line */
  #line(line) {
    const pending = this.#pending(line);
    const item = this.known.item(line.item);
    const state = pending ? "pending" : stateOf(line) || "todo";
    const todo = TO_DO.includes(stateOf(line)) && !pending && !others(line);
    const words = pending
      ? t("{n} · 待提交", { n: said(pending.body.lines[0].counted, item) })
      : others(line)
        ? t("需复盘：由另一人点")
        : line.cause
          ? t("已处理")
          : either(line, "result");
    return h(
      "li",
      { data: { lot: keyOf(line), state } },
      h(
        "button",
        {
          type: "button",
          disabled: !todo,
          data: { key: `count-${keyOf(line)}`, do: `count-${keyOf(line)}` },
          onclick: () => this.#begin(line),
        },
        h(
          "span",
          {},
          h("strong", {}, nameOf(item)),
          h("small", { class: "dim" }, [line.place, line.lot].filter(Boolean).join(" · ")),
        ),
        h("span", { class: "state-mark", data: { state } }, words),
      ),
    );
  }

  // --- one lot ------------------------------------------------------------------------------

  /** @param {Row} line */
  #begin(line) {
    this.#at = line;
    this.#pad = new Pad(this.body, line, this.known.item(line.item), {
      done: (counted) => this.#done(counted),
      back: () => this.#back(),
    });
  }

  /** @param {number} counted */
  async #done(counted) {
    const line = this.#at;
    if (!line) return;
    const { item, lot } = line;
    const key = keyOf(line);
    const moves = this.#taken.get(key)?.moves;
    const goods = this.known.item(item);
    const stored = await this.page.write(
      `counts/${encodeURIComponent(this.id)}/lines`,
      { lines: [{ item, lot, counted, moves }] },
      {
        what: "stock-count",
        name: `${nameOf(goods)} ${lot} ${said(counted, goods)}`,
        about: [item],
        count: this.id,
        lot: key,
      },
    );
    if (!stored) return;
    this.#at = null;
    this.draw();
    const left = $all(this.body, ".sheet-lines button:not(:disabled)", HTMLButtonElement);
    (
      left.find((button) => (button.dataset.do ?? "") > `count-${key}`) ??
      left[0] ??
      $find(this.body, "[data-do=close-count]")
    )?.focus();
  }

  async #close() {
    const stored = await this.page.write(
      `counts/${encodeURIComponent(this.id)}/close`,
      {},
      { what: "stock-close", name: this.id, about: [] },
    );
    if (stored) this.box.close();
  }
}

/**
 * The counts that are open (盘点任务).
 * @param {Sheeted[]} counts
 * @param {(id: string) => unknown} go
 */
export const countRows = (counts, go) =>
  h(
    "ul",
    { class: "cards" },
    counts.map((one) => {
      const left = one.sheet.filter((line) => TO_DO.includes(stateOf(line))).length;
      return h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: "row-button",
            data: { key: `sheet-${one.id}`, count: one.id },
            onclick: () => go(one.id),
          },
          h(
            "span",
            {},
            h("strong", {}, t("盘点 {id}", { id: one.id })),
            h("small", { class: "dim" }, t("{n}批", { n: count(one.sheet.length) })),
          ),
          h(
            "span",
            { class: "state-mark", data: { state: left ? "OPEN" : "DONE" } },
            left ? t("还有{n}批", { n: count(left) }) : t("已点完"),
          ),
        ),
      );
    }),
  );
