import { base } from "./api.js";
import { h } from "./dom.js";
import { count, shortName, unitWord } from "./fmt.js";
import { t } from "./i18n.js";
import { area, hrefFor } from "./scope.js";
import { amount, cover, gradeOf, itemName } from "./supply.js";

const ITEMS_SHOWN = 20;

let everything = false; // whether all items are shown, not only the worst

// --- days of cover by item and area ------------------------------------------------

/** @type {Record<string, () => string>} */
const WORDS = { none: () => t("无"), out: () => t("断货"), enough: () => t("足") };

/**
 * What a place of the heat says: how long it lasts, or how much is wanting.
 * @param {Row} cell
 * @param {string} grade
 */
function words(cell, grade) {
  const lasts = cover(cell.cover_hours);
  if (grade === "short")
    return [h("b", {}, t("缺{m}", { m: count(cell.minimum - cell.available) })), lasts && h("small", {}, lasts)];
  if (grade === "part") return [h("b", {}, t("{n}处短缺", { n: count(cell.short) })), lasts && h("small", {}, lasts)];
  return grade in WORDS && !(grade === "enough" && lasts) ? h("b", {}, WORDS[grade]()) : h("b", {}, lasts);
}

/**
 * @param {Row} item
 * @param {Row} child
 * @param {Row | undefined} cell
 */
function spoken(item, child, cell) {
  if (!cell) return t("{item}，{area}：没有", { item: itemName(item), area: child.name });
  return t("{item}，{area}：可用{n}，下限{m}", {
    item: itemName(item),
    area: child.name,
    n: amount(cell.available, item.unit),
    m: count(cell.minimum),
  });
}

/**
 * @param {Row} item
 * @param {Row[]} children
 */
function heatRow(item, children) {
  const cells = children.map((child) => {
    const cell = child.cells[item.item];
    const grade = gradeOf(cell);
    return h(
      "td",
      { class: "num", title: spoken(item, child, cell), data: { grade, cell: `${item.item}/${child.code}` } },
      words(cell ?? {}, grade),
    );
  });
  const short = item.short_stations > 0;
  return h(
    "tr",
    { data: { item: item.item } },
    h("th", { scope: "row" }, itemName(item), h("small", { class: "dim" }, ` ${unitWord(item.unit)}`)),
    h(
      "td",
      { class: "num whole", data: { grade: short ? "short" : gradeOf(item) } },
      h("b", {}, count(item.available)),
      h("small", {}, short ? t("{n}处短缺", { n: count(item.short_stations) }) : cover(item.cover_hours)),
    ),
    cells,
  );
}

/**
 * @param {Row} answer
 * @param {() => unknown} again
 */
export function heat(answer, again) {
  const { items, children } = answer;
  if (!items.length) return h("p", { class: "empty" }, t("这个区域还没有物资站，或站里没有物资。"));
  // Of the others the answer has no places.
  const worst = items.filter(
    (/** @type {Row} */ item) =>
      !children.length || children.some((/** @type {Row} */ child) => item.item in child.cells),
  );
  const shown = everything ? worst : worst.slice(0, ITEMS_SHOWN);
  const left = worst.length - shown.length;
  /** @param {Row} child */
  const head = (child) =>
    h(
      "th",
      { scope: "col", title: child.name },
      h(
        "a",
        {
          href: hrefFor(child.code),
          data: { key: `into-${child.code}` },
          onclick: (event) => {
            event.currentTarget.href = hrefFor(child.code);
          },
        },
        shortName(child.name),
      ),
    );
  return [
    h(
      "div",
      { class: "heat-scroll", role: "group", tabindex: "0", "aria-label": t("可用天数：物资 × 区域") },
      h(
        "table",
        { class: "heat" },
        h("caption", { class: "hidden" }, t("可用天数：物资 × 区域")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t("品名")),
            h("th", { scope: "col" }, t("合计可用")),
            children.map(head),
          ),
        ),
        h(
          "tbody",
          {},
          shown.map((/** @type {Row} */ item) => heatRow(item, children)),
        ),
      ),
    ),
    h(
      "p",
      { class: "heat-key" },
      [
        ["out", t("断货")],
        ["short", t("合计低于下限")],
        ["part", t("合计够，有的站短缺")],
        ["low", t("不足48小时")],
        ["enough", t("足够")],
        ["none", t("未储备")],
      ].map(([grade, label]) => h("span", {}, h("i", { data: { grade }, "aria-hidden": "true" }), label)),
    ),
    h(
      "p",
      { class: "more" },
      left > 0
        ? h(
            "button",
            {
              type: "button",
              data: { key: "all-items" },
              onclick: () => {
                everything = true;
                again();
              },
            },
            t("显示其余{n}项", { n: count(left) }),
          )
        : null,
      worst.length < items.length
        ? h(
            "a",
            { href: `${base}/stock?${new URLSearchParams({ area })}#stock` },
            t("全部{n}种物资见物资站", { n: count(items.length) }),
          )
        : null,
    ),
  ];
}
