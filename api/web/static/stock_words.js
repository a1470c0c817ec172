export const CATEGORIES = {
  protective: "防护",
  testing: "检测",
  disinfection: "消杀",
  medical: "医疗急救",
  food: "食品饮水",
  bedding: "被服安置",
  flood: "防汛抢险",
  lighting: "照明供电",
  tools: "工具器材",
  communication: "通讯",
  hygiene: "生活卫生",
  other: "其他",
};
export const LOT_STATUSES = {
  approved: "合格",
  "on-hold": "暂停发放",
  quarantined: "隔离待检",
  recalled: "召回",
  damaged: "损坏",
  expired: "过期",
};
export const SETTABLE = {
  approved: "合格",
  "on-hold": "暂停发放",
  quarantined: "隔离待检",
  recalled: "召回",
  damaged: "损坏",
};
export const PASSED_OVER = { ...LOT_STATUSES, reserved: "已为他人预留", chosen: "保管员指定其他批次" };
export const STOCK_SOURCES = { purchase: "采购", donation: "捐赠", requisition: "征用", opening: "期初" };
export const RECIPIENTS = {
  area: "区域",
  squad: "突击队",
  household: "居民户",
  person: "个人",
  site: "阵地",
  step: "预案步骤",
  request: "申领单",
  transfer: "调拨",
};
export const SCRAP_CAUSES = { expired: "过期", damaged: "损坏", recalled: "召回", contaminated: "污染", other: "其他" };
export const SHORTFALL_CAUSES = { lost: "途中丢失", damaged: "途中损坏", "not-loaded": "未装车，退回发方" };
export const VARIANCE_CAUSES = {
  "unrecorded-issue": "漏记出库",
  "unrecorded-receipt": "漏记入库",
  "miscounted-before": "上次盘点有误",
  damaged: "损坏",
  lost: "丢失",
  unknown: "原因不明",
};
export const SLIP_KINDS = {
  receipt: "入库",
  issue: "出库",
  scrap: "报废",
  adjust: "更正",
  shipment: "调拨",
  count: "盘点",
};
export const SLIP_STATES = {
  DONE: "已完成",
  OUT: "有未归还",
  SETTLED: "已结清",
  RETURNED: "已全部退回",
  ORDERED: "待发运",
  CANCELLED: "已取消",
  TRANSIT: "在途",
  PART: "部分到货",
  MISSING: "有差异",
  ARRIVED: "已到齐",
  CLOSED: "已关闭",
  OPEN: "进行中",
};
export const COUNT_RESULTS = {
  none: "未盘",
  same: "一致",
  differs: "不一致，待复盘",
  disturbed: "盘点期间有出入库，重盘",
  confirmed: "差异确认，待处理",
  settled: "已处理",
};
export const STOCK_STATES = { SHORT: "短缺", LOW: "待补货", ENOUGH: "充足", UNSET: "未设定额" };
export const STATION_MODES = { war: "战时", peace: "平时" };
