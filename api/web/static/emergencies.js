import { list, seqButton } from "./console.js";
import { h } from "./dom.js";
import { hazardOf, levelOf } from "./fmt.js";
import { t } from "./i18n.js";
import { hrefOf } from "./page.js";
import { badge, EMERGENCY_STATES, HAZARDS, LEVELS, optionsOf, word } from "./words.js";

list("emergencies", {
  path: "emergencies",
  label: t("应急响应"),
  empty: t("还没有应急响应"),
  rowHref: (row) => hrefOf("emergencies", row.id),
  columns: [
    { key: "matter", label: t("事项"), kind: "text", sortable: true },
    {
      key: "hazard",
      label: t("类型"),
      kind: "text",
      sortable: true,
      render: (row) => (row.hazard_zh ? hazardOf(row) : word(HAZARDS, row.hazard)),
    },
    {
      key: "level",
      label: t("级别"),
      kind: "text",
      sortable: true,
      render: (row) => h("span", { class: "level-mark", data: { level: row.level } }, levelOf(row.level)),
    },
    {
      key: "state",
      label: t("状态"),
      kind: "text",
      sortable: true,
      render: (row) => badge(EMERGENCY_STATES, row.state),
    },
    { key: "scope_names", label: t("范围"), kind: "text" },
    { key: "declared_at", label: t("启动"), kind: "time", sortable: true },
    { key: "expected_until", label: t("预计至"), kind: "time", sortable: true },
    { key: "ended_at", label: t("解除"), kind: "time", sortable: true },
    { key: "by", label: t("签发人"), kind: "text", render: (row) => row.by?.name ?? row.by ?? "—" },
    { key: "seq", label: t("记录"), kind: "int", sortable: true, render: (row) => seqButton(row.seq) },
  ],
  filters: [
    {
      column: "state",
      label: t("状态"),
      options: optionsOf(EMERGENCY_STATES).filter((option) => option.value !== "PROPOSED"),
    },
    { column: "level", label: t("级别"), options: LEVELS.map((level) => ({ value: level, label: levelOf(level) })) },
    { column: "hazard", label: t("类型"), options: optionsOf(HAZARDS) },
  ],
});
