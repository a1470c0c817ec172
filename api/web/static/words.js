import { h } from "./dom.js";
import { t } from "./i18n.js";

export const ROLES = {
  commander: "总指挥", "head-of-government": "政府主要负责人", deputy: "副总指挥", "secretary-general": "秘书长", "duty-officer": "值班长",
  "street-staff": "街镇工作人员", "community-secretary": "居村书记", "station-keeper": "物资专管员", "grid-member": "网格员",
  "drill-director": "演练导调", auditor: "督查审计", administrator: "系统管理员",
};
export const SIGNING = ["commander", "head-of-government", "deputy", "secretary-general", "duty-officer"];
export const ADDRESSED = ["duty-officer", "street-staff", "community-secretary"];
export const LEVELS = ["I", "II", "III", "IV"];
export const HAZARDS = { epidemic: "疫情", flood: "防汛防台", fire: "火灾" };
export const EMERGENCY_STATES = { ACTIVE: "生效中", ENDED: "已解除", PROPOSED: "待批准" };
export const PROPOSAL_STATES = { OPEN: "待批准", APPROVED: "已批准", REJECTED: "已驳回", WITHDRAWN: "已撤回", EXPIRED: "已过期" };
export const GLASS_STATES = { OPEN: "待复核", CONFIRMED: "复核确认", OVERTURNED: "复核否定" };
export const ORDER_STATES = { STANDING: "有效", WITHDRAWN: "已撤销", CORRECTED: "已更正" };
export const ANSWER_STATES = { OPEN: "未签收", ACKNOWLEDGED: "已签收", DONE: "已办结" };
export const ALARM_STATES = { RAISED: "告警中", OVER: "已消除" };
export const ALARM_KINDS = { deadline: "步骤逾期", expectation: "预计期限已过", glass: "单人处置", review: "复核逾期", proposal: "提议过期", order: "指令逾期", absence: "缺位" };
export const GRAVITIES = { GRAVE: "严重", WARNING: "注意" };
export const GRANT_STATES = { ACTIVE: "有效", FUTURE: "未生效", EXPIRED: "已到期", REVOKED: "已撤销" };
export const ABSENCE_STATES = { STANDING: "缺位中", OVER: "已结束" };
export const MODE_WORDS = { PEACETIME: "平时", CONVERTING: "转换中", EMERGENCY: "战时", RECOVERING: "恢复中" };

/** The word for a code; a code without a word is shown as it is. */
export const word = (words, code) => (code in words ? t(words[code]) : code ?? "");
export const roleOf = (role) => word(ROLES, role);

/** A state as a small label. */
export const badge = (words, code) => h("span", { class: "state-mark", data: { state: code } }, word(words, code));

/** Options of a select or of a list's filter. */
export const optionsOf = (words) => Object.keys(words).map((value) => ({ value, label: word(words, value) }));

export const fillSelect = (select, options) => select.replaceChildren(...options.map(({ value, label }) => h("option", { value }, label)));
