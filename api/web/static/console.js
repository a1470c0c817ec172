import { ApiError, Attempt, base, failureOf, get, remove, signIn } from "./api.js";
import { $, $all, $find, $in, h, present, setText, swap, toast, writtenIn } from "./dom.js";
import { Drawer } from "./drawer.js";
import { span, time } from "./fmt.js";
import { checkFields, clearErrors, controlOf, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { bindLanguage, either, t } from "./i18n.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { bindNav, showBadges } from "./nav.js";
import { showStatus } from "./strips.js";

const root = document.documentElement;
const PAUSE_MS = 2000; // between two refreshes of a busy world
const POLL_MS = 15000; // for what the stream of an area does not tell
const AGAIN_MS = 4000;
const TICK_MS = 10000;
const began = Number(document.body.dataset.kept) || Date.now(); // a page kept for want of a network is as old as that (sw.js)

/** @type {Given} */
export const given = JSON.parse($("page-data").textContent);
export const { user, home, id } = given;

/**
 * True if some role of the reader's allows this somewhere; the server decides again.
 * @param {string} action
 */
export const may = (action) => (user?.may ?? []).includes(action);

/** The world's clock: a drill's runs faster than ours. */
export const now = () => new Date(given.clock.now_ms + (Date.now() - began) * given.clock.factor).toISOString();

/** @param {...string} parts */
export const pathOf = (...parts) => parts.map(encodeURIComponent).join("/");
/** @param {...string} parts */
export const hrefOf = (...parts) => `${base}/${pathOf(...parts)}`;

// --- following the log -------------------------------------------------------------

/** @type {Set<() => unknown>} */
const followers = new Set();
let shown = 0; // the log position that is on screen
let shownAt = now();
let followed = 0; // the one the stream has told of
let written = 0; // the one of our own last decision
/** @type {Live | null} */
let live = null;
let status = "connecting";
let telling = 0;
let toldAt = 0;
/** @type {Record<string, number>} */
const waits = {};

export const seq = () => shown;

/** Ask for what our own last decision has changed. */
export const fresh = () => ({ min_seq: written || null });

const say = () =>
  showStatus(status, shown ? { seq: shown, recorded_at: shownAt } : null, { reconnect: () => live?.retry() });

/**
 * An answer has arrived and is on screen. `seq` of one thing is its own; that of a list is the log's.
 * @param {Row | null} answer
 */
export function saw(answer) {
  const at = answer?.head ?? (answer?.rows || answer?.levels ? Number(answer.seq) || 0 : 0);
  if (at >= shown) [shown, shownAt] = [at, now()];
  if (shown) root.dataset.seq = String(shown);
  if (!live && shown && home) {
    followed = shown;
    live = new Live({
      area: () => home,
      seq: () => followed,
      onDelta: (delta) => {
        followed = Math.max(followed, delta.seq);
        count(delta);
        tell();
      },
      onStatus: (next) => {
        status = next;
        say();
      },
    });
    live.start();
  } else if (!live) status = "live";
  say();
}

/** Tell everyone who follows that the world has moved on: a burst is told once. */
function tell() {
  if (telling) return;
  telling = setTimeout(
    () => {
      telling = 0;
      toldAt = performance.now();
      if (!document.hidden) for (const again of followers) again();
    },
    Math.max(0, toldAt + PAUSE_MS - performance.now()),
  );
}

/**
 * Call `again` whenever something may have changed.
 * @param {() => unknown} again
 */
export function follow(again) {
  followers.add(again);
}

/**
 * A decision of ours is stored.
 * @param {Receipt} receipt
 */
export function wrote(receipt, quiet = false) {
  written = Math.max(written, receipt?.seq ?? 0);
  if (!quiet) toast(receipt?.seq ? t("已记入日志 seq {seq}", { seq: receipt.seq }) : t("已完成"));
  for (const again of followers) again();
  tell();
}

setInterval(() => {
  if (!document.hidden) tell();
}, POLL_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tell();
});
addEventListener("pagehide", () => live?.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/**
 * What waits behind the pages of the navigation, as the board tells it.
 * @param {Partial<Pick<Board, "approvals" | "orders" | "alarms" | "vacancies_total">>} told
 */
function count({ approvals, orders, alarms, vacancies_total: posts }) {
  for (const [name, n] of Object.entries({
    approvals: approvals?.waiting,
    orders: orders?.missing,
    alarms: alarms?.unseen,
    posts,
  })) {
    if (n !== undefined) waits[name] = n;
  }
  showBadges(waits);
}

/**
 * One thing in full. The list it stands in says at which log position, at least.
 * @param {string} listPath
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<Json>}
 */
export async function one(listPath, path, signal) {
  const { seq: at } = await get(listPath, { size: 1, ...fresh() }, signal);
  const answer = await get(path, { min_seq: at }, signal);
  saw({ rows: [], seq: at });
  return answer;
}

/**
 * An answer about many things at once: its `seq` is the log's.
 * @template {Row} A
 * @param {A} answer
 * @returns {A}
 */
export const whole = (answer) => ({ ...answer, head: answer.seq });

/**
 * A complaint of our own, told like one of the server's.
 * @param {string} field
 * @param {string} zh
 * @returns {never}
 */
export function refuse(field, zh) {
  throw new ApiError(422, {
    code: "form.incomplete",
    zh: t("请补全后再继续"),
    en: t("请补全后再继续"),
    fields: [{ field, zh, en: zh }],
  });
}

// --- parts of a page ---------------------------------------------------------------

let waiting = 0;
let counted = false;

function arrived() {
  waiting -= 1;
  if (waiting > 0) return;
  $("main").setAttribute("aria-busy", "false");
  requestAnimationFrame(() => {
    root.dataset.ready = "1";
  });
  if (home && !counted) get(`areas/${encodeURIComponent(home)}/board`).then(count, () => {}); // a number missing there harms nobody
  counted = true;
}

/**
 * A part of the page that is drawn once: it is there when `work` is done.
 * @template T
 * @param {Promise<T>} work
 */
export async function once(work) {
  waiting += 1;
  try {
    return await work;
  } finally {
    arrived();
  }
}

/**
 * A list (list.js) that follows the log.
 * @param {string} element
 * @param {ListOptions} options
 */
export function list(element, options) {
  waiting += 1;
  let first = true;
  const shown = () => {
    if (first) arrived();
    first = false;
  };
  return new List($(element), {
    ...options,
    params: () => ({ ...options.params?.(), ...fresh() }),
    live: follow,
    onPage(page) {
      saw(page);
      options.onPage?.(page);
      shown();
    },
    onFail: shown,
  });
}

/**
 * A part of the page drawn from one answer: skeleton (in the template), content, or what went wrong.
 * `fetch(signal)`: asks; `render(answer)`: the nodes to show. Nothing is redrawn under somebody who is writing in it.
 * @template {Row | null} A
 */
export class View {
  #shown = false;
  /** @type {AbortController | null} */
  #loading = null;
  #again = 0;
  #waits = true;
  #stale = false; // the world moved on while an answer was under way

  /**
   * @param {string} element
   * @param {ViewOptions<A>} options
   */
  constructor(element, { fetch, render }) {
    waiting += 1;
    this.element = $(element);
    this.fetch = fetch;
    this.render = render;
    follow(() => this.load());
    this.load();
  }

  #held() {
    return this.#shown && writtenIn(this.element);
  }

  async load() {
    this.#stale = this.#loading !== null;
    if (this.#stale || this.#held()) return;
    clearTimeout(this.#again);
    this.#loading = new AbortController();
    let answer = null;
    try {
      answer = await this.fetch(this.#loading.signal);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status !== 401) this.#failed(failure);
      return;
    } finally {
      this.#loading = null;
    }
    saw(answer);
    this.#shown = true;
    this.show(answer);
    this.#first();
    if (this.#stale) this.load();
  }

  /**
   * Draw it, also anew from the same answer.
   * @param {A} answer
   */
  show(answer) {
    swap(this.element, this.render(answer));
    tick();
  }

  #first() {
    if (this.#waits) arrived();
    this.#waits = false;
  }

  /** @param {Failure} error */
  #failed(error) {
    this.#first();
    // A refusal stays; a broken line or a fault of the server may be over in a moment.
    if (!error.status || error.status >= 500) this.#again = setTimeout(() => this.load(), AGAIN_MS);
    if (this.#shown && error.status !== 404) return; // what stands there is old, and the strip on top says so
    const why = either(error) || String(error.message);
    if ($find(this.element, ".list-error")?.dataset.why === why) return; // said once, however often it is tried again
    swap(
      this.element,
      h(
        "div",
        { class: "list-error", role: "alert", data: { why, code: error.code ?? "" } },
        h("p", {}, h("strong", {}, error.status === 404 ? t("没有这条记录") : t("取不到数据")), " ", why),
        h("button", { type: "button", onclick: () => this.load() }, t("重试")),
      ),
    );
  }
}

/** @param {string} text */
export const nothing = (text) => h("p", { class: "empty" }, text);

/**
 * A line of facts; nothing if there is nothing to say.
 * @param {string} label
 * @param {...Child} value
 */
export const line = (label, ...value) =>
  value.flat().every((part) => part === null || part === undefined || part === "" || part === false)
    ? null
    : h("div", {}, h("dt", {}, label), h("dd", {}, value));

// --- times that pass ---------------------------------------------------------------

/** @param {HTMLElement} element */
function sayLeft(element) {
  const left = Date.parse(element.dataset.until ?? "") - Date.parse(now());
  element.toggleAttribute("data-over", left <= 0 && element.hasAttribute("data-strict"));
  setText(element, left > 0 ? t("还有{span}", { span: span(left) }) : t("已过{span}", { span: span(left) }));
}

/**
 * How long is left until `value`; `strict`: being over it is a fault.
 * @param {string | null | undefined} value
 */
export function until(value, strict = true) {
  if (!value) return h("span", { class: "dim" }, t("不限时"));
  const element = h("time", {
    class: "until num",
    datetime: value,
    title: time(value, "full"),
    data: { until: value },
    "data-strict": strict,
  });
  sayLeft(element);
  return element;
}

function tick() {
  if (!document.hidden) for (const element of $all(document, "time[data-until]")) sayLeft(element);
}
setInterval(tick, TICK_MS);

// --- facts -------------------------------------------------------------------------

/** @type {Drawer} */
export const drawer = new Drawer({
  at: () => null,
  now,
  /** @param {number} at */
  openFact: (at) => drawer.openFact(at),
  /** @param {number | null} at */
  lookAt: (at) => location.assign(`${base}/?area=${encodeURIComponent(home)}&at=${at}`),
});

/**
 * The position in the log that made something so.
 * @param {number} at
 */
export function seqButton(at) {
  if (!at) return "—";
  return h(
    "button",
    {
      type: "button",
      class: "seq num",
      data: { key: `seq-${at}`, fact: at },
      "aria-label": t("打开事实 {seq}", { seq: at }),
      onclick: () => drawer.openFact(at),
    },
    `#${at}`,
  );
}

/**
 * What was stored, and where.
 * @param {Receipt} receipt
 * @param {Child} [more]
 */
export function receiptPart(receipt, more = []) {
  return h(
    "dl",
    { class: "facts", data: { receipt: receipt.seq } },
    h(
      "div",
      {},
      h("dt", {}, "seq"),
      h(
        "dd",
        {},
        seqButton(receipt.first_seq ?? receipt.seq),
        receipt.first_seq && receipt.first_seq !== receipt.seq ? [" – ", seqButton(receipt.seq)] : null,
      ),
    ),
    more,
    line(t("记录"), time(receipt.recorded_at, "full")),
    h("div", {}, h("dt", {}, t("命令编号")), h("dd", { class: "hash" }, receipt.command)),
    h("div", {}, h("dt", {}, t("日志根")), h("dd", { class: "hash" }, receipt.root)),
  );
}

/**
 * What went wrong, said for some seconds.
 * @param {unknown} error
 */
export const sayFailure = (error) => {
  const failure = failureOf(error);
  toast(either(failure) || failure.code || failure.message, true);
};

// --- deciding ----------------------------------------------------------------------

/** @type {Map<string, Attempt>} */
const attempts = new Map();

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
 * @returns {Promise<Receipt>}
 */
async function send(attempt, path, body) {
  return body === null ? remove(path) : attempt.send(path, body, seq() || undefined);
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
    clearErrors(this.box);
    this.form.reset();
    for (const [name, value] of Object.entries(values)) controlOf(this.form, name).value = value;
    const about = $in(this.form, "[data-subject]");
    about.textContent = said;
    about.hidden = !said;
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
    /** @type {Child} */
    let foreseen = null;
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
        this.#sent(await send(this.#attempt, path, body));
      } catch (error) {
        const { final } = failureOf(error);
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

bindLanguage();
bindNav();
document
  .getElementById("sign-out")
  ?.addEventListener("click", () => remove("session").then(() => location.assign(`${base}/login`), signIn));
say();
