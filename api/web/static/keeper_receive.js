import { $, h, swap } from "./dom.js";
import { controlOf } from "./forms.js";
import { either, t } from "./i18n.js";
import { foreseen, inOrder, usable } from "./keeper_data.js";
import { given, SlipDeed } from "./keeper_deed.js";
import { nameOf } from "./keeper_find.js";
import { expiry, lotWords, said } from "./keeper_words.js";
import { now } from "./page.js";
import { fillSelect } from "./words.js";

// --- in ---------------------------------------------------------------------------------

/** 入库: bought, given, requisitioned, or there from the beginning. */
export class Receive extends SlipDeed {
  /** @param {KeeperPage} page */
  constructor(page) {
    super("receive", page);
    controlOf(this.form, "made").addEventListener("change", () => this.dated());
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
  }

  /** Without a day, what does not keep would never expire; from when it was made the service knows its last one. */
  dated() {
    const [made, expires] = [controlOf(this.form, "made"), controlOf(this.form, "expires")];
    expires.required = (this.goods?.value?.shelf_days ?? 0) > 0 && !made.value;
    return expires.checkValidity();
  }

  ready() {
    super.ready();
    this.dated();
  }

  clear() {
    for (const name of ["made", "expires", "batch", "lot", "place"]) controlOf(this.form, name).value = "";
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

/** 出库: to whoever uses it, or to another station. */
export class Issue extends SlipDeed {
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
