import { $, $all, $in, flash, h, setText, swap } from "./dom.js";
import { count, near, span, time } from "./fmt.js";
import { either, t } from "./i18n.js";

/**
 * By whom a fact was corrected (已更正), if it was; both stay.
 * @param {Row} fact
 */
export const correctedBy = ({ corrected }) =>
  corrected &&
  h(
    "p",
    { class: "small", data: { corrected: corrected.seq } },
    h("strong", {}, t("已更正")),
    ` #${corrected.seq} · ${corrected.actor_name || corrected.actor} · ${time(corrected.occurred_at, "short")}`,
  );

/**
 * One fact in a list: its position in the log opens it.
 * @param {Row} fact
 * @param {Pick<DrawerContext, "openFact">} ctx
 * @param {string} now
 */
export function factItem(fact, ctx, now) {
  return h(
    "li",
    { class: "fact", data: { fact: fact.seq } },
    h(
      "button",
      {
        type: "button",
        class: "seq num",
        data: { key: `fact-${fact.seq}` },
        "aria-label": t("打开事实 {seq}", { seq: fact.seq }),
        onclick: () => ctx.openFact(fact.seq),
      },
      `#${fact.seq}`,
    ),
    h(
      "div",
      {},
      h("p", { class: fact.corrected ? "said corrected" : "said" }, either(fact)),
      correctedBy(fact),
      h(
        "p",
        { class: "dim small num" },
        `${near(fact.occurred_at, now)} · ${fact.actor_name || fact.actor} · ${either(fact, "role")}`,
      ),
    ),
  );
}

/** @param {string} text */
export const nothingHere = (text) => h("p", { class: "empty" }, text);

/**
 * @param {string} dueAt
 * @param {string} now
 */
const overdue = (dueAt, now) => `! ${span(Date.parse(now) - Date.parse(dueAt))}`;

/**
 * Move the late list's times on, and nothing else of it.
 * @param {string} now
 */
export function tickLate(now) {
  for (const item of $all($("late"), "li[data-due]"))
    setText($in(item, ".late-badge"), overdue(item.dataset.due ?? "", now));
}

const SINGLY = 3; // so many are named one by one; more are counted by place
const FEW = 5; // what stands on the screen itself; the rest is one link away

/**
 * @param {Row} item
 * @param {BoardContext} ctx
 * @param {string} now
 */
const lateItem = (item, ctx, now) =>
  h(
    "li",
    { data: { due: item.due_at } },
    h(
      "p",
      {},
      h(
        "a",
        {
          class: "what",
          href: ctx.href(item.area),
          title: `${either(item)} · ${item.area_name}`,
          data: { key: `late-${item.site}-${item.step}` },
        },
        either(item),
      ),
      h(
        "button",
        {
          type: "button",
          class: "seq num",
          data: { key: `late-seq-${item.site}-${item.step}` },
          "aria-label": t("打开事实 {seq}", { seq: item.seq }),
          onclick: () => ctx.openFact(item.seq),
        },
        `#${item.seq}`,
      ),
    ),
    h(
      "p",
      {},
      h("span", { class: "at-site" }, item.site_name),
      h(
        "span",
        { class: "late-badge num", title: t("应于 {time} 完成", { time: time(item.due_at, "short") }) },
        overdue(item.due_at, now),
      ),
    ),
  );

/**
 * One line for each place below with so many of something, the most first.
 * @param {[place: Place, n: number][]} counted
 * @param {BoardContext} ctx
 * @param {string} key
 */
const byPlace = (counted, ctx, key) =>
  h(
    "ul",
    { class: "street-list" },
    counted.map(([place, n]) =>
      h(
        "li",
        { data: { [key]: place.code, n } },
        h("a", { href: ctx.href(place.code), data: { key: `${key}-${place.code}` } }, place.name),
        h("span", { class: "late-badge num" }, count(n)),
      ),
    ),
  );

/**
 * @param {Board} board
 * @param {(place: Place) => number} numberOf
 * @returns {[place: Place, n: number][]}
 */
export const countedIn = (board, numberOf) =>
  board.children
    .map((place) => /** @type {[Place, number]} */ ([place, numberOf(place)]))
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1] || a[0].code.localeCompare(b[0].code));

/**
 * The first five, and a link to all of them; on a page of places they are counted by place.
 * @param {{ panel: string, title: string, total: number, items: () => HTMLElement[], counted: [Place, number][], cut: string }} what
 * @param {BoardContext} ctx
 */
export function few({ panel, title, total, items, counted, cut }, ctx) {
  const grouped = counted.length > 1 && total > SINGLY;
  const known = items();
  const shown = grouped ? counted.length : known.length;
  const all = () => [
    grouped && byPlace(counted, ctx, panel),
    h("h3", {}, title),
    h("ul", { class: "late-list" }, items()),
    total > known.length && h("p", { class: "dim small" }, cut),
  ];
  return [
    grouped ? byPlace(counted.slice(0, FEW), ctx, panel) : h("ul", { class: "late-list" }, known.slice(0, FEW)),
    (grouped || shown > FEW || total > shown) &&
      h(
        "button",
        {
          type: "button",
          class: "all-of",
          data: { key: `all-${panel}` },
          onclick: () => ctx.openPart(title, async () => all()),
        },
        t("全部{n}项", { n: count(total) }),
        " ›",
      ),
  ];
}

/**
 * The late list (逾期清单): by street where there are streets, the steps themselves below.
 * @param {Board} board
 * @param {BoardContext} ctx
 */
export function renderLate(board, ctx) {
  $("late-total").textContent = count(board.late_total);
  $("late-panel").toggleAttribute("data-late", board.late_total > 0);
  if (!board.late.length) return swap($("late"), nothingHere(t("没有逾期的步骤")));
  const counted = countedIn(board, (place) => place.counts.steps.late);
  const what = {
    panel: "late",
    title: t("逾期清单"),
    total: board.late_total,
    items: () => board.late.map((item) => lateItem(item, ctx, ctx.now())),
    counted,
    cut: t("只列最久的{n}条，共{total}条", { n: board.late.length, total: count(board.late_total) }),
  };
  return swap($("late"), few(what, ctx));
}

/**
 * The column of facts of an area without children.
 * @param {Board} board
 * @param {Touched} touched
 * @param {BoardContext} ctx
 * @param {string} now
 */
export function renderFacts(board, touched, ctx, now) {
  if (!board.facts.length) return swap($("facts"), nothingHere(t("还没有事实")));
  swap(
    $("facts"),
    h(
      "ol",
      { class: "fact-list" },
      board.facts.slice(0, 30).map((fact) => factItem(fact, ctx, now)),
    ),
    h(
      "p",
      { class: "more" },
      h(
        "button",
        { type: "button", data: { key: "all-facts" }, onclick: () => ctx.openArea(board.area) },
        t("全部记录"),
      ),
    ),
  );
  for (const item of $all($("facts"), "[data-fact]")) if (touched.facts.has(Number(item.dataset.fact))) flash(item);
  return undefined;
}

/**
 * The newest facts along the bottom.
 * @param {Board} board
 * @param {Touched} touched
 * @param {BoardContext} ctx
 * @param {string} now
 */
export function renderTicker(board, touched, ctx, now) {
  const items = board.facts.slice(0, 2).map((fact) =>
    h(
      "li",
      { class: touched.facts.has(fact.seq) ? "flash" : "" },
      h(
        "button",
        {
          type: "button",
          data: { key: `tick-${fact.seq}`, fact: fact.seq },
          title: either(fact),
          onclick: () => ctx.openFact(fact.seq),
        },
        h("span", { class: "seq num" }, `#${fact.seq}`),
        h("span", { class: "num dim" }, near(fact.occurred_at, now)),
        h("span", { class: "said" }, either(fact)),
      ),
    ),
  );
  swap($("ticker"), items.length ? items : h("li", { class: "dim" }, t("还没有事实")));
}
