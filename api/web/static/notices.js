import { get } from "./api.js";
import { list, SEQ } from "./console.js";
import { decide } from "./decide.js";
import { $, h } from "./dom.js";
import { count, names } from "./fmt.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { badge, GRAVITIES, NEWS, NOTICE_STATES, word } from "./words.js";

/**
 * What a rule would have told of the last day (试算).
 * @param {Row} answer
 */
const foretold = ({ news, sent, folded, summaries, held, examples }) => [
  h(
    "p",
    {},
    t(
      "按这条规则，过去 24 小时有 {news} 条：逐条发送 {sent} 条，其余 {folded} 条并入 {summaries} 条汇总；等待时段的 {held} 条。",
      {
        news: count(news),
        sent: count(sent),
        folded: count(folded),
        summaries: count(summaries),
        held: count(held),
      },
    ),
  ),
  h(
    "ul",
    {},
    examples.map((/** @type {Row} */ one) => h("li", {}, h("b", {}, word(NEWS, one.kind)), " ", either(one))),
  ),
];

/** @param {Row} row */
const hours = ({ opens, closes }) => (opens === closes ? t("全天") : `${opens} – ${closes}`);

/** @param {string} text */
const oneLine = (text) => h("span", { class: "one-line" }, text);

/** The rules by which something is told outside (通知规则). */
export async function rules() {
  const can = may("notice.rules");
  const { channels } = await get("notices/channels");
  const there = channels.filter((/** @type {Row} */ one) => one.configured).map((/** @type {Row} */ one) => one.name);
  /** @type {Record<string, Words>} */ const choices = {};
  if (there.length) choices.channels = Object.fromEntries(there.map((/** @type {string} */ name) => [name, name]));
  const trial = { name: "notice.try", label: t("试算"), show: foretold };
  /** @param {Row | null} row */
  const set = (row) => {
    const given = row ? { rule: row.rule, expected: row.expected } : {};
    const said = row ? either(row, "title") : "";
    decide(row ? "notice.set" : "notice.add", { given, values: row ?? USUAL, said, choices, trial });
  };
  $("no-channels").hidden = there.length > 0;
  $("open-rule").hidden = !can;
  $("open-rule").textContent = t("新增通知规则");
  $("open-rule").addEventListener("click", () => set(null));
  /**
   * @param {string} key
   * @param {string} label
   * @param {() => unknown} onclick
   */
  const button = (key, label, onclick) => h("button", { type: "button", data: { key }, onclick }, label);
  list("rule-list", {
    path: "notices/rules",
    label: t("通知规则"),
    empty: t("没有通知规则，什么也不会发送"),
    prefix: "r.",
    columns: [
      { key: "title_zh", render: (row) => either(row, "title") },
      { key: "kinds", render: (row) => either(row, "kinds") },
      { key: "area_names", render: (row) => row.area_names || oneLine(t("全部")) },
      { key: "opens", label: t("时段"), render: (row) => oneLine(hours(row)) },
      { key: "channels", render: (row) => (row.channels.length ? names(row.channels) : t("全部")) },
      {
        key: "most",
        label: t("上限"),
        render: (row) => t("{minutes}分钟{most}条", { minutes: count(row.minutes), most: count(row.most) }),
      },
      SEQ,
      ...(can
        ? [
            {
              key: "do",
              label: t("操作"),
              kind: "text",
              /** @param {Row} row */
              render: (row) =>
                h(
                  "span",
                  { class: "row-actions one-line" },
                  button(`set-${row.rule}`, t("修改"), () => set(row)),
                  button(`drop-${row.rule}`, t("删除"), () =>
                    decide("notice.remove", {
                      given: { rule: row.rule, expected: row.expected },
                      said: t("{rule}：不再按这条规则发送，等待时段的也不发。", { rule: either(row, "title") }),
                    }),
                  ),
                ),
            },
          ]
        : []),
    ],
  });
}

const USUAL = { opens: "00:00", closes: "00:00", most: "10", minutes: "10" };

/** What was told outside, and what became of it on each channel (投递情况). */
export function told() {
  list("told-list", {
    path: "notices",
    label: t("对外通知"),
    empty: t("没有可通知的事项"),
    prefix: "n.",
    columns: [
      "occurred_at",
      { key: "kind", render: (row) => h("span", { class: "whole-words" }, word(NEWS, row.kind)) },
      { key: "zh", render: (row) => either(row) },
      { key: "gravity", render: (row) => badge(GRAVITIES, row.gravity) },
      "channel",
      { key: "rule", render: (row) => either(row, "rule") || "—" },
      { key: "state", render: (row) => badge(NOTICE_STATES, row.state) },
      "at",
      "error",
      SEQ,
    ],
    filters: ["state", "kind", "channel"],
  });
}
