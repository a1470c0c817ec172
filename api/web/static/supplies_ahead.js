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

let chosen = ""; // the place whose hours are drawn: the worst, another of those that want, or "*", all of it together

/**
 * The places that want, the worst first, and the whole: what one place has does not help another.
 * @param {Row} answer
 * @param {() => unknown} again
 */
function placesPart(answer, again) {
  const list = answer.wanting ?? [];
  if (!list.length) return null;
  /**
   * @param {string} code
   * @param {Child} text
   */
  const button = (code, text) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(chosen === code),
        data: { place: code, key: `place-${code}` },
        onclick: () => {
          chosen = code;
          again();
        },
      },
      text,
    );
  return h(
    "div",
    { class: "kinds", role: "group", "aria-label": t("按地点看") },
    list.map((/** @type {Row} */ one) => button(one.code, one.name)),
    button("*", t("全部合计")),
  );
}

/**
 * What is drawn: one place of those that want, else the whole.
 * @param {Row} answer
 * @returns {Row}
 */
function shownOf(answer) {
  const list = answer.wanting ?? [];
  if (chosen !== "*" && !list.some((/** @type {Row} */ one) => one.code === chosen)) chosen = list[0]?.code ?? "";
  const place = list.find((/** @type {Row} */ one) => one.code === chosen);
  return { ...answer, ...(place && { ...place, place: place.name, name: answer.name }) };
}

/**
 * When some course is below its minimum, and when there is none left.
 * @param {Row} course
 */
const limitsOf = ({ points, minimum, below_minimum_hours: below, out_hours: out }) => ({
  hours: points.at(-1).hour,
  out,
  below: minimum > 0 ? below : null,
});

/**
 * The worst place in a sentence, and how many more there are; of nothing that wants, the whole.
 * @param {Row} answer
 */
function headline(answer) {
  const { worst, wanting_total: n } = answer;
  if (!worst) return verdict(limitsOf(answer));
  const [grade, said] = verdict(limitsOf(worst));
  const where = t("{name}：{said}", { name: worst.name, said });
  return [grade, n > 1 ? t("{where}；共{n}处短缺或将短缺", { where, n: count(n) }) : where];
}

/**
 * @param {Row} answer
 * @param {() => unknown} again
 */
function render(answer, again) {
  const shown = shownOf(answer);
  const { points } = shown;
  const { hours, out, below } = limitsOf(shown);
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
    ...marksOf(shown.arrivals, "arrival", (n) => t("到货{n}", { n })),
    ...marksOf(shown.expiries, "expiry", (n) => t("过期{n}", { n })),
  ];
  /** @param {number} milli */
  const aDay = (milli) => Math.round((milli * 24) / 1000);
  const [grade, said] = headline(answer);
  const label = t("{item}：{said}", { item: itemName(answer), said: verdict({ below, out, hours })[1] });
  return [
    h("p", { class: "verdict", role: "status", data: { grade } }, h("strong", {}, itemName(answer)), " ", said),
    placesPart(answer, again),
    h(
      "dl",
      { class: "totals" },
      [
        [t("现可用"), amount(shown.available, answer.unit)],
        [t("日均消耗"), amount(aDay(shown.burn_per_hour_milli), answer.unit)],
        ...(shown.need_per_hour_milli > 0
          ? [[t("预案日需"), amount(aDay(shown.need_per_hour_milli), answer.unit)]]
          : []),
        [t("下限"), amount(shown.minimum, answer.unit)],
      ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value))),
    ),
    stepChart({
      points,
      hours,
      label,
      marks,
      hourLabel: clock,
      lines:
        shown.minimum > 0
          ? [{ quantity: shown.minimum, kind: "minimum", label: t("下限{n}", { n: count(shown.minimum) }) }]
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
      const made = new View("ahead-room", {
        fetch: async (signal) =>
          whole(await get("stock/ahead", { area, item: finder.id, hours: hours.value, ...fresh() }, signal)),
        render: (answer) =>
          render(answer, () => {
            made.show(answer);
          }),
      });
      view = made;
    }
  };
  const finder = new Finder($("ahead-item"), {
    what: ITEM,
    label: t("品名"),
    onChoose: () => {
      chosen = "";
      show();
    },
  });
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
