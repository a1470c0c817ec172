import { Attempt, base, failureOf, post } from "./api.js";
import { $, $all, $in, h, present, swap } from "./dom.js";
import { restoreDraft } from "./drafts.js";
import { names, time } from "./fmt.js";
import { checkFields, clearErrors, controlOf, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either, t } from "./i18n.js";
import { renderPreview } from "./preview.js";

/** @type {Record<string, () => string>} */
const OUTCOMES = {
  PROPOSED: () => t("已提交审批，等待另一人批准"),
  ENDED: () => t("已解除"),
  VOIDED: () => t("已作废（误发）"),
  ACTIVE: () => t("已生效"),
};

/**
 * Who signs it, and whether the reader's own word is enough.
 * @param {Row} preview
 */
function gateParts(preview) {
  const signers = names(
    (preview.signers ?? []).map((/** @type {Row} */ signer) => either(signer)),
    8,
  );
  if (preview.needs_approval) {
    return [
      h("strong", {}, t("须另一人批准")),
      h(
        "span",
        {},
        signers
          ? t("由{signers}签发；另一位有权限的人批准后才生效。", { signers })
          : t("另一位有权限的人批准后才生效。"),
      ),
    ];
  }
  return signers
    ? [
        h("span", {}, t("由{signers}签发，确认后立即生效。", { signers })),
        preview.may_sign === false && h("strong", {}, t("您不在签发人之列")),
      ].filter(Boolean)
    : [];
}

/**
 * A dialog in three steps: write, see what would change and confirm, get the receipt.
 *
 * `restate(values)`: {sentence, points} in the reader's language
 * `target(values)`: {path, body} of the write
 * `asked(values)`: {path, body} of its preview; null: it changes no site
 */
export class Decision {
  /** @type {Row | null} */
  #preview = null;
  #turn = 0; // an answer that comes after the dialog was closed is nobody's

  /**
   * @param {string} id
   * @param {DecisionOptions} options
   */
  constructor(id, { ctx, restate, target, asked = () => null, prepare = () => {}, check = () => {} }) {
    this.id = id;
    this.ctx = ctx;
    this.restate = restate;
    this.target = target;
    this.asked = asked;
    this.prepare = prepare;
    this.check = check;
    this.box = $(id, HTMLDialogElement);
    this.form = $(`${id}-form`, HTMLFormElement);
    this.glass = $(`${id}-glass-form`, HTMLFormElement);
    this.approval = $(`${id}-approval`, HTMLFormElement);
    this.attempt = new Attempt();
    this.parts = $all(this.box, "[data-step]");
    this.confirming = $in(this.box, "[data-step=confirm]");
    this.sender = $in(this.box, "[data-go=send]", HTMLButtonElement);
    for (const button of $all(this.box, "[data-close]")) button.addEventListener("click", () => this.box.close());
    this.box.addEventListener("close", () => {
      this.#turn += 1;
      this.glass.reset();
    });
    $in(this.box, "[data-go=form]").addEventListener("click", () => this.show("form"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.prepare();
      if (checkFields(this.form)) this.look();
    });
    this.glass.addEventListener("submit", (event) => {
      event.preventDefault();
      if (checkFields(this.glass)) this.send(true);
    });
    this.approval.addEventListener("submit", (event) => event.preventDefault());
    this.sender.addEventListener("click", () => {
      if (this.approval.hidden || checkFields(this.approval)) this.send(false);
    });
  }

  /** @param {string} [about] what is decided about: a draft of it is of nothing else */
  open(about = "") {
    clearErrors(this.box);
    this.form.dataset.draft = about;
    restoreDraft(this.form);
    this.box.showModal(); // before `show`: it moves the focus to the first button
    this.show("form");
  }

  /** @param {string} step */
  show(step) {
    for (const part of this.parts) part.hidden = part.dataset.step !== step;
    this.box.dataset.step = step;
    this.box.scrollTop = 0;
    const sentence = step === "confirm";
    const first = `[data-step="${step}"] :is(input, select, button):not(:disabled)`;
    (sentence ? $(`${this.id}-sentence`) : $in(this.box, first)).focus({ preventScroll: sentence });
  }

  /** Ask what would change; a refusal is answered where the decision is written. */
  async look() {
    const values = valuesOf(this.form);
    try {
      this.check();
    } catch (error) {
      showRefusal(this.form, error);
      return;
    }
    const asked = this.asked(values);
    this.#turn += 1;
    const turn = this.#turn;
    let preview = null;
    if (asked) {
      this.form.setAttribute("aria-busy", "true");
      try {
        preview = await whileBusy($all(this.form, "[type=submit]", HTMLButtonElement), () =>
          post(asked.path, asked.body),
        );
      } catch (error) {
        if (turn === this.#turn) showRefusal(this.form, error);
        return;
      } finally {
        this.form.removeAttribute("aria-busy");
      }
      if (turn !== this.#turn) return;
    }
    this.confirm(values, preview);
  }

  /**
   * @param {Values} values
   * @param {Row | null} preview
   */
  confirm(values, preview) {
    const { sentence, points } = this.restate(values);
    const proposing = Boolean(preview?.needs_approval);
    this.#preview = preview;
    $(`${this.id}-sentence`).textContent = sentence;
    swap(
      $(`${this.id}-points`),
      present(points).map(([label, text]) => h("li", {}, h("span", { class: "dim" }, `${label} `), text)),
    );
    swap($(`${this.id}-preview`), preview && renderPreview(preview));
    const gate = $(`${this.id}-gate`);
    swap(gate, preview && gateParts(preview));
    gate.hidden = !gate.childElementCount;
    gate.toggleAttribute("data-approval", proposing);
    this.approval.hidden = $(`${this.id}-glass`).hidden = !proposing;
    $(`${this.id}-glass`, HTMLDetailsElement).open = false;
    this.glass.reset();
    this.sender.textContent = proposing ? t("提交审批") : (this.confirming.dataset.yes ?? "");
    this.sender.classList.toggle("danger", !proposing);
    this.sender.classList.toggle("primary", proposing);
    this.sender.disabled = false;
    clearErrors(this.box);
    this.show("confirm");
  }

  /**
   * What goes out: the decision, what its preview showed, and how long others may think about it.
   * @param {Row} written
   * @param {boolean} glass
   */
  #body(written, glass) {
    const body = { ...written };
    if (this.#preview?.digest) body.preview = this.#preview.digest;
    if (glass)
      return { ...body, ...valuesOf(this.glass), break_glass: true, password: controlOf(this.glass, "password").value };
    return this.approval.hidden ? body : { ...body, expires_minutes: Number(valuesOf(this.approval).expires_minutes) };
  }

  /** @param {boolean} glass */
  async send(glass) {
    const { path, body } = this.target(valuesOf(this.form));
    const buttons = [this.sender, ...this.glass.querySelectorAll("button")];
    clearErrors(this.confirming);
    await whileBusy(buttons, async () => {
      try {
        this.receipt(await this.attempt.send(path, this.#body(body, glass), this.ctx.seq()));
      } catch (error) {
        const { final, code, fields } = failureOf(error);
        const here =
          !final ||
          (glass && (code?.startsWith("auth.") || fields?.some((part) => ["password", "reason"].includes(part.field))));
        if (here) {
          showRefusal(this.confirming, error);
          $in(this.confirming, ".form-error").scrollIntoView({ block: "nearest" });
        } else {
          this.show("form"); // a refusal is answered where the decision is written
          showRefusal(this.form, error);
        }
      }
    });
  }

  /** @param {Receipt} receipt */
  receipt(receipt) {
    /**
     * @param {string} label
     * @param {Child} value
     */
    const line = (label, value, hash = false) =>
      h("div", {}, h("dt", {}, label), h("dd", { class: hash ? "hash" : "num" }, value));
    const state = OUTCOMES[receipt.state]?.() ?? "";
    this.box.dataset.outcome = receipt.state ?? "";
    $(`${this.id}-outcome`).textContent = receipt.state === "PROPOSED" ? state : t("已记入日志");
    swap(
      $(`${this.id}-receipt`),
      h(
        "div",
        {},
        h("dt", {}, "seq"),
        h(
          "dd",
          {},
          h(
            "button",
            {
              type: "button",
              class: "seq num",
              data: { receipt: receipt.seq },
              onclick: () => {
                this.box.close();
                this.ctx.openFact(receipt.first_seq ?? receipt.seq);
              },
            },
            `#${receipt.first_seq && receipt.first_seq !== receipt.seq ? `${receipt.first_seq}–${receipt.seq}` : receipt.seq}`,
          ),
        ),
      ),
      state && line(t("结果"), state),
      receipt.proposal &&
        line(
          t("审批"),
          h(
            "a",
            {
              class: "link",
              href: `${base}/approvals/${encodeURIComponent(receipt.proposal)}`,
              data: { proposal: receipt.proposal },
            },
            t("查看提议 {id}", { id: receipt.proposal }),
          ),
        ),
      receipt.glass && line(t("紧急单人处置"), t("{id}，须由他人事后复核", { id: receipt.glass })),
      line(t("突发事件"), receipt.emergency ?? "—"),
      line(t("记录"), time(receipt.recorded_at, "full")),
      line(t("命令编号"), receipt.command, true),
      line(t("日志根"), receipt.root, true),
    );
    this.form.reset();
    this.glass.reset();
    this.show("receipt");
    this.ctx.stored(receipt, true);
  }
}
