import { momentOf } from "./deciding.js";
import { $, $in, h, swap } from "./dom.js";
import { names } from "./fmt.js";
import { controlOf } from "./forms.js";
import { t } from "./i18n.js";
import { Deed, given } from "./keeper_deed.js";
import { nameOf } from "./keeper_find.js";
import { Lowered } from "./keeper_parts.js";
import { said } from "./keeper_words.js";

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
export class Arrive extends Deed {
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

  get #path() {
    return `transfers/${encodeURIComponent(this.subject.slip.slip)}/arrive`;
  }

  /** How much of it was shown as recorded, with what waits on this phone. */
  get #recorded() {
    const waiting = this.page.entries().filter(({ path }) => path === this.#path);
    const own = waiting.flatMap(({ body }) => body.lines).reduce((sum, { quantity }) => sum + quantity, 0);
    return (this.subject.slip.recorded?.arrive ?? 0) + own;
  }

  /** @param {Values} values */
  made({ complete }) {
    const { slip, from } = this.subject;
    const { lines } = this.lowered;
    return {
      path: this.#path,
      body: { lines, complete: complete === "1", recorded: this.#recorded },
      said: { ...this.saidOf("stock-arrive", lines, from), slip: slip.slip },
    };
  }
}

/** 发运: carries out an order to send goods elsewhere (调拨指令). */
export class Ship extends Deed {
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
