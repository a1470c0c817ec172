import { ApiError, Attempt, newKey, post } from "./api.js";
import { line, once, receiptPart } from "./console.js";
import { $, $in, h, setText, swap } from "./dom.js";
import { Finder } from "./find.js";
import { count, unitsOf } from "./fmt.js";
import { seq, wrote } from "./following.js";
import { checkFields, clearErrors, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either, t } from "./i18n.js";
import { whileWaiting } from "./importing.js";
import { part, table } from "./parts.js";
import { blame, cell, decisionForm, proposedTable, showRest, tickCell } from "./proposed.js";
import { area, scope } from "./scope.js";
import { ITEM, slipLink, stationLink } from "./stock_parts.js";
import { amount, itemName } from "./supply.js";

const FORESEEN_MS = 60000;
const SHOWN = 100;
const MOST = 1e9; // what the giver can spare, the server says

/**
 * @param {Row} leg
 * @param {string} end
 */
const station = (leg, end) => stationLink(leg[end], leg[`${end}_name`]);

/** A proposal who gives what to whom (调配建议): looked through, changed, approved as one decision. */
class Reallocation {
  /** @type {Row[]} */
  #legs = [];
  #attempt = new Attempt();
  #shown = SHOWN;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} room
   */
  constructor(form, room) {
    this.form = form;
    this.room = room;
    this.digest = "";
    /** @type {Row[]} */
    this.unmet = [];
    this.more = 0;
    this.at = 0;
    this.said = h("p", { role: "status", id: "legs-said" });
    this.only = new Finder($("propose-item"), { what: ITEM, label: t("只调哪种物资（选填）") });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  async ask() {
    clearErrors(this.form);
    await whileBusy(this.form.querySelectorAll("button"), async () => {
      try {
        const body = { area, ...(this.only.value && { items: [this.only.value.id] }) };
        const answer = await whileWaiting(this.room, t("正在计算调配方案"), () =>
          post("stock/propose", body, { key: newKey(), limitMs: FORESEEN_MS }),
        );
        Object.assign(this, { digest: answer.digest, unmet: answer.unmet, more: answer.more, at: answer.seq });
        this.#legs = answer.legs.map((/** @type {Row} */ leg, /** @type {number} */ index) => ({
          ...leg,
          key: `leg-${index}`,
          ticked: true,
          text: String(leg.quantity),
          fault: "",
        }));
        this.#shown = SHOWN;
        this.#draw();
      } catch (error) {
        swap(this.room);
        showRefusal(this.form, error);
      }
    });
  }

  get #chosen() {
    return this.#legs.filter((leg) => leg.ticked);
  }

  #draw() {
    if (!this.#legs.length) {
      swap(
        this.room,
        h(
          "p",
          { class: "empty", role: "status" },
          this.unmet.length ? t("没有哪个站有富余可以调出。") : t("没有需要调配的物资。"),
        ),
        this.#unmet(),
      );
      return;
    }
    const rows = this.#legs.slice(0, this.#shown);
    const left = this.#legs.length - rows.length;
    swap(
      this.room,
      h(
        "p",
        { class: "dim" },
        t("按 seq {seq} 时的库存；调出的站不低于下限，先调近的、先到期的。", { seq: this.at }),
        this.more > 0 && h("strong", {}, ` ${t("另有{n}项没有列出，批准这些后再提。", { n: count(this.more) })}`),
      ),
      proposedTable(
        t("调配建议"),
        "legs",
        [t("选"), t("品名"), t("从"), t("到"), t("数量"), t("距离"), t("为什么")],
        rows.map((leg) => this.#row(leg)),
      ),
      showRest(left, () => {
        this.#shown = Infinity;
        this.#draw();
      }),
      decisionForm(this.room, {
        id: "reallocate-form",
        reason: "reallocate-reason",
        said: this.said,
        send: (form) => this.approve(form),
      }),
      this.#unmet(),
    );
    this.#count();
  }

  /** @param {Row} leg */
  #row(leg) {
    const box = h("input", {
      type: "checkbox",
      data: { key: `tick-${leg.key}` },
      onchange: () => {
        leg.ticked = box.checked;
        this.#count();
      },
    });
    box.checked = leg.ticked;
    const name = itemName(leg);
    const many = h("input", {
      type: "number",
      min: "1",
      max: String(MOST),
      step: "1",
      inputmode: "numeric",
      value: leg.text,
      data: { key: `many-${leg.key}` },
      "aria-label": t("{name}的数量", { name }),
      oninput: () => {
        leg.text = many.value.trim();
        this.#count();
      },
    });
    const lots = leg.lots.map((/** @type {Row} */ one) => one.lot);
    return h(
      "tr",
      { role: "row", data: { leg: `${leg.source}/${leg.to}/${leg.item}`, ...(leg.fault && { fault: "" }) } },
      tickCell(box, name),
      h(
        "th",
        { scope: "row", role: "rowheader" },
        name,
        leg.fault ? h("p", { class: "field-error" }, leg.fault) : null,
      ),
      cell(t("从"), station(leg, "source")),
      cell(t("到"), station(leg, "to")),
      cell(t("数量"), h("span", { class: "leg-many" }, many, h("span", {}, unitsOf(leg.quantity, leg.unit)))),
      cell(t("距离"), either(leg, "distance") || "—"),
      cell(
        t("为什么"),
        either(leg, "why") || "—",
        lots.length ? h("small", { class: "dim" }, ` ${t("批{lot}", { lot: lots.join(" ") })}`) : null,
      ),
    );
  }

  /** What nobody can give is said: a proposal that is silent about it would look complete. */
  #unmet() {
    return part("unmet", t("调配后仍缺"), this.unmet, (rows) =>
      table(
        t("调配后仍缺"),
        { label: t("品名"), text: itemName },
        [
          { label: t("哪个站"), text: (row) => station(row, "station") },
          { label: t("还缺"), text: (row) => h("strong", { class: "num none" }, amount(row.quantity, row.unit)) },
          { label: t("原因"), text: (row) => either(row, "why") || "—" },
        ],
        rows,
      ),
    );
  }

  #count() {
    const rows = this.#chosen;
    const pairs = new Set(rows.map((leg) => `${leg.source} ${leg.to}`)).size;
    setText(
      this.said,
      t("已选{n}项，共{total}项；将下达{k}份调拨指令", {
        n: count(rows.length),
        total: count(this.#legs.length),
        k: count(pairs),
      }),
    );
    const button = $in(this.room, "#reallocate-form [type=submit]", HTMLButtonElement);
    button.disabled = !rows.length;
    setText(button, t("批准调配"));
  }

  /** What is wrong with a number is said in its row. */
  #check() {
    for (const leg of this.#legs)
      leg.fault =
        leg.ticked && !(/^[1-9]\d*$/.test(leg.text) && Number(leg.text) <= MOST)
          ? t("须在 {min} 到 {max} 之间", { min: 1, max: count(MOST) })
          : "";
    return !this.#legs.some((leg) => leg.fault);
  }

  /** @param {HTMLFormElement} form */
  async approve(form) {
    if (!checkFields(form)) return;
    if (!this.#check()) {
      this.#draw();
      $in(this.room, "[data-fault] input[type=number]", HTMLInputElement).focus();
      return;
    }
    const legs = this.#chosen;
    const { reason } = valuesOf(form);
    await whileBusy(form.querySelectorAll("button"), async () => {
      try {
        const body = {
          area,
          digest: this.digest,
          legs: legs.map((leg) => ({ source: leg.source, to: leg.to, item: leg.item, quantity: Number(leg.text) })),
          reason,
        };
        const answer = await this.#attempt.send("stock/reallocate", body, seq() || undefined);
        wrote(answer);
        this.#approved(answer, legs, reason);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        for (const leg of this.#legs) leg.fault = "";
        blame(this.room, "#reallocate-form", error, legs, () => this.#draw());
      }
    });
  }

  /**
   * @param {Receipt} answer
   * @param {Row[]} legs
   * @param {string} reason
   */
  #approved(answer, legs, reason) {
    const nameOf = new Map(
      legs.flatMap((leg) => [
        [leg.source, leg.source_name],
        [leg.to, leg.to_name],
      ]),
    );
    const orders = answer.transfers;
    swap(
      this.room,
      h(
        "section",
        { class: "panel", data: { approved: answer.id ?? "" } },
        h(
          "p",
          { class: "done-mark", role: "status" },
          h("strong", {}, t("已批准{n}项调配，下达{k}份调拨指令", { n: count(legs.length), k: count(orders.length) })),
        ),
        h(
          "ul",
          { class: "transfer-orders" },
          orders.map((/** @type {Row} */ one) =>
            h(
              "li",
              { data: { transfer: one.slip } },
              slipLink(one.slip),
              ` ${nameOf.get(one.source)} → ${nameOf.get(one.to)}`,
            ),
          ),
        ),
        receiptPart(answer, [line(t("理由"), reason), line(t("编号"), h("span", { class: "hash" }, answer.id))]),
      ),
    );
  }
}

/** The proposal's tab. */
export async function reallocation() {
  new Reallocation($("propose-form"), $("propose-room"));
  const known = await once(scope);
  setText($("propose-area"), known?.area.name ?? area);
}
