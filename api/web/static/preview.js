import { ACTS, actOf } from "./acts.js";
import { h } from "./dom.js";
import { count, levelOf, names, span } from "./fmt.js";
import { either, t } from "./i18n.js";
import { part, table } from "./parts.js";
import { amount, itemName } from "./supply.js";

const FOLDED = 12; // longer parts are folded up to here

/** @param {string} action */
function called(action) {
  if (action === "declare") return t("下达转换令");
  if (action === "take-up") return t("补下转换令");
  return ACTS.includes(action) ? actOf(action) : action;
}

/** @type {() => [name: string, label: string][]} */
const changes = () => [
  ["convert", t("开始转换")],
  ["recover", t("开始恢复")],
  ["idle", t("未动作，直接回到平时")],
  ["more", t("增加步骤")],
  ["fewer", t("减少步骤")],
  ["conflicts", t("功能冲突")],
];

/** @param {Row} numbers */
function totals(numbers = {}) {
  /** @param {[string, string]} pair */
  const tile = ([name, label]) =>
    h(
      "div",
      { data: { total: name, ...(numbers[name] > 0 && { some: "" }) } },
      h("dt", {}, label),
      h("dd", { class: "num" }, h("b", {}, count(numbers[name]))),
    );
  /** @type {[name: string, label: string][]} */
  const first = [
    ["streets", t("涉及街镇")],
    ["sites", t("涉及阵地")],
    ["steps", t("新增步骤")],
  ];
  return h("dl", { class: "preview-totals" }, [...first, ...changes()].map(tile));
}

/**
 * Posts, packages and stock as an order would find them; what was not looked at is said so: it is not nought.
 * @param {Row} body
 */
function readiness({ posts, packages, materials }) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {Row | undefined} part
   * @param {() => string} text
   * @param {number | undefined} bad
   */
  const one = (name, label, part, text, bad) =>
    h(
      "div",
      { data: { assessed: name, ...(bad && { bad: "" }) } },
      h("dt", {}, label),
      h("dd", { class: "num" }, part?.assessed ? text() : t("未评估")),
    );
  const missing = () => (posts.missing ? t("，{n}岗未设", { n: count(posts.missing) }) : "");
  return h(
    "dl",
    { class: "preview-ready" },
    one(
      "posts",
      t("岗位"),
      posts,
      () =>
        posts.demanded
          ? t("要求{n}岗，{k}岗无人可任", { n: count(posts.demanded), k: count(posts.unfillable) }) + missing()
          : t("不要求"),
      posts?.unfillable || posts?.missing,
    ),
    one(
      "packages",
      t("四包责任"),
      packages,
      () =>
        packages.targets
          ? t("{n}个对象，{k}个无人包", { n: count(packages.targets), k: count(packages.uncovered) })
          : t("不要求"),
      packages?.uncovered,
    ),
    one(
      "materials",
      t("物资"),
      materials,
      () =>
        materials.demanded
          ? t("要求{n}种，{k}种不够", { n: count(materials.demanded), k: count(materials.short) })
          : t("不要求"),
      materials?.short,
    ),
  );
}

/**
 * What is there of an item, and what is wanting.
 * @type {() => Sight[]}
 */
const lacking = () => [
  { label: t("要求"), text: (row) => h("span", { class: "num" }, amount(row.needed, row.unit)) },
  { label: t("现可用"), text: (row) => h("span", { class: "num" }, amount(row.available)) },
  { label: t("缺口"), text: (row) => h("strong", { class: "num" }, amount(row.short, row.unit)) },
];

/**
 * The first of those nobody can take, and how many there are in all.
 * @param {string} name
 * @param {string} title
 * @param {Row[] | undefined} rows
 * @param {number} total
 * @param {Named} first
 * @param {Sight[]} columns
 */
function wanting(name, title, rows, total, first, columns) {
  /** @param {number} shown */
  const more = (shown) =>
    total > shown && h("p", { class: "dim" }, t("只列{n}项，共{total}项", { n: shown, total: count(total) }));
  return part(name, title, rows, (all) => [table(title, first, columns, all), more(all.length)], total);
}

/** @param {Row} step */
function stepItem(step) {
  const phase = step.phase === "recover" ? t("恢复清单") : t("转换清单");
  return h(
    "li",
    { data: { step: step.id } },
    h("strong", {}, either(step), !step.mandatory && h("span", { class: "dim small" }, ` ${t("（可选）")}`)),
    h(
      "span",
      { class: "dim" },
      [either(step, "function"), phase, either(step, "owner") || step.owner].filter(Boolean).join(" · "),
    ),
    h("span", { class: "num" }, t("{n}处，{span}内", { n: count(step.sites), span: span(step.due_minutes * 60000) })),
  );
}

/** @param {Row[]} rows */
function steps(rows) {
  /** @param {Row[]} some */
  const list = (some) => h("ol", { class: "preview-steps" }, some.map(stepItem));
  const rest = rows.slice(FOLDED);
  return [
    list(rows.slice(0, FOLDED)),
    rest.length > 0 && h("details", {}, h("summary", {}, t("其余{n}步", { n: rest.length })), list(rest)),
  ];
}

/**
 * Who signs it, and whether one person's word is enough.
 * @param {Row} body
 */
function signText(body) {
  const signers = names(
    (body.signers ?? []).map((/** @type {Row} */ signer) => either(signer)),
    8,
  );
  if (body.needs_approval)
    return signers
      ? t("须另一人批准：由{signers}签发，批准后才生效。", { signers })
      : t("须另一人批准，批准后才生效。");
  return signers ? t("由{signers}签发，确认后立即生效。", { signers }) : "";
}

/**
 * What a decision would change (影响预览): totals, by street, by function, steps with their limits, conflicts.
 * @param {Row} body
 */
export function renderPreview(body) {
  const numbers = changes().map(([name, label]) => ({ name, label }));
  const sign = signText(body);
  const named = { label: t("阵地"), text: (/** @type {Row} */ row) => row.site_name };
  const where = { label: t("区域"), text: (/** @type {Row} */ row) => row.area_name };
  const clash = [
    where,
    { label: t("拟担功能"), text: (/** @type {Row} */ row) => either(row, "function") },
    { label: t("现有功能"), text: (/** @type {Row} */ row) => either(row, "held") || row.held },
  ];
  return h(
    "section",
    {
      class: "preview",
      "aria-label": t("影响预览"),
      data: { digest: body.digest, action: body.action, previewSeq: body.seq },
    },
    h(
      "p",
      { class: "preview-head" },
      h("strong", {}, [called(body.action), body.level && levelOf(body.level)].filter(Boolean).join(" ")),
      h("span", { class: "dim num" }, t("按 seq {seq} 时的情况", { seq: body.seq })),
    ),
    sign && h("p", { class: "preview-sign", data: body.needs_approval ? { approval: "" } : {} }, sign),
    totals(body.totals),
    readiness(body),
    wanting(
      "posts",
      t("岗位无人可任"),
      body.posts?.listed,
      (body.posts?.unfillable ?? 0) + (body.posts?.missing ?? 0),
      { label: t("岗位"), text: (row) => row.name },
      [where, { label: t("原因"), text: (row) => either(row, "why") }],
    ),
    wanting(
      "packages",
      t("无人包保"),
      body.packages?.listed,
      body.packages?.uncovered,
      { label: t("对象"), text: (row) => row.target_name },
      [{ label: t("类型"), text: (row) => either(row, "kind") }, where],
    ),
    wanting(
      "materials",
      t("物资不够"),
      body.materials?.listed,
      body.materials?.short,
      { label: t("品名"), text: itemName },
      lacking(),
    ),
    part("conflicts", t("功能冲突"), body.conflicts, (rows) => table(t("功能冲突"), named, clash, rows)),
    part("streets", t("按街镇"), body.by_street, (rows) =>
      table(t("按街镇"), { label: t("街镇"), text: (row) => row.name }, numbers, rows),
    ),
    part("functions", t("按功能"), body.by_function, (rows) =>
      table(t("按功能"), { label: t("功能"), text: (row) => either(row) || row.function }, numbers, rows),
    ),
    part("steps", t("步骤与时限"), body.steps, steps),
  );
}
