import { $, $in } from "./dom.js";
import { count, names, time } from "./fmt.js";
import { t } from "./i18n.js";
import { inOrder } from "./keeper_data.js";
import { Deed } from "./keeper_deed.js";
import { nameOf } from "./keeper_find.js";
import { Amount, Basket, Lowered } from "./keeper_parts.js";
import { Issue, Receive } from "./keeper_receive.js";
import { Arrive, outstanding, Ship } from "./keeper_transfers.js";
import { lotWords } from "./keeper_words.js";
import { may } from "./page.js";
import { fillSelect, optionsOf, SCRAP_CAUSES, SETTABLE, word } from "./words.js";

// --- away and back ------------------------------------------------------------------------

/** 停发, 报废, and 退回 of what was issued. Whoever keeps a station may not write off what is in it: they hold it back. */
class Back extends Deed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("back", page);
    this.amount = new Amount($("back-amount"));
    this.goods = this.finder({ chosen: (item, lot) => this.#chose(item, lot) });
    this.lowered = new Lowered($("back-lines"), {
      /** @param {string} code */
      item: (code) => this.known.item(code),
      name: ({ item }) => nameOf(this.known.item(item)),
    });
    $("back-issue").addEventListener("change", () => this.#issue());
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin({ item = null, lot = "" }, lines) {
    const [scrap, hold] = ["scrap", "hold"].map((deed) =>
      $in(this.form, `[name=deed][value=${deed}]`, HTMLInputElement),
    );
    const label = scrap.closest("label");
    if (label) label.hidden = !may("stock.settle");
    if (!may("stock.settle") && scrap.checked) hold.checked = true;
    fillSelect($("back-cause"), optionsOf(SCRAP_CAUSES));
    fillSelect(
      $("back-status"),
      optionsOf(SETTABLE).filter(({ value }) => value !== "recalled"),
    );
    $("back-status", HTMLSelectElement).value = "damaged";
    const issues = (this.known.station?.issues ?? []).map((slip) => ({
      value: slip.slip,
      label: [
        time(slip.at, "short"),
        names(
          slip.lines.map((line) => nameOf(this.known.item(line.item))),
          2,
        ),
        slip.party_id,
        slip.slip,
      ]
        .filter(Boolean)
        .join(" · "),
    }));
    fillSelect($("back-issue"), issues);
    this.goods.take(item ? this.known.item(item) : null, lot);
    this.#issue();
    if (!lines) return;
    for (const { line, number } of this.lowered.rows)
      number.value = String(lines.find((one) => one.item === line.item && one.lot === line.lot)?.quantity ?? 0);
  }

  kept() {
    return this.lowered.lines;
  }

  about() {
    return { item: this.goods.value?.code ?? null, lot: $("back-lot", HTMLSelectElement).value };
  }

  /**
   * @param {Item | null} item
   * @param {string} lot
   */
  #chose(item, lot) {
    this.amount?.set(item);
    const lots = item ? inOrder(this.known.stock(item.code).lots, false).filter((one) => one.on_hand > 0) : [];
    fillSelect(
      $("back-lot"),
      lots.map((one) => ({ value: one.lot, label: lotWords(one, item) })),
    );
    if (lots.some((one) => one.lot === lot)) $("back-lot", HTMLSelectElement).value = lot;
  }

  /** The issue that is chosen. */
  get #slip() {
    const chosen = $("back-issue", HTMLSelectElement).value;
    return (this.known.station?.issues ?? []).find((one) => one.slip === chosen);
  }

  #issue() {
    const slip = this.#slip;
    this.lowered.set(slip ? outstanding(slip) : [], "none");
  }

  /** @param {Values} values */
  made({ deed, lot, cause, status, issue, good, reason }) {
    const item = this.goods.value;
    if (deed === "hold") {
      if (!item) return null;
      return {
        path: "stock/status",
        body: { station: this.known.chosen, item: item.code, lot, status, reason },
        said: { what: "stock-hold", name: `${nameOf(item)} ${lot} · ${word(SETTABLE, status)}`, about: [item.code] },
      };
    }
    if (deed === "scrap") {
      const quantity = this.amount.value;
      if (!item || quantity === null) return null;
      const lines = [{ item: item.code, lot, quantity }];
      return {
        path: "stock/scrap",
        body: { station: this.known.chosen, cause, lines, reason },
        said: this.saidOf("stock-scrap", lines, word(SCRAP_CAUSES, cause)),
      };
    }
    const { lines } = this.lowered;
    if (!lines.length) {
      const note = $("back-lines-error");
      [note.textContent, note.hidden] = [t("请填写退回的数量"), false];
      return null;
    }
    return {
      path: "stock/return",
      body: { issue, lines, good: good === "1", reason, recorded: this.#slip?.recorded?.return ?? 0 },
      said: this.saidOf("stock-return", lines),
    };
  }
}

// --- counts -------------------------------------------------------------------------------

/** 开始盘点: of everything here, or of some items. */
class Open extends Deed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("open", page);
    this.basket = new Basket($("open-basket"), { name: ({ item }) => nameOf(this.known.item(item)) });
    this.goods = this.finder({
      keep: false,
      required: "",
      chosen: (item) => {
        if (item && !this.basket.lines.some((line) => line.item === item.code))
          this.basket.add({ item: item.code, quantity: 0 });
      },
    });
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin({ item = "" }, lines) {
    this.basket.set(lines ?? (item ? [{ item, quantity: 0 }] : []));
  }

  /** Some items, and none chosen, is not all of them. */
  ready() {
    this.goods.search.name = "items";
    this.goods.search.setCustomValidity(
      this.goods.search.value.trim() || !this.basket.lines.length ? t("请选择物资") : "",
    );
  }

  kept() {
    return this.basket.lines;
  }

  /** @param {Values} values */
  made({ scope }) {
    const items = scope === "some" ? this.basket.lines.map(({ item }) => item) : [];
    const name = items.length ? names(items.map((item) => nameOf(this.known.item(item)))) : t("全部物资");
    return {
      path: "counts",
      body: { station: this.known.chosen, ...(items.length ? { items } : {}) },
      said: { what: "stock-open", name, about: items },
    };
  }
}

/**
 * One of each, and what opens a refused write again.
 * @param {KeeperPage} page
 */
export function deedsOf(page) {
  /** @type {Record<string, Deed>} */
  const all = {
    receive: new Receive(page),
    issue: new Issue(page),
    arrive: new Arrive(page),
    ship: new Ship(page),
    back: new Back(page),
    open: new Open(page),
  };
  /** @param {Refused} entry */
  const mend = (entry) => (entry.again && all[entry.again.deed] ? () => all[entry.again.deed].open({}, entry) : null);
  return { all, mend };
}

/** @param {number} n */
export const totalOf = (n) => (n ? count(n) : "");
