import { $all, h } from "./dom.js";
import { t } from "./i18n.js";

export const ROLES = {
  commander: "总指挥",
  "head-of-government": "政府主要负责人",
  deputy: "副总指挥",
  "secretary-general": "秘书长",
  "duty-officer": "值班长",
  "street-staff": "街镇工作人员",
  "community-secretary": "居村书记",
  "station-keeper": "物资专管员",
  "grid-member": "网格员",
  "drill-director": "演练导调",
  auditor: "督查审计",
  administrator: "系统管理员",
};
export const SIGNING = ["commander", "head-of-government", "deputy", "secretary-general", "duty-officer"];
export const ADDRESSED = ["duty-officer", "street-staff", "community-secretary"];
export const LEVELS = ["I", "II", "III", "IV"];
export const HAZARDS = { epidemic: "疫情", flood: "防汛防台", fire: "火灾" };
export const EMERGENCY_STATES = { ACTIVE: "生效中", ENDED: "已解除", PROPOSED: "待批准" };
export const PROPOSAL_STATES = {
  OPEN: "待批准",
  APPROVED: "已批准",
  REJECTED: "已驳回",
  WITHDRAWN: "已撤回",
  EXPIRED: "已过期",
};
export const GLASS_STATES = { OPEN: "待复核", CONFIRMED: "复核确认", OVERTURNED: "复核否定" };
export const ORDER_STATES = { STANDING: "有效", WITHDRAWN: "已撤销", CORRECTED: "已更正" };
export const ANSWER_STATES = { OPEN: "未签收", ACKNOWLEDGED: "已签收", DONE: "已办结" };
export const ALARM_STATES = { RAISED: "告警中", OVER: "已消除" };
export const ALARM_KINDS = {
  deadline: "步骤逾期",
  expectation: "预计期限已过",
  glass: "单人处置",
  review: "复核逾期",
  proposal: "提议过期",
  order: "指令逾期",
  absence: "缺位",
};
export const GRAVITIES = { GRAVE: "严重", WARNING: "注意" };
export const GRANT_STATES = { ACTIVE: "有效", FUTURE: "未生效", EXPIRED: "已到期", REVOKED: "已撤销" };
export const ABSENCE_STATES = { STANDING: "缺位中", OVER: "已结束" };
export const CAUSES = { leave: "请假", ill: "患病", quarantined: "隔离", unreachable: "失联", other: "其他" };
export const STAGES = {
  NONE: "未报到",
  REPORTED: "已报到",
  PRESENT: "到岗",
  ACTIVE: "参与",
  ABSENT: "缺席",
  LEFT: "已离岗",
};
export const CHECKINS = {
  reported: "报到",
  present: "到岗",
  partial: "部分到位",
  absent: "缺席",
  active: "参与",
  left: "离岗",
};
export const SOURCES = { paper: "纸质登记", staff: "工作人员代录", phone: "本人手机", qr: "扫码" };
export const SKILLS = {
  medical: "医护",
  driving: "驾驶",
  it: "信息技术",
  translation: "翻译",
  counselling: "心理疏导",
  electrician: "水电",
  logistics: "物流搬运",
  cooking: "炊事",
  security: "安保",
  "public-speaking": "宣传",
};
export const ROSTER_COLUMNS = {
  number: "编号",
  name: "姓名",
  phone: "手机",
  unit: "单位",
  unit_size: "单位人数",
  community: "居住社区代码",
  community_name: "社区名称",
  skills: "技能",
  training: "培训",
  file: "文件",
};
export const POST_KINDS = {
  "street-duty": "街镇值班长",
  "second-secretary": "第二书记",
  "site-lead": "点位长",
  "station-keeper": "物资专管员",
  "grid-head": "网格长",
  liaison: "联络员",
};
export const POST_STATES = { VACANT: "空缺", ACTING: "B角顶岗", PENDING: "待接岗", HELD: "A角履职" };
export const POST_LATE = { accept: "接岗逾期", handover: "交接逾期", ratify: "追认逾期", safety: "平安报到逾期" };
export const POST_TESTS = {
  known: "在册",
  available: "可用",
  qualified: "培训有效",
  "in-reach": "在可达范围",
  "already-acting": "未在他岗",
  "own-backup": "非本人备份",
  "not-in-line": "在名单内",
  declined: "未推辞",
};
export const POST_FAILED = {
  known: "不在册",
  available: "不可用",
  qualified: "培训无效",
  "in-reach": "不在可达范围",
  "already-acting": "已在他岗",
  "own-backup": "自己的备份",
  "not-in-line": "不在名单内",
  declined: "已推辞",
};
export const PACKAGE_STATES = { GAP: "缺口", STANDING: "社区兜底", COVERED: "已落实" };
export const PARTIES = { person: "个人", post: "岗位", organisation: "组织" };
export const TARGETS = { compound: "小区", building: "楼栋", grid: "网格", community: "居村", site: "阵地" };
export const FUNCTIONS = {
  "command-post": "指挥部",
  "sampling-point": "采样点",
  "vaccination-point": "接种点",
  "supply-station": "物资中转站",
  "rest-station": "集结休整地",
  "isolation-facility": "隔离点",
  shelter: "安置点",
};

/**
 * The word for a code; a code without a word is shown as it is.
 * @param {Words} words
 * @param {string} code
 */
export const word = (words, code) => (code in words ? t(words[code]) : (code ?? ""));
/** @param {string} role */
export const roleOf = (role) => word(ROLES, role);

/**
 * A state as a small label.
 * @param {Words} words
 * @param {string} code
 */
export const badge = (words, code) => h("span", { class: "state-mark", data: { state: code } }, word(words, code));

/**
 * Options of a select or of a list's filter.
 * @param {Words} words
 */
export const optionsOf = (words) => Object.keys(words).map((value) => ({ value, label: word(words, value) }));

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
