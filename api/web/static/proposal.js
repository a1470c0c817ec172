import { ApiError, Attempt, newKey, post } from "./api.js";
import { line, once, receiptPart } from "./console.js";
import { $, $in, h, setText, swap } from "./dom.js";
import { Finder } from "./find.js";
import { count } from "./fmt.js";
import { seq, wrote } from "./following.js";
import { checkFields, clearErrors, controlOf, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either, t } from "./i18n.js";
import { whileWaiting } from "./importing.js";
import { personLink } from "./person.js";
import { blame, cell, decisionForm, proposedTable, showRest, tickCell } from "./proposed.js";
import { area, scope } from "./scope.js";
import { badge, COVERAGE, fillSelect } from "./words.js";

const FORESEEN_MS = 60000;
const SHOWN = 100;

/** A proposal for every gap of a kind (批量提案): looked through, changed, and committed as one decision. */
class Proposal {
  /** @type {Row[]} */
  #rows = [];
  #attempt = new Attempt();
  #shown = SHOWN;
  #editing = "";

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} room
   */
  constructor(form, room) {
    this.form = form;
    this.room = room;
    this.unfilled = 0;
    this.at = 0;
    this.said = h("p", { role: "status", id: "proposal-said" });
    this.all = h("input", {
      type: "checkbox",
      "aria-label": t("选中全部"),
      data: { key: "all" },
      onchange: () => this.#tickAll(),
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  async ask() {
    clearErrors(this.form);
    await whileBusy(this.form.querySelectorAll("button"), async () => {
      try {
        const answer = await whileWaiting(this.room, t("正在为每个缺口挑人"), () =>
          post(
            "packages/propose",
            { area, kind: controlOf(this.form, "kind").value },
            { key: newKey(), limitMs: FORESEEN_MS },
          ),
        );
        this.#rows = answer.rows.map((/** @type {Row} */ row) => ({ ...row, ticked: Boolean(row.person), fault: "" }));
        this.unfilled = answer.unfilled;
        this.at = answer.seq;
        this.#shown = SHOWN;
        this.#editing = "";
        this.#draw();
      } catch (error) {
        showRefusal(this.form, error);
      }
    });
  }

  get #ticked() {
    return this.#rows.filter((row) => row.ticked && row.person);
  }

  #tickAll() {
    for (const row of this.#rows) row.ticked = this.all.checked && Boolean(row.person);
    this.#draw();
  }

  #draw() {
    if (!this.#rows.length) {
      swap(this.room, h("p", { class: "empty" }, t("这个区域没有这一类的缺口。")));
      return;
    }
    /** @param {Row} row */
    const faulty = (row) => (row.fault ? 0 : 1);
    const rows = [...this.#rows].sort((a, b) => faulty(a) - faulty(b)).slice(0, this.#shown);
    const left = this.#rows.length - rows.length;
    swap(
      this.room,
      h(
        "p",
        { class: "dim" },
        t("按 seq {seq} 时的情况；距离近、负担轻、会这一行的优先。", { seq: this.at }),
        this.unfilled > 0 && h("strong", {}, ` ${t("{n}个对象附近没有合适的人。", { n: count(this.unfilled) })}`),
      ),
      proposedTable(
        t("提案"),
        "",
        [
          h("label", { class: "list-box" }, this.all),
          ...[t("对象"), t("人选"), t("距离"), t("已有负担"), t("技能"), t("评分"), t("操作")],
        ],
        rows.map((row) => this.#row(row)),
      ),
      showRest(left, () => {
        this.#shown = Infinity;
        this.#draw();
      }),
      decisionForm(this.room, {
        id: "proposal-commit",
        reason: "proposal-reason",
        said: this.said,
        send: (form) => this.commit(form),
      }),
    );
    this.#count();
  }

  /** @param {Row} row */
  #row(row) {
    const box = h("input", {
      type: "checkbox",
      disabled: !row.person,
      data: { key: `tick-${row.target}` },
      onchange: () => {
        row.ticked = box.checked;
        this.#count();
      },
    });
    box.checked = row.ticked;
    const edited = row.edited ? [h("span", { class: "state-mark", data: { state: "OPEN" } }, t("已改"))] : [];
    return h(
      "tr",
      { role: "row", data: { target: row.target, ...(row.fault && { fault: "" }) } },
      tickCell(box, row.target_name),
      h(
        "th",
        { scope: "row", role: "rowheader" },
        [row.area_name, row.target_name].filter(Boolean).join(" "),
        row.standing && [" ", badge(COVERAGE, "STANDING")],
        row.fault && h("p", { class: "field-error" }, row.fault),
      ),
      cell(
        t("人选"),
        this.#editing === row.target
          ? this.#finder(row)
          : [row.person ? personLink(row.person) : h("strong", { class: "none" }, t("无人选")), " ", edited],
      ),
      cell(t("距离"), row.edited || !row.person ? "—" : either(row, "distance") || String(row.distance ?? "—")),
      cell(t("已有负担"), row.edited || !row.person ? "—" : t("{n}项", { n: row.load ?? 0 })),
      cell(t("技能"), row.edited || !row.person ? "—" : row.skilled ? t("符合") : t("不符合")),
      cell(t("评分"), row.edited || !row.person ? "—" : String(row.score ?? "—")),
      cell(
        t("操作"),
        h(
          "button",
          {
            type: "button",
            data: { key: `edit-${row.target}`, edit: row.target },
            onclick: () => {
              this.#editing = this.#editing === row.target ? "" : row.target;
              this.#draw();
            },
          },
          this.#editing === row.target ? t("不改了") : t("改派"),
        ),
      ),
    );
  }

  /** @param {Row} row */
  #finder(row) {
    const box = h("div");
    const finder = new Finder(box, {
      label: t("改派给谁"),
      onChoose: (one) => {
        if (!one) return;
        Object.assign(row, { person: { ...one, available: true }, edited: true, ticked: true, fault: "" });
        this.#editing = "";
        this.#draw();
      },
    });
    requestAnimationFrame(() => finder.search.focus());
    return box;
  }

  #count() {
    const n = this.#ticked.length;
    setText(this.said, t("已选{n}项，共{total}项", { n: count(n), total: count(this.#rows.length) }));
    this.all.checked = n > 0 && n === this.#rows.filter((row) => row.person).length;
    const button = $in(this.room, "#proposal-commit [type=submit]", HTMLButtonElement);
    button.disabled = !n;
    setText(button, t("作为一次决定，指派{n}项", { n: count(n) }));
  }

  /**
   * All or nothing: what is wrong with a row is said in the row.
   * @param {HTMLFormElement} form
   */
  async commit(form) {
    if (!checkFields(form)) return;
    const rows = this.#ticked;
    const { reason } = valuesOf(form);
    const waits = h("div");
    form.append(waits);
    await whileBusy(form.querySelectorAll("button"), async () => {
      try {
        const body = {
          rows: rows.map((row) => ({
            kind: row.kind,
            target: row.target,
            party: { kind: "person", id: row.person.id },
            backups: [],
          })),
          reason,
        };
        const answer = await whileWaiting(waits, t("正在记入"), () =>
          this.#attempt.send("packages/assign", body, seq() || undefined),
        );
        wrote(answer);
        swap(
          this.room,
          h(
            "section",
            { class: "panel", data: { committed: rows.length } },
            h(
              "p",
              { class: "done-mark", role: "status" },
              h("strong", {}, t("已指派{n}项，记为一次决定", { n: count(rows.length) })),
            ),
            receiptPart(answer, [line(t("理由"), reason)]),
          ),
        );
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        for (const row of this.#rows) row.fault = "";
        blame(this.room, "#proposal-commit", error, rows, () => this.#draw());
      } finally {
        waits.remove();
      }
    });
  }
}

/**
 * Fill the gaps of a kind at once; `learned`: the kinds there are.
 * @param {() => Promise<Row[]>} learned
 */
export async function proposals(learned) {
  const form = $("proposal-form", HTMLFormElement);
  new Proposal(form, $("proposal-room"));
  const kinds = (await once(learned())).filter((kind) => !kind.parties || kind.parties.includes("person"));
  fillSelect(
    $("proposal-kind"),
    kinds.map((kind) => ({ value: kind.id, label: either(kind) })),
  );
  const board = await scope;
  setText($("proposal-area"), board?.area.name ?? area);
}
