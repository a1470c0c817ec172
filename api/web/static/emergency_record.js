import { line, nothing, seqButton } from "./console.js";
import { glyph, h } from "./dom.js";
import { count, modeOf, packsSaid, time } from "./fmt.js";
import { either, t } from "./i18n.js";
import { hrefOf } from "./page.js";
import { itemName } from "./supply.js";
import { badge, GLASS_STATES, ORDER_STATES, PROPOSAL_STATES } from "./words.js";

const ROWS_MOST = 200;
const ALONE = "ALONE-"; // before the state of what one person decided
/** @type {Words} */
const LABELS = {
  sites: "阵地",
  converted: "已转换",
  recovered: "已恢复",
  steps: "步骤",
  done: "已完成",
  late: "逾期",
  orders: "指令",
  approvals: "提议",
  changes: "变更",
  areas: "区域",
  streets: "街镇",
  total: "共计",
  acknowledged: "已接令",
  open: "未完成",
};

// --- the after-event record --------------------------------------------------------

/**
 * @param {Drawn} column
 * @param {Row} row
 */
const cell = (column, row) =>
  h(
    "td",
    { class: column.kind === "int" ? "right num" : null },
    column.render ? column.render(row) : (row[column.key ?? ""] ?? "—"),
  );

/**
 * A small table of what came whole with the record.
 * @param {string} name
 * @param {string} title
 * @param {Row[] | undefined} rows
 * @param {Drawn[]} columns
 * @param {string} empty
 */
function table(name, title, rows, columns, empty) {
  const all = rows ?? [];
  const heading = h("h3", {}, title, h("span", { class: "count num" }, count(all.length)));
  if (!all.length) return h("section", { class: "panel", data: { part: name } }, heading, nothing(empty));
  return h(
    "section",
    { class: "panel", data: { part: name } },
    heading,
    h(
      "div",
      { class: "rows-scroll", tabindex: "0", role: "group", "aria-label": title },
      h(
        "table",
        { class: "rows", "aria-label": title },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            columns.map((column) =>
              h("th", { scope: "col", class: column.kind === "int" ? "right" : null }, column.label),
            ),
          ),
        ),
        h(
          "tbody",
          {},
          all.slice(0, ROWS_MOST).map((row) =>
            h(
              "tr",
              {},
              columns.map((column) => cell(column, row)),
            ),
          ),
        ),
      ),
    ),
    all.length > ROWS_MOST &&
      h("p", { class: "dim" }, t("只列{n}条，全部{total}条见导出文件。", { n: ROWS_MOST, total: count(all.length) })),
  );
}

/** @param {Row} row */
const mode = (row) => h("span", { class: "mode", data: { mode: row.mode } }, glyph(row.mode), modeOf(row.mode));

/**
 * Numbers of any depth; those without a name of ours are left to the file.
 * @param {Row | undefined} sums
 */
function totals(sums) {
  const numbers = Object.entries(sums ?? {}).filter(([name, value]) => typeof value === "number" && LABELS[name]);
  return numbers.length
    ? h(
        "dl",
        { class: "totals" },
        numbers.map(([name, value]) =>
          h("div", { data: { total: name } }, h("dt", {}, t(LABELS[name])), h("dd", { class: "num" }, count(value))),
        ),
      )
    : null;
}

/**
 * A proposal leads to its page; what one decided alone stands among the reviews.
 * @param {Row} row
 */
const decision = (row) =>
  row.state.startsWith(ALONE)
    ? h("a", { href: hrefOf("approvals") }, t("紧急单人处置"), " · ", either(row))
    : h("a", { href: hrefOf("approvals", row.id) }, either(row) || row.id);

/** @param {Row} answer */
export function record(answer) {
  const { open = {} } = answer;
  const places = [
    { key: "site_name", label: t("阵地") },
    { key: "area_name", label: t("区域") },
  ];
  const goods = [
    {
      label: t("单号"),
      render: (/** @type {Row} */ row) => h("a", { href: `${hrefOf("stock")}?slip=${row.slip}` }, row.slip),
    },
    { key: "station_name", label: t("物资站") },
    {
      label: t("物资"),
      /** @param {Row} row */
      render: (row) =>
        row.lines.map((/** @type {Row} */ one) => `${itemName(one)} ${packsSaid(one.said)}`).join(t("、")),
    },
    { label: t("未清"), render: (/** @type {Row} */ row) => (row.state === "ORDERED" ? "—" : count(row.left)) },
  ];
  const owner = {
    label: t("责任人"),
    render: (/** @type {Row} */ row) => row.owner_label || row.owner || row.by_label || "—",
  };
  return [
    totals(answer.totals),
    table(
      "open-sites",
      t("尚未恢复的阵地"),
      open.sites,
      [
        ...places,
        { label: t("状态"), render: mode },
        { key: "open_steps", label: t("未完成步骤"), kind: "int" },
        { label: t("责任角色"), render: (row) => either(row, "owner") },
      ],
      t("阵地都已恢复"),
    ),
    h(
      "section",
      { class: "panel", data: { part: "open" } },
      h("dl", { class: "facts" }, line(t("未完成步骤合计"), count(open.steps))),
    ),
    table(
      "open-requisitions",
      t("征用未归还或补偿"),
      open.requisitions,
      [
        ...goods,
        { label: t("物主"), render: (row) => row.party_name || "—" },
        { label: t("记录"), render: (row) => seqButton(row.seq) },
      ],
      t("征用的都已归还或补偿"),
    ),
    table(
      "open-transfers",
      t("调拨未结清"),
      open.transfers,
      [
        ...goods,
        { key: "to_name", label: t("接收站") },
        { label: t("状态"), render: (row) => either(row, "state") },
        owner,
        { label: t("记录"), render: (row) => seqButton(row.seq) },
      ],
      t("调拨都已结清"),
    ),
    table(
      "open-orders",
      t("未了结的指令"),
      open.orders,
      [
        { label: t("标题"), render: (row) => h("a", { href: hrefOf("orders", row.id) }, row.title) },
        { key: "missing", label: t("未签收"), kind: "int" },
        { key: "done", label: t("已办结"), kind: "int" },
        { key: "recipients", label: t("接收人"), kind: "int" },
      ],
      t("没有未了结的指令"),
    ),
    table(
      "orders",
      t("下达过的指令"),
      answer.orders,
      [
        { label: t("标题"), render: (row) => h("a", { href: hrefOf("orders", row.id) }, row.title) },
        { label: t("状态"), render: (row) => badge(ORDER_STATES, row.state) },
        { label: t("下达时间"), render: (row) => time(row.issued_at, "short") },
        { key: "acknowledged", label: t("已签收"), kind: "int" },
        { key: "recipients", label: t("接收人"), kind: "int" },
        { label: t("记录"), render: (row) => seqButton(row.seq) },
      ],
      t("没有下达过指令"),
    ),
    table(
      "approvals",
      t("提议与批准"),
      answer.approvals,
      [
        { label: t("提议"), render: decision },
        { label: t("提议人"), render: (row) => row.proposer_name || row.proposer },
        {
          label: t("状态"),
          /** @param {Row} row */
          render: (row) =>
            row.state.startsWith(ALONE)
              ? badge(GLASS_STATES, row.state.slice(ALONE.length))
              : badge(PROPOSAL_STATES, row.state),
        },
        { label: t("处理人"), render: (row) => row.decided_by_name || row.decided_by || "—" },
        { label: t("处理时间"), render: (row) => time(row.decided_at, "short") },
        { label: t("记录"), render: (row) => seqButton(row.seq) },
      ],
      t("没有提议"),
    ),
    table(
      "late",
      t("逾期过的步骤"),
      answer.late,
      [
        { label: t("步骤"), render: (row) => either(row) || row.step || "—" },
        ...places,
        { label: t("应于"), render: (row) => time(row.due_at, "short") },
        { label: t("记录"), render: (row) => seqButton(row.seq) },
      ],
      t("没有逾期的步骤"),
    ),
  ];
}
