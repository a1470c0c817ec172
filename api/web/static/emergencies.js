import { list, SEQ } from "./console.js";
import { h } from "./dom.js";
import { hazardOf, levelOf } from "./fmt.js";
import { t } from "./i18n.js";
import { hrefOf } from "./page.js";
import { HAZARDS, LEVELS, word } from "./words.js";

list("emergencies", {
  path: "emergencies",
  label: t("应急响应"),
  empty: t("还没有应急响应"),
  rowHref: (row) => hrefOf("emergencies", row.id),
  columns: [
    "matter",
    {
      key: "hazard",
      render: (row) => (row.hazard_zh ? hazardOf(row) : word(HAZARDS, row.hazard)),
    },
    {
      key: "level",
      render: (row) => h("span", { class: "level-mark", data: { level: row.level } }, levelOf(row.level)),
    },
    "state",
    "scope_names",
    "declared_at",
    "expected_until",
    "by_name",
    "ended_at",
    "ended_by_name",
    "end_reason",
    SEQ,
  ],
  filters: [
    "state",
    { column: "level", options: LEVELS.map((level) => ({ value: level, label: levelOf(level) })) },
    "hazard",
  ],
});
