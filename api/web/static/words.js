import { $all, h } from "./dom.js";
import { vocabulary } from "./i18n.js";

export const {
  ABSENCE_STATES,
  ALARM_KINDS,
  ALARM_STATES,
  ANSWER_STATES,
  CATEGORIES,
  CAUSES,
  CHECK_INS,
  CHECK_IN_SOURCES,
  CHECK_IN_STAGES,
  COUNT_RESULTS,
  COVERAGE,
  DECISIONS,
  DEEDS,
  EMERGENCY_STATES,
  FAILED_TESTS,
  FOR_STATES,
  FUNCTIONS,
  GLASS_STATES,
  GRANT_STATES,
  GRAVITIES,
  HAZARDS,
  HOURS,
  ITEM_STATES,
  LOT_STATUSES,
  MODES,
  NEWS,
  NOTICE_STATES,
  ORDER_STATES,
  PACKAGE_PARTIES,
  PACKAGE_TARGETS,
  PASSED_OVER,
  PASSED_TESTS,
  POST_KINDS,
  POST_LATE,
  POST_STATES,
  PRIORITIES,
  PROPOSAL_STATES,
  RECIPIENTS,
  REQUEST_STATES,
  REQUEST_STEPS,
  ROLES,
  SCRAP_CAUSES,
  SEVERITIES,
  SHELF_STATES,
  SHORTFALL_CAUSES,
  SKILLS,
  SLIP_KINDS,
  SLIP_STATES,
  SOURCES,
  TOKEN_SCOPES,
  VARIANCE_CAUSES,
  WARNINGS,
} = vocabulary;
export const SIGNING = ["commander", "head-of-government", "deputy", "secretary-general", "duty-officer"];
export const ADDRESSED = ["duty-officer", "street-staff", "community-secretary"];
export const LEVELS = ["I", "II", "III", "IV"];
/** What a lot can be set to (批次状态): it expires by itself. */
export const SETTABLE = Object.fromEntries(Object.entries(LOT_STATUSES).filter(([status]) => status !== "expired"));

/**
 * The word for a code; a code without a word is shown as it is.
 * @param {Words} words
 * @param {string} code
 */
export const word = (words, code) => words[code] ?? code ?? "";
/** @param {string} role */
export const roleOf = (role) => word(ROLES, role);

/**
 * A state as a small label.
 * @param {Words} words
 * @param {string} code
 */
export const badge = (words, code) => h("span", { class: "state-mark", data: { state: code } }, word(words, code));

/**
 * Options of a select or of a list's filter; `ids`: of some of the words only.
 * @param {Words} words
 */
export const optionsOf = (words, ids = Object.keys(words)) =>
  ids.map((value) => ({ value, label: word(words, value) }));

/**
 * Boxes for several of them.
 * @param {string} name
 * @param {Words} words
 */
export const boxesOf = (name, words) =>
  Object.keys(words).map((value) =>
    h("label", {}, h("input", { type: "checkbox", name, value }), h("span", {}, word(words, value))),
  );
/** @param {ParentNode} element */
export const tickedIn = (element) => $all(element, "input:checked", HTMLInputElement).map((box) => box.value);

/**
 * @param {HTMLElement} select
 * @param {Option[]} options
 */
export const fillSelect = (select, options) =>
  select.replaceChildren(...options.map(({ value, label }) => h("option", { value }, label)));
