import { ApiError, Attempt, base } from "./api.js";
import { list, may, receiptPart, wrote } from "./console.js";
import { $, h, swap } from "./dom.js";
import { count } from "./fmt.js";
import { showRefusal, whileBusy } from "./forms.js";
import { either, english, t } from "./i18n.js";
import { part, table } from "./preview.js";
import { area } from "./scope.js";
import { ROSTER_COLUMNS, word } from "./words.js";

const FILE_MOST = 5 * 1024 * 1024;
const PLACE = /^row (\d+)(?:: *(.*))?$/;
const attempt = new Attempt();
const trial = new Attempt();

/** How complete a unit is: on the list, and with what. */
export function shareOf(row) {
  if (!row.headcount) return h("span", { class: "dim" }, t("未填人数"));
  return h("span", { class: "share num" }, h("span", { class: "share-bar", "aria-hidden": "true" }, h("i", { style: { width: `${Math.min(100, (row.listed * 100) / row.headcount)}%` } })), `${count(row.listed)} / ${count(row.headcount)}`);
}

const completeness = (rows) => part("completeness", t("各单位完整度"), rows, (all) => table(t("各单位完整度"), { label: t("单位"), text: (row) => row.name }, [
  { label: t("在册 / 应有"), text: shareOf }, { label: t("有手机"), text: (row) => `${count(row.with_phone)} / ${count(row.listed)}` }, { label: t("有培训"), text: (row) => `${count(row.with_training)} / ${count(row.listed)}` },
], all));

/** Each fault of the file with its row and column, as the writer of the file counts them. */
function faults(error) {
  const rows = error.fields.map((one) => { const [, row = "", column = ""] = PLACE.exec(one.field) ?? []; return { ...one, row, column }; });
  const total = error.facts.count ?? rows.length;
  return h("section", { class: "preview", data: { faults: total } },
    h("p", { class: "form-error", role: "alert", data: { code: error.code } }, either(error)),
    part("faults", t("须改正"), rows, (all) => [table(t("须改正"), { label: t("行"), text: (row) => row.row || "—" }, [{ label: t("列"), text: (row) => word(ROSTER_COLUMNS, row.column) || "—" }, { label: t("问题"), text: (row) => either(row) }], all),
      total > all.length && h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: count(all.length), total: count(total) }))]));
}

function totals(answer) {
  const tile = (name, label) => h("div", { data: { total: name, ...(answer[name] > 0 && { some: "" }) } }, h("dt", {}, label), h("dd", { class: "num" }, h("b", {}, count(answer[name]))));
  return h("dl", { class: "preview-totals" }, tile("rows", t("行")), tile("new", t("新增")), tile("changed", t("变更")), tile("unchanged", t("不变")), tile("units_new", t("新单位")));
}

/** What the file would change, or has changed. */
function report(answer, commit) {
  const receipt = answer.receipt ?? (answer.seq ? answer : null);
  const some = answer.new + answer.changed + (answer.units_new ?? 0) > 0;
  return h("section", { class: "preview", data: { report: answer.dry_run ? "dry" : "done" } },
    h("p", { class: "preview-head" }, h("strong", {}, answer.dry_run ? t("试运行：还没有记入") : some ? t("已导入") : t("没有新的内容，未记入"))),
    totals(answer), receipt && receiptPart(receipt),
    answer.dry_run && (some ? h("p", { class: "row-actions start" }, h("button", { type: "button", class: "primary", id: "import-commit", onclick: commit }, t("确认导入{n}人", { n: count(answer.new + answer.changed) })))
      : h("p", { class: "dim" }, t("文件内容都已在册，无需导入。"))),
    completeness(answer.completeness));
}

/** Say how long it has been going on: a large file takes its time. */
export async function whileWaiting(room, text, work) {
  const began = performance.now();
  const passed = h("span", { class: "num" });
  swap(room, h("p", { class: "working", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), text, " ", passed));
  const timer = setInterval(() => { passed.textContent = t("{n}秒", { n: Math.round((performance.now() - began) / 1000) }); }, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    swap(room);
  }
}

function bindImport() {
  const form = $("import-form");
  const room = $("import-report");
  const input = form.elements.file;
  $("import-template").href = `${base}/api/v1/people/template?lang=${english ? "en" : "zh"}`;
  const path = (dry) => `people/import?${new URLSearchParams({ dry_run: dry, area })}`;
  const complain = (zh) => showRefusal(form, new ApiError(422, { code: "form.incomplete", zh, en: zh, fields: [{ field: "file", zh, en: zh }] }));
  const run = (dry) => whileBusy(form.querySelectorAll("button"), async () => {
    const file = input.files[0];
    try {
      const answer = await whileWaiting(room, dry ? t("正在核对文件") : t("正在导入"), () => (dry ? trial : attempt).upload(path(dry), file));
      swap(room, report(answer, () => run(false)));
      if (!dry) wrote(answer.receipt ?? answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.fields.some((one) => PLACE.test(one.field))) swap(room, faults(error));
      else showRefusal(form, error);
    }
    room.scrollIntoView({ block: "nearest" });
  });
  input.addEventListener("change", () => { swap(room); for (const note of form.querySelectorAll(".form-error, .field-error")) note.hidden = true; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files[0];
    if (!file) complain(t("请选择文件"));
    else if (!/\.(csv|xlsx)$/i.test(file.name)) complain(t("只接受 CSV 或 Excel（xlsx）文件"));
    else if (file.size > FILE_MOST) complain(t("文件超过 5 MB，请分批导入"));
    else run(true);
  });
}

/** Importing the roster, and how complete it is (导入名册、完整度). */
export function roster() {
  $("import-panel").hidden = !may("people.import");
  if (may("people.import")) bindImport();
  list("units", {
    path: "units", label: t("单位"), empty: t("还没有单位"), prefix: "u.", params: () => ({ area }), rowKey: (row) => row.unit,
    rowHref: (row) => `?${new URLSearchParams({ area, q: row.name })}#roster`,
    columns: [
      { key: "name", label: t("单位"), kind: "text", sortable: true },
      { key: "headcount", label: t("应有"), kind: "int", sortable: true, render: (row) => (row.headcount ? count(row.headcount) : "—") },
      { key: "listed", label: t("在册"), kind: "int", sortable: true },
      { key: "share", label: t("完整度"), kind: "text", sortable: true, render: shareOf },
      { key: "with_phone", label: t("有手机"), kind: "int" },
      { key: "with_training", label: t("有培训"), kind: "int" },
      { key: "reported", label: t("已报到"), kind: "int", sortable: true },
      { key: "present", label: t("到岗"), kind: "int", sortable: true },
      { key: "active", label: t("参与"), kind: "int", sortable: true },
    ],
  });
}
