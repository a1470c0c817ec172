import { actButtons, scaleChips } from "./acts.js";
import { base, failureOf, get } from "./api.js";
import { $, $all, $in, h, swap, writtenIn } from "./dom.js";
import { hazardOf, levelOf, names, time } from "./fmt.js";
import { either, t } from "./i18n.js";
import { factItem, nothingHere } from "./lists.js";

const PAGE = 50;
const SHOWN = new Set([
  "seq",
  "zh",
  "en",
  "name",
  "actor",
  "actor_name",
  "role",
  "role_zh",
  "role_en",
  "payload",
  "occurred_at",
  "recorded_at",
]);

/**
 * @param {string} label
 * @param {Json} value
 */
const line = (label, value, hash = false) =>
  value === null || value === undefined || value === ""
    ? null
    : h("div", {}, h("dt", {}, label), h("dd", { class: hash ? "hash" : "" }, String(value)));

/**
 * @param {Emergency} emergency
 * @param {DrawerContext} ctx
 */
function emergencyPart(emergency, ctx) {
  // Only the board has the dialogs of these decisions.
  const { act, may } = ctx;
  const before = () => $("drawer", HTMLDialogElement).close();
  const buttons = act && may ? actButtons(emergency, { act, may }, { place: "drawer", before }) : [];
  return h(
    "section",
    { class: "emergency" },
    h(
      "p",
      { class: "tags" },
      h("span", { class: "tag strong" }, hazardOf(emergency)),
      h("span", { class: "tag" }, levelOf(emergency.level)),
      h("span", { class: "tag" }, emergency.state === "ACTIVE" ? t("生效中") : t("已解除")),
      scaleChips(emergency),
    ),
    buttons.length > 0 && h("p", { class: "drawer-acts" }, buttons),
    h(
      "dl",
      { class: "facts" },
      line(t("依据"), emergency.basis),
      line(t("措施"), emergency.measures),
      line(
        t("范围"),
        names(
          emergency.scope.map((area) => area.name),
          20,
        ),
      ),
      line(
        t("不含"),
        names(
          emergency.excluded.map((area) => area.name),
          20,
        ),
      ),
      line(t("下达"), `${time(emergency.declared_at, "full")} · ${emergency.by.name}`),
      line(t("预计至"), time(emergency.expected_until, "full")),
      emergency.ended_at && line(t("解除"), time(emergency.ended_at, "full")),
      line(t("预案"), `${either(emergency.playbook)} (${emergency.playbook.id} ${emergency.playbook.version})`),
      line(t("预案指纹"), emergency.playbook.digest, true),
    ),
    h(
      "p",
      { class: "more" },
      h("a", { class: "button", href: `${base}/emergencies/${encodeURIComponent(emergency.id)}` }, t("完整过程")),
    ),
  );
}

/**
 * @param {Row} fact
 * @param {DrawerContext} ctx
 */
function factPart(fact, ctx) {
  /** @type {Words} */
  const labels = {
    area: t("区域"),
    site: t("阵地"),
    emergency: t("突发事件"),
    step: t("步骤"),
    basis: t("依据"),
    reason: t("说明"),
    on_behalf_of: t("代表"),
    seen_seq: t("当时屏上 seq"),
    command: t("命令编号"),
    stream: t("流"),
    version: t("流内版本"),
    digest: t("内容摘要"),
    salt: t("盐"),
    leaf: t("叶哈希"),
  };
  const rest = Object.keys(fact).filter((name) => !SHOWN.has(name) && !(name in labels));
  /** @param {string} name */
  const raw = (name) =>
    fact[name] !== null && typeof fact[name] === "object" ? JSON.stringify(fact[name]) : fact[name];
  const hashes = ["digest", "salt", "leaf", "command"];
  return h(
    "article",
    { class: "fact-detail", data: { fact: fact.seq } },
    h("p", { class: "said" }, either(fact)),
    h(
      "dl",
      { class: "facts" },
      line("seq", fact.seq),
      line(t("事实类型"), fact.name),
      line(t("何人"), `${fact.actor_name || fact.actor} (${fact.actor}) · ${either(fact, "role")}`),
      line(t("发生"), `${time(fact.occurred_at, "full")}`),
      line(t("记录"), `${time(fact.recorded_at, "full")}`),
      [...Object.keys(labels), ...rest].map((name) => line(labels[name] ?? name, raw(name), hashes.includes(name))),
    ),
    fact.payload && [
      h("h3", {}, t("内容")),
      h("pre", { tabindex: "0", role: "region", "aria-label": t("内容") }, JSON.stringify(fact.payload, null, 2)),
    ],
    h(
      "p",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          class: "primary",
          data: { look: fact.seq },
          onclick: () => {
            $("drawer", HTMLDialogElement).close();
            ctx.lookAt(fact.seq);
          },
        },
        t("看此刻的指挥屏"),
      ),
    ),
  );
}

/** @typedef {{ title: string, load: Load, closed?: () => void }} Part */

/** The drawer of facts (事实抽屉): a list, newest first, one fact in full, or whatever else is looked at closely. */
export class Drawer {
  #ctx;
  #box = $("drawer", HTMLDialogElement);
  #body = $("drawer-body");
  /** @type {FactList | null} */
  #list = null;
  /** @type {Part | null} */
  #part = null; // what a fact was opened from, where that is no list
  #turn = 0;

  /** @param {DrawerContext} ctx */
  constructor(ctx) {
    this.#ctx = ctx;
    $in(this.#box, "[data-close]").addEventListener("click", () => this.#box.close());
    this.#box.addEventListener("click", (event) => event.target === this.#box && this.#box.close());
    $("drawer-back").addEventListener("click", () => {
      if (this.#part) this.#showPart(this.#part);
      else if (this.#list) this.#showList(this.#list);
    });
    this.#box.addEventListener("close", () => {
      this.#part?.closed?.();
      this.#part = null;
    });
  }

  /**
   * Show one thing: `load()` gives its nodes; `closed()`: told when it is left.
   * @param {string} title
   * @param {Load} load
   * @param {() => void} [closed]
   */
  openPart(title, load, closed) {
    this.#part = { title, load, closed };
    this.#list = null;
    this.#showPart(this.#part);
  }

  /** Draw the thing on show anew, unless somebody is writing in it or looks at a fact of it. */
  async again() {
    const part = this.#part;
    if (
      !part ||
      !this.#box.open ||
      writtenIn(this.#body) ||
      !$("drawer-back").hidden ||
      this.#body.getAttribute("aria-busy") === "true"
    )
      return;
    const turn = this.#turn;
    const parts = await part.load().catch(() => null); // what stands there is old, and the strip on top says so
    if (parts && turn === this.#turn) swap(this.#body, parts);
  }

  /** @param {Part} part */
  #showPart({ title, load }) {
    this.#show(title, false, load);
  }

  /**
   * @param {string} title
   * @param {Params} filter
   * @param {Emergency} [intro]
   */
  openList(title, filter, intro) {
    this.#part = null;
    this.#list = { title, filter, intro, facts: [], end: false };
    this.#showList(this.#list);
  }

  /** @param {number} seq */
  openFact(seq) {
    if (!this.#box.open) this.#list = null;
    this.#show(t("事实 #{seq}", { seq }), Boolean(this.#list ?? this.#part), async () => [
      factPart(await get(`facts/${seq}`), this.#ctx),
    ]);
  }

  /** @param {FactList} list */
  #showList(list) {
    this.#show(list.title, false, async () => {
      if (!list.facts.length && !list.end) await this.#more(list);
      return this.#listParts(list);
    });
  }

  /** @param {FactList} list */
  #listParts(list) {
    const now = this.#ctx.now();
    return [
      list.intro && emergencyPart(list.intro, this.#ctx),
      list.facts.length
        ? h(
            "ol",
            { class: "fact-list" },
            list.facts.map((fact) => factItem(fact, this.#ctx, now)),
          )
        : nothingHere(t("还没有事实")),
      !list.end &&
        h(
          "p",
          { class: "more" },
          h(
            "button",
            {
              type: "button",
              id: "more-facts",
              onclick: async ({ currentTarget: button }) => {
                const from = list.facts.length;
                button.disabled = true;
                const top = this.#body.scrollTop;
                try {
                  await this.#more(list);
                  swap(this.#body, this.#listParts(list));
                  this.#body.scrollTop = top;
                  $all(this.#body, "li.fact button", HTMLButtonElement)[from]?.focus({ preventScroll: true });
                } catch (error) {
                  button.disabled = false;
                  button.textContent = `${either(failureOf(error))} · ${t("重试")}`;
                }
              },
            },
            t("更早的记录"),
          ),
        ),
    ];
  }

  /** @param {FactList} list */
  async #more(list) {
    const { facts } = await get("facts", {
      ...list.filter,
      before: list.facts.at(-1)?.seq,
      limit: PAGE,
      at: this.#ctx.at(),
    });
    list.facts.push(...facts);
    list.end = facts.length < PAGE;
  }

  /**
   * @param {string} title
   * @param {boolean} back
   * @param {Load} load
   */
  async #show(title, back, load) {
    this.#turn += 1;
    const turn = this.#turn;
    $("drawer-title").textContent = title;
    $("drawer-back").hidden = !back;
    this.#body.setAttribute("aria-busy", "true");
    this.#body.replaceChildren(...Array.from({ length: 6 }, () => h("span", { class: "skeleton" })));
    if (!this.#box.open) this.#box.showModal();
    let parts;
    try {
      parts = await load();
    } catch (error) {
      parts = [
        h("p", { class: "form-error", role: "alert" }, either(failureOf(error))),
        h(
          "p",
          { class: "more" },
          h("button", { type: "button", onclick: () => this.#show(title, back, load) }, t("重试")),
        ),
      ];
    }
    if (turn !== this.#turn) return;
    swap(this.#body, parts);
    this.#body.scrollTop = 0;
    this.#body.setAttribute("aria-busy", "false");
  }
}
