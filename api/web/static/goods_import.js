import { ApiError, Attempt, base } from "./api.js";
import { once, receiptPart, wrote } from "./console.js";
import { $, h, swap } from "./dom.js";
import { count } from "./fmt.js";
import { showRefusal, whileBusy } from "./forms.js";
import { either, english, t } from "./i18n.js";
import { part, table } from "./preview.js";
import { whileWaiting } from "./roster.js";
import { word } from "./words.js";

const FILE_MOST = 5 * 1024 * 1024;
const PLACE = /^row (\d+)(?:: *(.*))?$/;
const ITEM_COLUMNS = { name: "名称", code: "编码", en: "英文名", category: "类别", unit: "单位", packagings: "包装", place: "库位", shelf_days: "保质期", alert_days: "预警天数", needs: "千人日需", barcodes: "条码", durable: "可回收", header: "表头", row: "行", file: "文件" };
const attempt = new Attempt();
const trial = new Attempt();

/** Each fault of the file with its row and column, as the writer of the file counts them. */
function faults(error) {
  const rows = error.fields.map((one) => { const [, row = "", column = ""] = PLACE.exec(one.field) ?? []; return { ...one, row, column }; });
  const total = error.facts.count ?? rows.length;
  return h("section", { class: "preview", data: { faults: total } },
    h("p", { class: "form-error", role: "alert", data: { code: error.code } }, either(error)),
    part("faults", t("须改正"), rows, (all) => [table(t("须改正"), { label: t("行"), text: (row) => row.row || "—" }, [{ label: t("列"), text: (row) => word(ITEM_COLUMNS, row.column) || "—" }, { label: t("问题"), text: (row) => either(row) }], all),
      total > all.length && h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: count(all.length), total: count(total) }))]));
}

function totals(answer) {
  const tile = (name, label) => h("div", { data: { total: name, ...(answer[name] > 0 && { some: "" }) } }, h("dt", {}, label), h("dd", { class: "num" }, h("b", {}, count(answer[name]))));
  return h("dl", { class: "preview-totals" }, tile("rows", t("行")), tile("new", t("新增")), tile("changed", t("变更")), tile("unchanged", t("不变")));
}

/** What the file would change, or has changed. */
function report(answer, commit) {
  const receipt = answer.receipt ?? (answer.seq ? answer : null);
  const some = answer.new + answer.changed > 0;
  return h("section", { class: "preview", data: { report: answer.dry_run ? "dry" : "done" } },
    h("p", { class: "preview-head" }, h("strong", {}, answer.dry_run ? t("试运行：还没有记入") : some ? t("已导入") : t("没有新的内容，未记入"))),
    totals(answer), receipt && receiptPart(receipt),
    answer.dry_run && (some ? h("p", { class: "row-actions start" }, h("button", { type: "button", class: "primary", id: "import-commit", onclick: commit }, t("确认导入{n}种物资", { n: count(answer.new + answer.changed) })))
      : h("p", { class: "dim" }, t("文件内容都已在目录里，无需导入。"))));
}

/** Importing the catalogue (导入物资目录): tried first, with every fault by row and column. */
export function catalogueFile() {
  const form = $("import-form");
  const room = $("import-report");
  const input = form.elements.file;
  once(Promise.resolve());
  $("import-template").href = `${base}/api/v1/items/template.xlsx?lang=${english ? "en" : "zh"}`;
  const path = (dry) => `items/import?${new URLSearchParams({ dry_run: dry })}`;
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
