import { get } from "./api.js";
import { stepChart } from "./chart.js";
import { once, View } from "./console.js";
import { $, h } from "./dom.js";
import { Finder } from "./find.js";
import { count, span, time } from "./fmt.js";
import { fresh, saw, whole } from "./following.js";
import { controlOf } from "./forms.js";
import { t } from "./i18n.js";
import { now } from "./page.js";
import { part, table } from "./parts.js";
import { area } from "./scope.js";
import { ITEM } from "./stock_parts.js";
import { amount, itemName } from "./supply.js";

const HOUR_MS = 3600000;
const LEAST_SHOWN = 12;
const MARKS_MOST = 5;

/** @param {number} n */
const inHours = (n) => span(n * HOUR_MS);

/**
 * The hours that tell something: every twelfth, and those where a limit is passed.
 * @param {Row[]} points
 * @param {(number | null)[]} limits
 */
function telling(points, limits) {
  return points.filter((one) => one.hour % LEAST_SHOWN === 0 || limits.includes(one.hour));
}

/**
 * In a sentence: how long until it is below the minimum, and until there is none.
 * @param {Row} forecast
 */
function verdict({ below, out, hours }) {
  if (out === 0) return ["out", t("现在已经断货")];
  if (below === 0)
    return ["short", out ? t("现在已低于下限，{span}后断货", { span: inHours(out) }) : t("现在已低于下限")];
  if (out)
    return [
      "short",
      below
        ? t("{span}后低于下限，{rest}后断货", { span: inHours(below), rest: inHours(out) })
        : t("{span}后断货", { span: inHours(out) }),
    ];
  if (below) return ["low", t("{span}后低于下限", { span: inHours(below) })];
  return ["enough", t("{n}小时内不会低于下限", { n: count(hours) })];
}

/** @param {Row} answer */
function render(answer) {
  const { points } = answer;
  const hours = points.at(-1).hour;
  const out = points.find((/** @type {Row} */ one) => one.quantity === 0)?.hour ?? null;
  const below = answer.minimum > 0 ? answer.below_minimum_hours : null;
  const begin = Date.parse(now());
  /** @param {number} hour */
  const clock = (hour) => time(new Date(begin + hour * HOUR_MS).toISOString(), "short");
  /** @type {(list: Row[] | undefined, kind: string, said: (n: string) => string) => Mark[]} */
  const marksOf = (list, kind, said) =>
    (list ?? [])
      .map((one) => ({ hour: (Date.parse(one.at) - begin) / HOUR_MS, kind, label: said(count(one.quantity)) }))
      .filter((one) => one.hour >= 0 && one.hour <= hours)
      .slice(0, MARKS_MOST);
  const marks = [
    ...marksOf(answer.arrivals, "arrival", (n) => t("到货{n}", { n })),
    ...marksOf(answer.expiries, "expiry", (n) => t("过期{n}", { n })),
  ];
  /** @param {number} milli */
  const aDay = (milli) => Math.round((milli * 24) / 1000);
  const [grade, said] = verdict({ below, out, hours });
  const label = t("{item}：{said}", { item: itemName(answer), said });
  return [
    h("p", { class: "verdict", role: "status", data: { grade } }, h("strong", {}, itemName(answer)), " ", said),
    h(
      "dl",
      { class: "totals" },
      [
        [t("现可用"), amount(answer.available, answer.unit)],
        [t("日均消耗"), amount(aDay(answer.burn_per_hour_milli), answer.unit)],
        ...(answer.need_per_hour_milli > 0
          ? [[t("预案日需"), amount(aDay(answer.need_per_hour_milli), answer.unit)]]
          : []),
        [t("下限"), amount(answer.minimum, answer.unit)],
      ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value))),
    ),
    stepChart({
      points,
      hours,
      label,
      marks,
      hourLabel: clock,
      lines:
        answer.minimum > 0
          ? [{ quantity: answer.minimum, kind: "minimum", label: t("下限{n}", { n: count(answer.minimum) }) }]
          : [],
    }),
    part("hours", t("逐时数值"), telling(points, [below, out]), (rows) =>
      table(
        t("逐时数值"),
        { label: t("时间"), text: (row) => clock(row.hour) },
        [
          { label: t("之后"), text: (row) => (row.hour ? inHours(row.hour) : t("此刻")) },
          { label: t("预计可用"), text: (row) => h("span", { class: "num" }, amount(row.quantity, answer.unit)) },
        ],
        rows,
      ),
    ),
  ];
}

/** How one item goes down, hour by hour, if it is used on as now (按小时推演). */
export function ahead() {
  /** @type {{ load: () => void } | undefined} */ let view;
  const form = $("ahead-form", HTMLFormElement);
  const hours = controlOf(form, "hours");
  hours.value = "72";
  const show = () => {
    if (!finder.value) return;
    if (view) view.load();
    else {
      view = new View("ahead-room", {
        fetch: async (signal) =>
          whole(await get("stock/ahead", { area, item: finder.id, hours: hours.value, ...fresh() }, signal)),
        render,
      });
    }
  };
  const finder = new Finder($("ahead-item"), { what: ITEM, label: t("品名"), onChoose: show });
  hours.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  once(get("stock/board", { area })).then(
    (answer) => {
      // begins with what is scarcest
      saw(whole(answer));
      const [worst] = answer.items ?? [];
      if (worst && !finder.value) {
        finder.set({ id: worst.item, label: itemName(worst) });
        show();
      }
    },
    () => {},
  );
}
