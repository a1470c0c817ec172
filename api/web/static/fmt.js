import { either, english, lang, t, vocabulary } from "./i18n.js";

const ZONE = "Asia/Shanghai";
/** @type {Words} */ const LEVELS = { I: "Ⅰ", II: "Ⅱ", III: "Ⅲ", IV: "Ⅳ" };
const { AREA_LEVELS, AREA_MODES, CONVERTED, STEP_STATES } = vocabulary;
const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const DAY = new Intl.DateTimeFormat(lang, {
  timeZone: ZONE,
  month: english ? "short" : "long",
  day: "numeric",
  weekday: "short",
});
/** @type {Words} */
const UNITS = {
  u0: "罐",
  u1: "台",
  u2: "箱",
  u3: "节",
  u4: "只",
  u5: "把",
  u6: "支",
  u7: "盘",
  u8: "块",
  u9: "部",
  u10: "袋",
  u11: "片",
  u12: "个",
  u13: "盒",
  u14: "平方米",
  u15: "卷",
  u16: "件",
  u17: "床",
  u18: "桶",
  u19: "副",
  u20: "捆",
  u21: "套",
  u22: "根",
  u23: "份",
  u24: "包",
  u25: "人份",
  u26: "条",
  u27: "艘",
  u28: "辆",
  u29: "张",
  u30: "瓶",
  u31: "双",
  u32: "具",
  u33: "顶",
  u34: "提",
};
const SAID = new Set(Object.values(UNITS));
/** @type {Words} */
const SHAPES = {
  clock: "hour:minute:second",
  minute: "hour:minute",
  short: "month-day hour:minute",
  full: "year-month-day hour:minute:second",
};

/**
 * A time in the world's zone, whatever zone the reader's machine is in.
 * @param {string | number | Date | null | undefined} value
 */
export function time(value, shape = "clock") {
  if (!value) return "—";
  const moment = new Date(value);
  if (shape === "day") return DAY.format(moment);
  const parts = Object.fromEntries(PARTS.formatToParts(moment).map((part) => [part.type, part.value]));
  return SHAPES[shape].replace(/[a-z]+/g, (name) => parts[name]);
}

/**
 * How many days a last good day leaves, that day and today included; none once it is over.
 * @param {string} day
 * @param {string} now
 */
export const daysLeft = (day, now) => (Date.parse(day) - Date.parse(time(now, "full").slice(0, 10))) / 86400000 + 1;

/**
 * The time of day, with the date when it is not the day of `now`.
 * @param {string | null | undefined} value
 * @param {string} now
 */
export function near(value, now) {
  if (!value) return "—";
  /** @param {string} moment */
  const day = (moment) => time(moment, "full").slice(0, 10);
  return day(value) === day(now) ? time(value, "minute") : time(value, "short");
}

/**
 * A length of time in its two largest units; milliseconds in.
 * @param {number} ms
 */
export function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days) return hours ? t("{d}天{h}时", { d: days, h: hours }) : t("{d}天", { d: days });
  if (hours) return rest ? t("{h}时{m}分", { h: hours, m: rest }) : t("{h}时", { h: hours });
  return minutes ? t("{m}分", { m: minutes }) : t("不到1分");
}

/**
 * What somebody or something is called, as far as the reader may know.
 * @param {Row} one
 */
export const labelOf = (one) => either(one, "label") || one.label;

/**
 * A post with its place, which its own name may say already.
 * @param {Row} row
 */
export const titleOf = (row) =>
  [...[row.area_name, row.site_name].filter((part) => part && !row.name.startsWith(part)), row.name].join(" · ");

/**
 * A unit of goods, in the reader's language where it is one of the usual ones: the catalogue may have any.
 * @param {string} unit
 */
export const unitWord = (unit) => (SAID.has(unit) ? t(unit) : (unit ?? ""));

/**
 * The unit of so many: English has plurals, and none of a word it does not know.
 * @param {number} n
 * @param {string} unit
 */
export function unitsOf(n, unit) {
  const one = unitWord(unit);
  return !english || n === 1 || one === "pcs" || !/[a-z]$/.test(one) || !SAID.has(unit)
    ? one
    : `${one}${one.endsWith("x") ? "es" : "s"}`;
}

/**
 * So many of a unit; a word of letters stands apart from its number.
 * @param {number} n
 * @param {string} unit
 */
export const many = (n, unit) => `${count(n)}${english && unit ? " " : ""}${unitsOf(n, unit)}`;

/**
 * What the service says in packagings (18包 2捆), in the reader's language.
 * @param {string} text
 */
export const packsSaid = (text) =>
  english
    ? (text ?? "").replace(/(\d[\d,]*)([^\d\s,.()]+)/gu, (_, digits, unit) =>
        many(Number(digits.replaceAll(",", "")), unit),
      )
    : text;

const called = new Map();

/**
 * What something is called that refusals name by its code.
 * @param {string} code
 * @param {string} name
 */
export const call = (code, name) => called.set(code, name);

/**
 * A refusal, or a part of it, in the reader's language and in names.
 * @param {Row} error
 */
export function refusalOf(error, { item } = error.facts ?? {}) {
  const text = either(error);
  return called.has(item) ? text.replace(item, called.get(item)) : text;
}

/** @param {number | null | undefined} n */
export const count = (n) => (n ?? 0).toLocaleString("en-US");
/** @param {string} level */
export const levelOf = (level) => t("{level}级", { level: LEVELS[level] ?? level });
/** @param {string} mode */
export const modeOf = (mode) => AREA_MODES[mode] ?? mode;
/**
 * How far sites are, which is not what is ordered there.
 * @param {string | null | undefined} converted
 */
export const convertedOf = (converted) => (converted ? (CONVERTED[converted] ?? converted) : t("无阵地"));
/**
 * What is ordered at a place, in a word: a level, a part of it, left out; nothing in peacetime.
 * @param {Standing} place
 */
export function orderedOf({ reach, ordered, level_below: below }) {
  if (ordered) return levelOf(ordered.level);
  if (reach === "PARTLY" && below) return t("局部{level}", { level: levelOf(below) });
  return reach === "EXCLUDED" ? t("已排除") : "";
}

/**
 * The same as a sign that needs no colour.
 * @param {Standing} place
 */
export function signOf({ ordered, reach, level_below: below }) {
  if (ordered) return LEVELS[ordered.level] ?? ordered.level;
  if (reach === "PARTLY" && below) return `◧${LEVELS[below] ?? below}`;
  return reach === "EXCLUDED" ? "⊘" : "";
}

/**
 * Both facts of a place in words: what is ordered there, and how far its sites are.
 * @param {Standing} place
 */
export function standingOf(place) {
  const still = !place.converted || place.converted === "PEACETIME";
  const ordered = orderedOf(place);
  if (!ordered && still) return modeOf("PEACETIME");
  if (place.reach === "EXCLUDED" && still) return ordered;
  return [ordered || modeOf("PEACETIME"), convertedOf(place.converted)].join(" · ");
}
/** @param {string} level */
export const areaLevel = (level) => AREA_LEVELS[level] ?? level;
/** @param {string} state */
export const stateOf = (state) => STEP_STATES[state] ?? state;
export const MODE_ORDER = Object.keys(AREA_MODES);

/**
 * Whole per cent done; 100 only when nothing is open.
 * @param {Row | undefined} steps
 */
export function share(steps) {
  if (!steps?.total) return null;
  return Math.floor((steps.done * 100) / steps.total);
}

/**
 * A place's name as short as its neighbours leave it clear, for small blocks.
 * @param {string} name
 */
export function shortName(name) {
  const cut = name.replace(/(社区|虚拟社区)?(居民委员会|居委会|村民委员会|村委会|虚拟社区|社区)$/, "");
  return cut || name;
}

/**
 * A list of names in one phrase, long ones shortened.
 * @param {string[]} list
 */
export function names(list, most = 4) {
  const shown = list.slice(0, most).join(english ? ", " : "、");
  return list.length > most ? t("{names} 等{n}个", { names: shown, n: list.length }) : shown;
}

/**
 * The kind of event, for people.
 * @param {Row} emergency
 */
export const hazardOf = (emergency) => either(emergency, "hazard") || emergency.hazard;
