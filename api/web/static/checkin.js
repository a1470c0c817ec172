import { get } from "./api.js";
import { drawer, list, View } from "./console.js";
import { momentOf, refuse, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { Finder } from "./find.js";
import { count, labelOf } from "./fmt.js";
import { fresh, saw, whole } from "./following.js";
import { servedOf } from "./hours.js";
import { either, t } from "./i18n.js";
import { wholeSource } from "./list.js";
import { may } from "./page.js";
import { area, hrefFor } from "./scope.js";
import { CHECK_IN_SOURCES, CHECK_INS, fillSelect, optionsOf } from "./words.js";

const SHARED_MS = 900;
/** @type {[name: string, label: () => string][]} */
const STAGES = [
  ["reported", () => t("已报到")],
  ["present", () => t("到岗")],
  ["active", () => t("参与")],
];
/** @type {[name: string, label: () => string][]} */
const PARTS = [
  ["present", () => t("到岗")],
  ["partial", () => t("部分到位")],
  ["left", () => t("已离岗")],
  ["absent", () => t("说明缺席")],
  ["unknown", () => t("未知")],
];

/** @type {Promise<Funnel>} */ let asked;
let askedAt = -SHARED_MS;

/**
 * One answer for everything on the page that is drawn from it.
 * @param {AbortSignal} [signal]
 */
function funnel(signal) {
  if (performance.now() - askedAt > SHARED_MS) {
    askedAt = performance.now();
    asked = get("checkins/funnel", { area, ...fresh() });
    asked.catch(() => {
      askedAt = -SHARED_MS;
    });
  }
  return asked.then((answer) => {
    signal?.throwIfAborted();
    return answer;
  });
}

/**
 * Per mille as per cent, to one place where that says something.
 * @param {number} perMille
 */
const percent = (perMille) => `${perMille % 10 ? (perMille / 10).toFixed(1) : perMille / 10}%`;

/**
 * @param {Row} numbers
 * @param {string} name
 */
const rateOf = (numbers, name) =>
  numbers.rates?.[name] ?? (numbers.registered ? Math.round((numbers[name] * 1000) / numbers.registered) : 0);

/**
 * Everybody on the roster as one bar: who is there, who said they are not, of whom nothing is known.
 * @param {Row} numbers
 */
function stacked(numbers) {
  return h(
    "span",
    { class: "stacked", "aria-hidden": "true" },
    PARTS.filter(([name]) => numbers[name] > 0).map(([name]) =>
      h("i", { data: { part: name }, style: { flex: `${numbers[name]} 0 0` } }),
    ),
  );
}

/** @param {Funnel} answer */
function totals({ total, open, ...answer }) {
  /**
   * @param {string} name
   * @param {string} label
   */
  const bar = (name, label) =>
    h(
      "div",
      { data: { stage: name } },
      h("dt", {}, label),
      h(
        "dd",
        {},
        h(
          "span",
          { class: "funnel-bar", "aria-hidden": "true" },
          h("i", { style: { width: `${Math.min(100, rateOf(total, name) / 10)}%` } }),
        ),
        h("strong", { class: "num" }, count(total[name])),
        h("span", { class: "dim num" }, percent(rateOf(total, name))),
      ),
    );
  const campaign = either(answer, "campaign") || answer.campaign;
  return [
    h(
      "p",
      { class: "tags" },
      h("span", { class: "state-mark", data: { state: open ? "ACTIVE" : "" } }, open ? t("开放中") : t("未开放")),
      campaign && h("span", {}, campaign),
    ),
    !open && h("p", { class: "dim" }, t("平时不报到；应急响应生效后自动开放，或在“报到开放”中写明依据后开放。")),
    total.registered
      ? [
          h(
            "dl",
            { class: "funnel", "aria-label": t("报到漏斗") },
            h(
              "div",
              { data: { stage: "registered" } },
              h("dt", {}, t("在册")),
              h(
                "dd",
                {},
                h("span", { class: "funnel-bar", "aria-hidden": "true" }, h("i", { style: { width: "100%" } })),
                h("strong", { class: "num" }, count(total.registered)),
                h("span", { class: "dim num" }, "100%"),
              ),
            ),
            STAGES.map(([name, label]) => bar(name, label())),
          ),
          stacked(total),
          h(
            "dl",
            { class: "stacked-key" },
            PARTS.map(([name, label]) =>
              h(
                "div",
                { data: { part: name } },
                h("dt", {}, label()),
                h(
                  "dd",
                  { class: "num" },
                  h("strong", {}, count(total[name])),
                  " ",
                  h("span", { class: "dim" }, percent(rateOf(total, name))),
                ),
              ),
            ),
          ),
          h(
            "dl",
            { class: "facts short" },
            h("div", {}, h("dt", {}, t("已认定时长（历次）")), h("dd", { class: "num" }, servedOf(total))),
          ),
          h("p", { class: "dim small" }, t("未知：没有任何消息，与说明缺席的不同，须逐一联系。")),
        ]
      : h("p", { class: "empty" }, t("这个区域的名册是空的。")),
  ];
}

/** @param {string} label */
const columns = (label) => [
  { key: "name", label, kind: "text", sortable: true },
  { key: "rate", label: t("构成"), kind: "text", render: stacked },
  { key: "registered", label: t("在册"), kind: "int", sortable: true },
  { key: "reported", label: t("已报到"), kind: "int", sortable: true },
  {
    key: "present",
    label: t("到岗"),
    kind: "int",
    sortable: true,
    /** @param {Row} row */
    render: (row) => [count(row.present), " ", h("span", { class: "dim" }, percent(rateOf(row, "present")))],
  },
  { key: "partial", label: t("部分到位"), kind: "int", sortable: true },
  { key: "absent", label: t("说明缺席"), kind: "int", sortable: true },
  {
    key: "unknown",
    label: t("未知"),
    kind: "int",
    sortable: true,
    /** @param {Row} row */
    render: (row) => [
      row.unknown ? h("strong", {}, count(row.unknown)) : "0",
      " ",
      h("span", { class: "dim" }, percent(rateOf(row, "unknown"))),
    ],
  },
  {
    key: "active",
    label: t("参与"),
    kind: "int",
    sortable: true,
    /** @param {Row} row */
    render: (row) => [count(row.active), " ", h("span", { class: "dim" }, percent(rateOf(row, "active")))],
  },
  { key: "minutes", label: t("已认定时长"), kind: "int", sortable: true, render: servedOf },
];

/** @param {"communities" | "units"} name */
const source = (name) =>
  wholeSource(
    async (signal) => {
      const answer = await funnel(signal);
      return { rows: answer[name], seq: answer.seq };
    },
    (row) => row.name,
    "-unknown",
  );

// --- writing down what came on paper -----------------------------------------------

/** @type {Finder} */ let finder;
/** @type {Sheet} */ let sheet;

function begin() {
  finder = new Finder($("entry-person"), { label: t("谁") });
  fillSelect($("entry-stage"), optionsOf(CHECK_INS));
  fillSelect($("entry-source"), optionsOf(CHECK_IN_SOURCES, ["paper", "staff", "phone"]));
  sheet = new Sheet("entry", {
    check: () => finder.value ?? refuse("person", t("请选择是谁")),
    target: ({ stage, source: by, what, occurred_at: at }) => ({
      path: "checkins",
      body: {
        person: finder.id,
        stage,
        source: by,
        ...(what && { what }),
        ...(at && { occurred_at: momentOf(at) }),
      },
    }),
    done: () => drawer.again(),
  });
}

/**
 * Write down a check-in (补录报到): paper arrives hours late, so the time it happened is asked for.
 * @param {Row | null} row
 */
export function entry(row) {
  if (!sheet) begin();
  sheet.open(row);
  finder.set(row && { id: row.id, label: labelOf(row) });
}

/** The check-in of an area (报到漏斗), by community and by unit. */
export function checkin() {
  $("open-entry").hidden = !may("checkin.record");
  $("open-entry").addEventListener("click", () => entry(null));
  new View("funnel", { fetch: async (signal) => whole(await funnel(signal)), render: totals });
  list("by-community", {
    label: t("按社区"),
    empty: t("没有社区"),
    prefix: "c.",
    rowKey: (row) => row.code,
    columns: columns(t("社区")),
    rowHref: (row) => (row.code === area ? null : hrefFor(row.code)),
    source: source("communities"),
  });
  list("by-unit", {
    label: t("按单位"),
    empty: t("没有单位"),
    prefix: "u.",
    rowKey: (row) => row.unit,
    columns: columns(t("单位")),
    rowHref: (row) => `?${new URLSearchParams({ area, q: row.name })}#roster`,
    source: source("units"),
  });
}

/** The communities of the area, by name, for those who choose one. */
export async function communities() {
  const { communities: rows, seq } = await funnel();
  saw({ head: seq });
  return rows.map((row) => ({ value: row.code, label: row.name }));
}
