import { queryOf } from "./api.js";
import { once } from "./console.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { bindImport } from "./importing.js";

/** Importing the catalogue (导入物资目录). */
export function catalogueFile() {
  once(Promise.resolve());
  bindImport({
    /** @param {boolean} dry */
    path: (dry) => `items/import?${queryOf({ dry_run: dry })}`,
    template: "items/template.xlsx",
    /** @param {Row} answer */
    commit: (answer) => t("确认导入{n}种物资", { n: count(answer.new + answer.changed) }),
    same: t("文件内容都已在目录里，无需导入。"),
  });
}
