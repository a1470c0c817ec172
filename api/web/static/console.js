import { ApiError, Attempt, base, get, remove, signIn } from "./api.js";
import { $, h, setText, swap, toast } from "./dom.js";
import { Drawer } from "./drawer.js";
import { span, time } from "./fmt.js";
import { checkFields, clearErrors, showRefusal, valuesOf, whileBusy } from "./forms.js";
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

export const given = JSON.parse($("page-data").textContent);
export const { user, home, id } = given;

/** True if some role of the reader's allows this somewhere; the server decides again. */
export const may = (action) => (user?.may ?? []).includes(action);

/** The world's clock: a drill's runs faster than ours. */
export const now = () => new Date(given.clock.now_ms + (Date.now() - began) * given.clock.factor).toISOString();

export const pathOf = (...parts) => parts.map(encodeURIComponent).join("/");
export const hrefOf = (...parts) => `${base}/${pathOf(...parts)}`;

// --- following the log -------------------------------------------------------------

const followers = new Set();
let shown = 0; // the log position that is on screen
let shownAt = now();
let followed = 0; // the one the stream has told of
let written = 0; // the one of our own last decision
let live = null;
let status = "connecting";
let telling = 0;
let toldAt = 0;
const waits = {};

export const seq = () => shown;

/** Ask for what our own last decision has changed. */
export const fresh = () => ({ min_seq: written || null });

const say = () =>
  showStatus(status, shown ? { seq: shown, recorded_at: shownAt } : null, { reconnect: () => live?.retry() });

/** An answer has arrived and is on screen. `seq` of one thing is its own; that of a list is the log's. */
export function saw(answer) {
  const at = answer?.head ?? (answer?.rows || answer?.levels ? Number(answer.seq) || 0 : 0);
  if (at >= shown) [shown, shownAt] = [at, now()];
  if (shown) root.dataset.seq = shown;
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

/** Call `again` whenever something may have changed; returns what ends it. */
export function follow(again) {
  followers.add(again);
  return () => followers.delete(again);
}

/** A decision of ours is stored. */
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

/** What waits behind the pages of the navigation, as the board tells it. */
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

/** One thing in full. The list it stands in says at which log position, at least. */
export async function one(listPath, path, signal) {
  const { seq: at } = await get(listPath, { size: 1, ...fresh() }, signal);
  const answer = await get(path, { min_seq: at }, signal);
  saw({ rows: [], seq: at });
  return answer;
}

/** An answer about many things at once: its `seq` is the log's. */
export const whole = (answer) => ({ ...answer, head: answer.seq });

/** A complaint of our own, told like one of the server's. */
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

/** A part of the page that is drawn once: it is there when `work` is done. */
export async function once(work) {
  waiting += 1;
  try {
    return await work;
  } finally {
    arrived();
  }
}

/** A list (list.js) that follows the log. */
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
 */
export class View {
  #shown = false;
  #loading = null;
  #again = 0;
  #waits = true;
  #stale = false; // the world moved on while an answer was under way

  constructor(element, { fetch, render }) {
    waiting += 1;
    Object.assign(this, { element: $(element), fetch, render });
    follow(() => this.load());
    this.load();
  }

  #held() {
    return (
      this.#shown &&
      [...this.element.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue)
    );
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
      if (error.status !== 401) this.#failed(error);
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

  /** Draw it, also anew from the same answer. */
  show(answer) {
    swap(this.element, this.render(answer));
    tick();
  }

  #first() {
    if (this.#waits) arrived();
    this.#waits = false;
  }

  #failed(error) {
    this.#first();
    // A refusal stays; a broken line or a fault of the server may be over in a moment.
    if (!error.status || error.status >= 500) this.#again = setTimeout(() => this.load(), AGAIN_MS);
    if (this.#shown && error.status !== 404) return; // what stands there is old, and the strip on top says so
    const why = either(error) || String(error.message);
    if (this.element.querySelector(".list-error")?.dataset.why === why) return; // said once, however often it is tried again
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

export const nothing = (text) => h("p", { class: "empty" }, text);

/** A line of facts; nothing if there is nothing to say. */
export const line = (label, ...value) =>
  value.flat().every((part) => part === null || part === undefined || part === "" || part === false)
    ? null
    : h("div", {}, h("dt", {}, label), h("dd", {}, value));

// --- times that pass ---------------------------------------------------------------

const leftOf = (value) => Date.parse(value) - Date.parse(now());

function sayLeft(element) {
  const left = leftOf(element.dataset.until);
  element.toggleAttribute("data-over", left <= 0 && element.hasAttribute("data-strict"));
  setText(element, left > 0 ? t("还有{span}", { span: span(left) }) : t("已过{span}", { span: span(left) }));
}

/** How long is left until `value`; `strict`: being over it is a fault. */
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
  if (!document.hidden) for (const element of document.querySelectorAll("time[data-until]")) sayLeft(element);
}
setInterval(tick, TICK_MS);

// --- facts -------------------------------------------------------------------------

export const drawer = new Drawer({
  at: () => null,
  now,
  openFact: (at) => drawer.openFact(at),
  lookAt: (at) => location.assign(`${base}/?area=${encodeURIComponent(home)}&at=${at}`),
});

/** The position in the log that made something so. */
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

/** What was stored, and where. */
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

// --- deciding ----------------------------------------------------------------------

const attempts = new Map();

/** The attempt that belongs to a control, however often that is drawn again. */
function attemptOf(key) {
  if (!attempts.has(key)) attempts.set(key, new Attempt());
  return attempts.get(key);
}

/** Send a decision; a body of null deletes. */
async function send(attempt, path, body) {
  return body === null ? remove(path) : attempt.send(path, body, shown || undefined);
}

/** A decision by one button without a form; what is refused is said aloud. */
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
      else toast(either(error) || error.code, true);
      return null;
    }
  });
}

/** A form on the page itself: checked, sent, refused at its fields. `done(receipt)` shows what became of it. */
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
  #subject = null;

  constructor(name, { target, restate = null, receipt = null, done = null, check = null, foresee = null }) {
    Object.assign(this, {
      name,
      target,
      restate,
      receipt,
      done,
      check,
      foresee,
      box: $(name),
      form: $(`${name}-form`),
    });
    this.parts = [...this.box.querySelectorAll("[data-step]")];
    const part = (step) => this.parts.find((one) => one.dataset.step === step) ?? null;
    [this.confirming, this.receiving] = [part("confirm"), part("receipt")];
    for (const button of this.box.querySelectorAll("[data-close]"))
      button.addEventListener("click", () => this.box.close());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (checkFields(this.form)) this.#next();
    });
    if (!this.confirming) return;
    const yes = this.confirming.querySelector("[data-go=send]");
    const tick = this.confirming.querySelector("[name=understood]");
    this.confirming.querySelector("[data-go=form]").addEventListener("click", () => this.#show("form"));
    tick.addEventListener("change", () => {
      yes.disabled = !tick.checked;
    });
    yes.addEventListener("click", () => this.#send([yes]));
  }

  /** Ask about `subject`; `said`: what it is about, in a sentence. */
  open(subject = null, { said = "", values = {} } = {}) {
    this.#subject = subject;
    clearErrors(this.box);
    this.form.reset();
    for (const [name, value] of Object.entries(values)) this.form.elements[name].value = value;
    const about = this.form.querySelector("[data-subject]");
    about.textContent = said;
    about.hidden = !said;
    this.box.showModal();
    this.#show("form");
  }

  #show(step) {
    for (const part of this.parts) part.hidden = part.dataset.step !== step;
    this.box.scrollTop = 0;
    const first = this.box.querySelector(
      `[data-step="${step}"] :is(input, select, textarea, button):not([type=hidden])`,
    );
    if (step === "confirm")
      this.confirming.querySelector(".restated").focus({ preventScroll: true }); // read from the top
    else first?.focus();
  }

  async #next() {
    const values = valuesOf(this.form);
    let foreseen = null;
    try {
      this.check?.(values, this.#subject);
      if (this.foresee)
        foreseen = await whileBusy(this.form.querySelectorAll("[type=submit]"), () =>
          this.foresee(values, this.#subject),
        );
    } catch (error) {
      showRefusal(this.form, error);
      return;
    }
    if (!this.confirming) {
      this.#send(this.form.querySelectorAll("[type=submit]"));
      return;
    }
    if (!this.box.open) return; // closed while it was foreseen
    this.confirming.querySelector("[data-foreseen]").replaceChildren(...[foreseen].flat().filter(Boolean));
    const { sentence, points } = this.restate(values, this.#subject);
    this.confirming.querySelector(".restated").textContent = sentence;
    this.confirming
      .querySelector(".restated-facts")
      .replaceChildren(...points.map(([label, text]) => h("li", {}, h("span", { class: "dim" }, `${label} `), text)));
    this.confirming.querySelector("[name=understood]").checked = false;
    this.confirming.querySelector("[data-go=send]").disabled = true;
    clearErrors(this.box);
    this.#show("confirm");
  }

  async #send(buttons) {
    await whileBusy(buttons, async () => {
      try {
        const { path, body } = this.target(valuesOf(this.form), this.#subject);
        this.#sent(await send(this.#attempt, path, body));
      } catch (error) {
        if (error.final && this.confirming) this.#show("form"); // a refusal is answered where the order is written
        showRefusal(this.confirming && !error.final ? this.confirming : this.form, error);
      }
    });
  }

  #sent(answer) {
    wrote(answer, Boolean(this.receiving));
    this.done?.(answer, this.#subject);
    this.form.reset();
    if (!this.receiving) {
      this.box.close();
      return;
    }
    this.receiving.querySelector("[data-receipt-room]").replaceChildren(this.receipt(answer));
    this.#show("receipt");
  }
}

/** A time of a form, which is the world's zone, as the API writes it; null if none is given. */
export const momentOf = (value) => (value ? `${new Date(`${value}:00+08:00`).toISOString().slice(0, 19)}Z` : null);

bindLanguage();
bindNav();
$("sign-out")?.addEventListener("click", () => remove("session").then(() => location.assign(`${base}/login`), signIn));
say();
