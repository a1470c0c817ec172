import { may, momentOf, now } from "./console.js";
import { $, $all, $in, controlsIn, h, swap } from "./dom.js";
import { count, names, time } from "./fmt.js";
import { checkFields, clearErrors, controlOf, valuesOf } from "./forms.js";
import { either, t } from "./i18n.js";
import { foreseen, inOrder, usable } from "./keeper_data.js";
import { ItemFinder, nameOf } from "./keeper_find.js";
import { Amount, Basket, expiry, goodUntil, Lowered, said } from "./keeper_parts.js";
import { SCRAP_CAUSES, SETTABLE } from "./stock_words.js";
import { fillSelect, optionsOf, word } from "./words.js";

const DAY_MS = 86400000;
const OF_PARTS = ["item", "quantity"];
const OF_LINE = ["item", "quantity", "made", "expires", "batch", "lot", "place"];
/** @param {number} ms */
const dayOf = (ms) => new Date(ms).toISOString().slice(0, 10);
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
const given = (values) =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null),
  );

/**
 * A dialog that makes one write (办理): asked, kept, sent by the outbox.
 * A subclass: `begin(subject)` fills it in; `made(values)`: {path, body, said} of what was filled in, or nothing.
 */
class Deed {
  /** @type {Entry | null} */
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
   * @param {Entry | null} [mends]
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
    const stored = await this.page.write(made.path, made.body, { ...made.said, again });
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
class SlipDeed extends Deed {
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

// --- in ---------------------------------------------------------------------------------

/** 入库: bought, given, requisitioned, or there from the beginning. */
class Receive extends SlipDeed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("receive", page);
    for (const name of ["made", "expires"])
      controlOf(this.form, name).addEventListener("change", () => this.#last(name));
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin(subject, lines) {
    fillSelect(
      $("receive-emergency"),
      (this.known.station?.emergencies ?? []).map((one) => ({ value: one.id, label: one.matter ?? one.id })),
    );
    this.clear();
    super.begin(subject, lines);
  }

  /**
   * @param {Item | null} item
   * @param {string} [lot]
   */
  chose(item, lot) {
    super.chose(item);
    if (!item) return;
    controlOf(this.form, "place").value = this.known.stock(item.code).place || item.place || "";
    if (lot) controlOf(this.form, "lot").value = lot;
    this.#last("made");
  }

  /**
   * The last good day follows from when it was made, until somebody says otherwise.
   * @param {string} moved
   */
  #last(moved) {
    const [made, expires] = [controlOf(this.form, "made"), controlOf(this.form, "expires")];
    if (moved === "expires") expires.dataset.own = expires.value ? "1" : "";
    const days = this.goods?.value?.shelf_days ?? 0;
    if (moved === "made" && made.value && days && !expires.dataset.own)
      expires.value = dayOf(Date.parse(made.value) + days * DAY_MS - DAY_MS);
  }

  /** Without its last day, what does not keep would never expire. */
  dated() {
    const expires = controlOf(this.form, "expires");
    expires.required = (this.goods.value?.shelf_days ?? 0) > 0;
    return expires.checkValidity();
  }

  ready() {
    super.ready();
    this.dated();
  }

  clear() {
    for (const name of ["made", "expires", "batch", "lot", "place"]) controlOf(this.form, name).value = "";
    controlOf(this.form, "expires").dataset.own = "";
  }

  extra() {
    const names = ["made", "expires", "batch", "lot", "place"];
    return given(Object.fromEntries(names.map((name) => [name, controlOf(this.form, name).value.trim()])));
  }

  /** Where things stand is said apart from what came in. */
  async after() {
    for (const { item, place } of this.lines) {
      const goods = this.known.item(item);
      if (place && place !== (this.known.stock(item).place || goods.place))
        await this.page.write(
          `stations/${encodeURIComponent(this.known.chosen)}/place`,
          { item, place },
          { what: "stock-place", name: `${nameOf(goods)} ${place}`, about: [item], timeless: true },
        );
    }
  }

  /** @param {Values} values */
  made({ source, donor, phone, organisation, party = "", emergency, document: paper }) {
    const lines = this.lines.map(({ place: _place, ...line }) => line);
    /** @type {Row} */
    const body = {
      station: this.known.chosen,
      source: { kind: source, id: party },
      document: paper,
      lines,
      ...given({ emergency }),
    };
    if (source === "donation") body.donor = { name: donor, phone: phone ?? "", organisation: organisation === "1" };
    return { path: "stock/receive", body, said: this.saidOf("stock-receive", lines) };
  }
}

// --- out --------------------------------------------------------------------------------

/**
 * @param {Lot} lot
 * @param {Item | null} item
 */
const lotWords = (lot, item) =>
  [
    lot.lot,
    goodUntil(lot),
    usable(lot)
      ? t("可用{n}", { n: item && said(lot.available ?? lot.on_hand - lot.reserved, item) })
      : `${either(lot, "status")} ${item && said(lot.on_hand, item)}`,
  ]
    .filter(Boolean)
    .join(" · ");

/** 出库: to whoever uses it, or to another station. */
class Issue extends SlipDeed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("issue", page);
    $("issue-lot").addEventListener("change", () => this.moved());
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin(subject, lines) {
    swap(
      $("stations"),
      this.page.others().map((row) => h("option", { value: row.station }, row.name)),
    );
    super.begin(subject, lines);
  }

  /** @param {Item | null} item */
  chose(item, lot = "") {
    super.chose(item);
    const lots = item ? inOrder(this.known.stock(item.code).lots).filter((one) => one.on_hand > 0) : [];
    fillSelect($("issue-lot"), [
      { value: "", label: t("先到期先出") },
      ...lots.filter(usable).map((one) => ({ value: one.lot, label: lotWords(one, item) })),
    ]);
    if (lots.some((one) => one.lot === lot && usable(one))) $("issue-lot", HTMLSelectElement).value = lot;
    if (item) this.moved();
  }

  /** Which lots to take, as far as this device knows; the answer has the last word. */
  moved() {
    if (!this.goods) return;
    const item = this.goods.value;
    const quantity = this.amount.value;
    if (!item || quantity === null) {
      swap($("issue-foreseen"));
      return;
    }
    const { lots } = this.known.stock(item.code);
    const chosen = $("issue-lot", HTMLSelectElement).value;
    const { picks, left } = foreseen(chosen ? lots.filter((one) => one.lot === chosen) : lots, quantity);
    const passed = lots.filter((one) => one.on_hand > 0 && !usable(one));
    swap(
      $("issue-foreseen"),
      picks.length > 0 &&
        h(
          "ul",
          { class: "picks-list" },
          picks.map(([lot, n]) =>
            h(
              "li",
              {},
              h("strong", {}, t("取 {lot}：{n}", { lot: lot.lot, n: said(n, item) })),
              " ",
              expiry(lot, now()),
              lot.place ? ` · ${lot.place}` : "",
            ),
          ),
        ),
      left > 0 && h("p", { class: "warning" }, t("本机所知还缺{n}。", { n: said(left, item) })),
      passed.map((lot) =>
        h("p", { class: "dim" }, t("不取 {lot}：{why}", { lot: lot.lot, why: either(lot, "status") })),
      ),
    );
  }

  /** Whoever passes over what would expire first says why. */
  ready() {
    super.ready();
    controlOf(this.form, "reason").required = this.lines.some((line) => line.lot);
  }

  clear() {
    fillSelect($("issue-lot"), [{ value: "", label: t("先到期先出") }]);
  }

  extra() {
    return given({ lot: $("issue-lot", HTMLSelectElement).value });
  }

  /** @param {Values} values */
  made({ kind, to, station, carrier, part, reason }) {
    const { lines } = this;
    const why = given({ reason });
    if (kind === "station")
      return {
        path: "transfers/ship",
        body: { station: this.known.chosen, to: station, lines, carrier, ...why },
        said: this.saidOf("stock-ship", lines, this.page.nameOfStation(station)),
      };
    const body = { station: this.known.chosen, to: { kind, id: to }, lines, ...(part ? { whole: false } : {}), ...why };
    return { path: "stock/issue", body, said: this.saidOf("stock-issue", lines, to) };
  }
}

// --- from and to other stations -------------------------------------------------------------

/**
 * What of a shipment has not come yet: [{item, lot, quantity}].
 * @param {Slip} slip
 */
export function outstanding(slip) {
  if (slip.open) return slip.open;
  const rest = (slip.lines ?? []).map((line) => ({ ...line }));
  for (const part of [...(slip.arrived ?? []), ...(slip.closed ?? [])]) {
    const line = rest.find((one) => one.item === part.item && one.lot === part.lot);
    if (line) line.quantity -= part.quantity;
  }
  return rest.filter((line) => line.quantity > 0);
}

/** 到货: what was sent is preset, what is missing is lowered. */
class Arrive extends Deed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("arrive", page);
    this.lowered = new Lowered($("arrive-lines"), {
      /** @param {string} code */
      item: (code) => this.known.item(code),
      name: ({ item }) => nameOf(this.known.item(item)),
      moved: () => this.#say(),
    });
    this.form.addEventListener("change", () => this.#say());
  }

  /**
   * @param {Row} subject
   * @param {SlipLine[] | null} lines
   */
  begin({ slip, from }, lines) {
    const about = $in(this.form, "[data-subject]");
    [about.textContent, about.hidden] = [t("{from} 发来 · {slip}", { from, slip: slip.slip }), false];
    this.lowered.set(outstanding(slip));
    if (!lines) return;
    /** @param {SlipLine} line */
    const of = ({ item, lot }) => lines.find((one) => one.item === item && one.lot === lot)?.quantity ?? 0;
    for (const { line, number } of this.lowered.rows) number.value = String(of(line));
    this.#say();
  }

  kept() {
    return this.lowered.lines;
  }

  #say() {
    const { missing } = this.lowered ?? { missing: [] };
    const complete = controlOf(this.form, "complete", RadioNodeList).value === "1";
    const lack = names(
      missing.map(([{ item }, n]) => `${nameOf(this.known.item(item))} ${said(n, this.known.item(item))}`),
    );
    $("arrive-missing").hidden = !missing.length || !complete;
    $("arrive-missing").textContent =
      missing.length && complete ? t("缺{what}：记为差异，由发方负责，查明以前一直挂账。", { what: lack }) : "";
  }

  /** @param {Values} values */
  made({ complete }) {
    const { slip, from } = this.subject;
    const { lines } = this.lowered;
    return {
      path: `transfers/${encodeURIComponent(slip.slip)}/arrive`,
      body: { lines, complete: complete === "1" },
      said: { ...this.saidOf("stock-arrive", lines, from), slip: slip.slip },
    };
  }
}

/** 发运: carries out an order to send goods elsewhere (调拨指令). */
class Ship extends Deed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("ship", page);
  }

  /** @param {Row} subject */
  begin({ slip, to }) {
    const about = $in(this.form, "[data-subject]");
    [about.textContent, about.hidden] = [t("发往 {to} · {slip}", { to, slip: slip.slip }), false];
    swap(
      $("ship-lines"),
      slip.lines.map((/** @type {Row} */ line) =>
        h("li", {}, `${nameOf(this.known.item(line.item))} ${said(line.quantity, this.known.item(line.item))}`),
      ),
    );
  }

  /** @param {Values} values */
  made({ carrier, expected }) {
    const { slip, to } = this.subject;
    const body = {
      station: this.known.chosen,
      order: slip.slip,
      carrier,
      ...given({ expected_at: momentOf(expected) }),
    };
    return { path: "transfers/ship", body, said: { ...this.saidOf("stock-ship", slip.lines, to), slip: slip.slip } };
  }
}

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

  #issue() {
    const slip = (this.known.station?.issues ?? []).find(
      (one) => one.slip === $("back-issue", HTMLSelectElement).value,
    );
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
      body: { issue, lines, good: good === "1", reason },
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
  /** @param {Entry} entry */
  const mend = (entry) => (entry.again && all[entry.again.deed] ? () => all[entry.again.deed].open({}, entry) : null);
  return { all, mend };
}

/** @param {number} n */
export const totalOf = (n) => (n ? count(n) : "");
