import { Attempt, failureOf, remove } from "./api.js";
import { $, $all, $find, $in, h, present, swap, toast } from "./dom.js";
import { restoreDraft } from "./drafts.js";
import { seq, wrote } from "./following.js";
import { checkFields, clearErrors, controlOf, refuse, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either } from "./i18n.js";

export { refuse };

/**
 * What went wrong, said for some seconds.
 * @param {unknown} error
 */
export const sayFailure = (error) => {
  const failure = failureOf(error);
  toast(either(failure) || failure.code || failure.message, true);
};

/**
 * What says that the same is recorded again knowingly, once a refusal has told of it (重复登记); null of any other.
 * @param {{ code?: string, facts?: Row }} failure
 */
export const knowingly = ({ code, facts }) =>
  code === "command.already-recorded" ? { recorded: facts?.recorded ?? 0 } : null;

// --- deciding ----------------------------------------------------------------------

/** @type {Map<string, Attempt>} */ const attempts = new Map();

/**
 * The attempt that belongs to a control, however often that is drawn again.
 * @param {string} key
 */
function attemptOf(key) {
  const attempt = attempts.get(key) ?? new Attempt();
  attempts.set(key, attempt);
  return attempt;
}

/**
 * Send a decision; a body of null deletes.
 * @param {Attempt} attempt
 * @param {string} path
 * @param {Row | null} body
 * @param {number} [seen]
 * @returns {Promise<Receipt>}
 */
async function send(attempt, path, body, seen = seq()) {
  return body === null ? remove(path) : attempt.send(path, body, seen || undefined);
}

/**
 * A decision by one button without a form; what is refused is said aloud.
 * @param {HTMLButtonElement} button
 * @param {string} path
 * @param {Row} [body]
 */
export async function act(button, path, body = {}) {
  const buttons = button.closest("form, .row-actions")?.querySelectorAll("button") ?? [button];
  return whileBusy(buttons, async () => {
    try {
      const receipt = await send(attemptOf(path), path, body);
      wrote(receipt);
      return receipt;
    } catch (error) {
      const form = button.closest("form");
      if (form?.querySelector(".form-error")) showRefusal(form, error);
      else sayFailure(error);
      return null;
    }
  });
}

/**
 * A form on the page itself: checked, sent, refused at its fields. `done(receipt)` shows what became of it.
 * @param {HTMLFormElement} form
 * @param {{ target: (values: Values) => Target, done?: (receipt: Receipt) => unknown }} how
 */
export function bindForm(form, { target, done = wrote }) {
  const attempt = new Attempt();
  restoreDraft(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!checkFields(form)) return;
    await whileBusy(form.querySelectorAll("button"), async () => {
      try {
        const { path, body } = target(valuesOf(form));
        const receipt = await send(attempt, path, body);
        form.reset();
        done(receipt);
      } catch (error) {
        showRefusal(form, error);
      }
    });
  });
}

/**
 * A dialog that asks for something (_sheets.html): form, where it matters the order restated, then the receipt.
 * `target(values, subject)`: {path, body}; `restate(values, subject)`: {sentence, points}; `receipt(answer)`: lines of it;
 * `check(values)`: refuses by throwing an ApiError before anything is sent; `foresee(values, subject)`: what it would do, asked
 * of the server and shown beside what is restated.
 */
export class Sheet {
  #attempt = new Attempt();
  /** @type {Json} */
  #subject = null;
  #seen = 0; // the position on screen when it was opened: what it shows may be older than the page by now
  /** @type {Row} */
  #known = {}; // what a refusal has told of: sent once more, it is meant

  /**
   * @param {string} name
   * @param {SheetOptions} options
   */
  constructor(name, options) {
    this.name = name;
    this.options = options;
    this.box = $(name, HTMLDialogElement);
    this.form = $(`${name}-form`, HTMLFormElement);
    this.parts = $all(this.box, "[data-step]");
    /** @param {string} step */
    const part = (step) => this.parts.find((one) => one.dataset.step === step) ?? null;
    this.confirming = part("confirm");
    this.receiving = part("receipt");
    for (const button of $all(this.box, "[data-close]")) button.addEventListener("click", () => this.box.close());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (checkFields(this.form)) this.#next();
    });
    if (!this.confirming) return;
    const yes = $in(this.confirming, "[data-go=send]", HTMLButtonElement);
    const tick = $in(this.confirming, "[name=understood]", HTMLInputElement);
    $in(this.confirming, "[data-go=form]").addEventListener("click", () => this.#show("form"));
    tick.addEventListener("change", () => {
      yes.disabled = !tick.checked;
    });
    yes.addEventListener("click", () => this.#send([yes]));
  }

  /**
   * Ask about `subject`; `said`: what it is about, in a sentence.
   * @param {Json} subject
   * @param {{ said?: string, values?: Row }} [how]
   */
  open(subject = null, { said = "", values = {} } = {}) {
    this.#subject = subject;
    this.#seen = seq();
    this.#known = {};
    clearErrors(this.box);
    this.form.reset();
    for (const [name, value] of Object.entries(values)) controlOf(this.form, name).value = value;
    const about = $in(this.form, "[data-subject]");
    about.textContent = said;
    about.hidden = !said;
    this.form.dataset.draft = said;
    restoreDraft(this.form);
    this.box.showModal();
    this.#show("form");
  }

  /** @param {string} step */
  #show(step) {
    for (const part of this.parts) part.hidden = part.dataset.step !== step;
    this.box.scrollTop = 0;
    const first = $find(this.box, `[data-step="${step}"] :is(input, select, textarea, button):not([type=hidden])`);
    // What is to be confirmed is read from the top.
    if (step === "confirm") $in(this.box, "[data-step=confirm] .restated").focus({ preventScroll: true });
    else first?.focus();
  }

  async #next() {
    const values = valuesOf(this.form);
    const { check, foresee, restate } = this.options;
    const submits = $all(this.form, "[type=submit]", HTMLButtonElement);
    /** @type {Child} */ let foreseen = null;
    try {
      check?.(values, this.#subject);
      if (foresee) foreseen = await whileBusy(submits, () => foresee(values, this.#subject));
    } catch (error) {
      showRefusal(this.form, error);
      return;
    }
    if (!this.confirming || !restate) {
      this.#send(submits);
      return;
    }
    if (!this.box.open) return; // closed while it was foreseen
    swap($in(this.confirming, "[data-foreseen]"), foreseen);
    const { sentence, points } = restate(values, this.#subject);
    $in(this.confirming, ".restated").textContent = sentence;
    swap(
      $in(this.confirming, ".restated-facts"),
      present(points).map(([label, text]) => h("li", {}, h("span", { class: "dim" }, `${label} `), text)),
    );
    $in(this.confirming, "[name=understood]", HTMLInputElement).checked = false;
    $in(this.confirming, "[data-go=send]", HTMLButtonElement).disabled = true;
    clearErrors(this.box);
    this.#show("confirm");
  }

  /** @param {Iterable<HTMLButtonElement>} buttons */
  async #send(buttons) {
    await whileBusy(buttons, async () => {
      try {
        const { path, body } = this.options.target(valuesOf(this.form), this.#subject);
        this.#sent(await send(this.#attempt, path, body && { ...body, ...this.#known }, this.#seen));
      } catch (error) {
        const { final } = failureOf(error);
        this.#known = knowingly(failureOf(error)) ?? this.#known;
        if (final && this.confirming) this.#show("form"); // a refusal is answered where the order is written
        showRefusal(this.confirming && !final ? this.confirming : this.form, error);
      }
    });
  }

  /** @param {Receipt} answer */
  #sent(answer) {
    wrote(answer, Boolean(this.receiving));
    const { done, receipt } = this.options;
    done?.(answer, this.#subject);
    this.form.reset();
    if (!this.receiving || !receipt) {
      this.box.close();
      return;
    }
    $in(this.receiving, "[data-receipt-room]").replaceChildren(receipt(answer));
    this.#show("receipt");
  }
}

/**
 * A time of a form, which is the world's zone, as the API writes it; null if none is given.
 * @param {string | undefined} value
 */
export const momentOf = (value) => (value ? `${new Date(`${value}:00+08:00`).toISOString().slice(0, 19)}Z` : null);
