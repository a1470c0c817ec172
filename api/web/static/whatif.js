import { h } from "./dom.js";
import { count, labelOf } from "./fmt.js";
import { either, english, t } from "./i18n.js";
import { part, table } from "./parts.js";
import { FAILED_TESTS, word } from "./words.js";

const LISTED_MOST = 500;

/** @param {Row} one */
const nameOf = (one) => (one ? labelOf(one) : t("无人"));
/** @param {Row} row */
const change = (row) => [nameOf(row.before), " → ", h("strong", {}, nameOf(row.after))];
/** @type {Named} */ const target = { label: t("岗位"), text: (row) => row.post_name };
/** @type {Sight} */ const where = { label: t("区域"), text: (row) => row.area_name };

/**
 * Who in line was looked at, and which test each failed.
 * @param {Row[]} all
 */
export function triedPart(all) {
  const tried = (all ?? []).filter((one) => one.test !== "own-backup"); // whoever falls away cannot stand in for themselves
  if (!tried.length) return h("span", { class: "dim" }, t("没有B角"));
  return h(
    "ul",
    { class: "tried" },
    tried.map((one) =>
      h("li", {}, h("strong", {}, nameOf(one.person)), english ? ": " : "：", word(FAILED_TESTS, one.test)),
    ),
  );
}

/** @param {Row} counts */
function totals(counts) {
  /**
   * @param {string} name
   * @param {string} label
   */
  const tile = (name, label) =>
    h(
      "div",
      { data: { total: name, ...(counts[name] > 0 && { some: "" }) } },
      h("dt", {}, label),
      h("dd", { class: "num" }, h("b", {}, count(counts[name]))),
    );
  return h(
    "dl",
    { class: "preview-totals" },
    tile("vacated", t("岗位空缺")),
    tile("substituted", t("B角顶岗")),
    tile("cascaded", t("其中连带")),
    tile("packages", t("包保移交")),
    tile("standing", t("社区兜底")),
  );
}

/**
 * @param {Row[]} rows
 * @param {number} total
 */
const cut = (rows, total) =>
  total > rows.length &&
  h(
    "p",
    { class: "dim small" },
    t("只列{n}项，共{total}项", { n: count(Math.min(rows.length, LISTED_MOST)), total: count(total) }),
  );

/**
 * What would follow if these people were not available (推演), or what did.
 * @param {Row} answer
 */
export function renderWhatIf(answer) {
  const { counts } = answer;
  return h(
    "section",
    {
      class: "preview what-if",
      "aria-label": t("推演结果"),
      data: { vacated: counts.vacated, substituted: counts.substituted },
    },
    totals(counts),
    part("vacated", t("无人可顶，岗位空缺"), answer.vacated, (rows) => [
      table(
        t("无人可顶，岗位空缺"),
        target,
        [
          where,
          { label: t("原任"), text: (row) => nameOf(row.before) },
          { label: t("为何无人可顶"), text: (row) => triedPart(row.tried) },
        ],
        rows,
      ),
      cut(rows, counts.vacated),
    ]),
    part("substituted", t("由B角顶岗"), answer.substituted, (rows) => [
      table(t("由B角顶岗"), target, [where, { label: t("原任 → 顶岗"), text: change }], rows),
      cut(rows, counts.substituted),
    ]),
    part("packages", t("包保责任移交"), answer.packages, (rows) => [
      table(
        t("包保责任移交"),
        { label: t("对象"), text: (row) => row.target_name },
        [
          { label: t("类型"), text: (row) => either(row, "kind") },
          { label: t("责任人"), text: change },
          {
            label: t("兜底"),
            /** @param {Row} row */
            text: (row) =>
              row.standing ? h("span", { class: "state-mark", data: { state: "STANDING" } }, t("社区兜底")) : "—",
          },
        ],
        rows,
      ),
      cut(rows, counts.packages),
    ]),
    !counts.vacated &&
      !counts.substituted &&
      !counts.packages &&
      h("p", { class: "dim" }, t("不影响任何岗位和包保责任。")),
  );
}
