import { base } from "./api.js";
import { $, $all, $in, flash, h, setText, swap } from "./dom.js";
import { count, near, shortName, span } from "./fmt.js";
import { either, t } from "./i18n.js";
import { paintTiles } from "./kpis.js";
import { inForce } from "./state.js";

let known = new Set(); // vacancies when the board was last shown
let place = "";

/**
 * Check-in counts (报到) while a response is in force, or where somebody was called in.
 * @param {Board} board
 * @param {Row} people
 */
const called = (board, people) => inForce(board).length > 0 || people.reported > 0;

/**
 * Who has said nothing: not the same as who said they are absent, and not those who have left.
 * @param {Row} people
 */
const unknown = (people) =>
  people.unknown ?? people.registered - people.present - people.partial - people.absent - (people.gone ?? 0);

/** @param {Board} board */
function tiles(board) {
  const { people } = board.counts;
  const posts = people.posts > 0;
  const list = [
    {
      key: "vacant",
      label: t("岗位空缺"),
      value: posts ? count(people.vacant) : "—",
      bad: people.vacant > 0,
      note: posts ? t("共{n}岗", { n: count(people.posts) }) : t("未设岗"),
    },
    { key: "acting", label: t("B角履职"), value: posts ? count(people.acting) : "—" },
    {
      key: "gaps",
      label: t("包保缺口"),
      value: people.targets ? count(people.gaps) : "—",
      note: people.targets ? t("共{n}个对象", { n: count(people.targets) }) : t("没有对象"),
    },
  ];
  if (!called(board, people)) {
    return [
      ...list,
      {
        key: "registered",
        label: t("在册人员"),
        value: count(people.registered),
        note: people.unavailable ? t("不可用 {n}", { n: count(people.unavailable) }) : "",
      },
    ];
  }
  return [
    ...list,
    {
      key: "present",
      label: t("到岗"),
      value: count(people.present),
      note: t("共{n}人 · 部分{a}", { n: count(people.registered), a: count(people.partial) }),
    },
    {
      key: "unknown",
      label: t("未知"),
      value: count(unknown(people)),
      note: t("另缺席 {n}", { n: count(people.absent) }),
    },
  ];
}

/**
 * Posts, packages and people in numbers (力量).
 * @param {HTMLElement} box
 * @param {Board} board
 */
export const renderStrength = (box, board) => paintTiles(box, tiles(board));

/**
 * @param {string} since
 * @param {string} now
 */
const stood = (since, now) => (since ? t("空缺{span}", { span: span(Date.parse(now) - Date.parse(since)) }) : "");

/**
 * Move on for how long posts stand vacant, and nothing else of them.
 * @param {string} now
 */
export function tickVacancies(now) {
  for (const item of $all($("vacancies"), "li[data-since]"))
    setText($in(item, ".stood"), stood(item.dataset.since ?? "", now));
}

/**
 * Leads to the post as it stands now: not from another moment, nor for who may not see people.
 * @param {Row} item
 * @param {BoardContext} ctx
 */
function title(item, ctx) {
  const text = item.site_name && !item.name.startsWith(item.site_name) ? `${item.site_name} · ${item.name}` : item.name;
  if (ctx.at() !== null || !ctx.sees) return h("span", { class: "what" }, text);
  return h(
    "a",
    { class: "what", href: `${base}/posts?post=${encodeURIComponent(item.post)}`, data: { key: `post-${item.post}` } },
    text,
  );
}

/**
 * @param {Row} item
 * @param {BoardContext} ctx
 * @param {string} now
 */
function row(item, ctx, now) {
  const seq = h(
    "button",
    {
      type: "button",
      class: "seq num",
      data: { key: `vacant-seq-${item.post}` },
      "aria-label": t("打开事实 {seq}", { seq: item.seq }),
      onclick: () => ctx.openFact(item.seq),
    },
    `#${item.seq}`,
  );
  const where = h(
    "a",
    { href: ctx.href(item.area.slice(0, 12)), title: item.area_name, data: { key: `vacant-area-${item.post}` } },
    shortName(item.area_name),
  );
  return h(
    "li",
    { data: { vacant: item.post, rank: item.rank, ...(item.since && { since: item.since }) } },
    title(item, ctx),
    h(
      "span",
      { class: "dim small", title: either(item, "before") },
      where,
      item.cause && ` · ${either(item, "cause")}`,
    ),
    h(
      "span",
      { class: "stood num", title: t("自 {time} 起", { time: near(item.since, now) }) },
      stood(item.since, now),
    ),
    seq,
  );
}

/**
 * The vacancy board (岗位空缺榜), the gravest first; without posts there is nothing to say.
 * @param {Board} board
 * @param {BoardContext} ctx
 * @param {string} now
 */
export function renderVacancies(board, ctx, now) {
  const list = board.vacancies ?? [];
  const total = Math.max(board.vacancies_total ?? 0, list.length);
  const panel = $("vacancies-panel");
  panel.hidden = !board.counts.people.posts;
  panel.toggleAttribute("data-bad", total > 0);
  setText($("vacancies-total"), total ? count(total) : t("没有空缺的岗位"));
  $("vacancies").hidden = !total;
  const fresh = place === board.area.code ? list.filter((item) => !known.has(item.post)) : [];
  known = new Set(list.map((item) => item.post));
  place = board.area.code;
  swap(
    $("vacancies"),
    h(
      "ul",
      { class: "vacant-list" },
      list.map((item) => row(item, ctx, now)),
    ),
    total > list.length &&
      h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: list.length, total: count(total) })),
  );
  for (const item of fresh) flash($in($("vacancies"), `[data-vacant="${CSS.escape(item.post)}"]`));
}
