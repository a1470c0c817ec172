import { queryOf } from "./api.js";
import { once } from "./console.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { bindImport } from "./importing.js";

const ITEM_COLUMNS = {
  name: "名称",
  code: "编码",
  en: "英文名",
  category: "类别",
  unit: "单位",
  packagings: "包装",
  place: "库位",
  shelf_days: "保质期",
  alert_days: "预警天数",
  needs: "千人日需",
  barcodes: "条码",
  durable: "可回收",
  header: "表头",
  row: "行",
  file: "文件",
};

/** Importing the catalogue (导入物资目录). */
export function catalogueFile() {
  once(Promise.resolve());
  bindImport({
    /** @param {boolean} dry */
    path: (dry) => `items/import?${queryOf({ dry_run: dry })}`,
    template: "items/template.xlsx",
    columns: ITEM_COLUMNS,
    /** @param {Row} answer */
    commit: (answer) => t("确认导入{n}种物资", { n: count(answer.new + answer.changed) }),
    same: t("文件内容都已在目录里，无需导入。"),
  });
}
