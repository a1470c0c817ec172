import { base, failureOf, get, remove, signIn } from "./api.js";
import { $, $all, $find, h, setText, swap, writtenIn } from "./dom.js";
import { Drawer } from "./drawer.js";
import "./ended.js";
import { span, time } from "./fmt.js";
import { count, follow, fresh, saw, say } from "./following.js";
import { bindLanguage, either, t } from "./i18n.js";
import { List } from "./list.js";
import { bindNav } from "./nav.js";
import { home, now, root } from "./page.js";

const AGAIN_MS = 4000;
const TICK_MS = 10000;

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
/** The column of it. */
export const SEQ = { key: "seq", render: (/** @type {Row} */ row) => seqButton(row.seq) };

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

bindLanguage();
bindNav();
document
  .getElementById("sign-out")
  ?.addEventListener("click", () => remove("session").then(() => location.assign(`${base}/login`), signIn));
say();
