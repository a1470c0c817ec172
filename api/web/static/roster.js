import { queryOf } from "./api.js";
import { list } from "./console.js";
import { $, h } from "./dom.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { bindImport } from "./importing.js";
import { may } from "./page.js";
import { part, table } from "./parts.js";
import { area } from "./scope.js";

/**
 * How complete a unit is: on the list, and with what.
 * @param {Row} row
 */
function shareOf(row) {
  if (!row.headcount) return h("span", { class: "dim" }, t("未填人数"));
  return h(
    "span",
    { class: "share num" },
    h(
      "span",
      { class: "share-bar", "aria-hidden": "true" },
      h("i", { style: { width: `${Math.min(100, (row.listed * 100) / row.headcount)}%` } }),
    ),
    `${count(row.listed)} / ${count(row.headcount)}`,
  );
}

/** @param {Row[]} rows */
const completeness = (rows) =>
  part("completeness", t("各单位完整度"), rows, (all) =>
    table(
      t("各单位完整度"),
      { label: t("单位"), text: (row) => row.name },
      [
        { label: t("在册 / 应有"), text: shareOf },
        { label: t("有手机"), text: (row) => `${count(row.with_phone)} / ${count(row.listed)}` },
        { label: t("有培训"), text: (row) => `${count(row.with_training)} / ${count(row.listed)}` },
      ],
      all,
    ),
  );

/**
 * Whose name and telephone are somebody's already, under another number.
 * @param {Row[]} rows
 */
const already = (rows) =>
  part("already", t("可能是同一人"), rows, (all) =>
    table(
      t("可能是同一人"),
      { label: t("行"), text: (row) => count(row.row) },
      [
        { label: t("姓名"), text: (row) => row.name },
        { label: t("文件中的编号"), text: (row) => row.number },
        { label: t("已登记的编号"), text: (row) => row.known_number || t("临时登记") },
      ],
      all,
    ),
  );

/** Importing the roster (导入名册). */
const bindRoster = () =>
  bindImport({
    /** @param {boolean} dry */
    path: (dry) => `people/import?${queryOf({ dry_run: dry, area })}`,
    template: "people/template",
    also: { units_new: t("新单位") },
    /** @param {Row} answer */
    commit: (answer) => t("确认导入{n}人", { n: count(answer.new + answer.changed) }),
    same: t("文件内容都已在册，无需导入。"),
    /** @param {Row} answer */
    warn: (answer) => answer.already.length > 0 && already(answer.already),
    /** @param {Row} answer */
    more: (answer) => completeness(answer.completeness),
  });

/** Importing the roster, and how complete it is (导入名册、完整度). */
export function roster() {
  $("import-panel").hidden = !may("people.import");
  if (may("people.import")) bindRoster();
  list("units", {
    path: "units",
    label: t("单位"),
    empty: t("还没有单位"),
    prefix: "u.",
    params: () => ({ area }),
    rowKey: (row) => row.unit,
    rowHref: (row) => `?${new URLSearchParams({ area, q: row.name })}#roster`,
    columns: [
      "name",
      {
        key: "headcount",
        render: (row) => (row.headcount ? count(row.headcount) : "—"),
      },
      "listed",
      { key: "share", label: t("完整度"), render: shareOf },
      "with_phone",
      "with_training",
      "reported",
      "present",
      "active",
    ],
  });
}
