import { overLines } from "./acts.js";
import { base, get } from "./api.js";
import { line, nothing, seqButton, until, View } from "./console.js";
import { $, $in, h } from "./dom.js";
import { record } from "./emergency_record.js";
import { hazardOf, levelOf, names, near, time } from "./fmt.js";
import { fresh, one } from "./following.js";
import { either, t } from "./i18n.js";
import { id, may, now, pathOf } from "./page.js";
import { badge, EMERGENCY_STATES } from "./words.js";

const path = pathOf("emergencies", id);

/** @param {Area[] | undefined} areas */
const placesOf = (areas) =>
  names(
    (areas ?? []).map((area) => area.name),
    20,
  );

/**
 * The three scales stand side by side and are never one.
 * @param {Emergency} item
 */
function scales(item) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {Child} value
   */
  const scale = (name, label, value, mark = {}) =>
    h(
      "div",
      { data: { scale: name, ...mark } },
      h("dt", {}, label),
      h("dd", {}, value || h("span", { class: "dim" }, t("未说明"))),
    );
  return h(
    "dl",
    { class: "scales" },
    scale("level", t("响应级别"), levelOf(item.level), { level: item.level }),
    scale("severity", t("事件等级"), either(item, "severity")),
    scale("warning", t("预警颜色"), either(item, "warning"), { colour: item.warning }),
  );
}

/** @param {Emergency} item */
function changes(item) {
  if (!item.changes?.length) return nothing(t("还没有变更"));
  return h(
    "ol",
    { class: "timeline" },
    item.changes.map((change) =>
      h(
        "li",
        { data: { change: change.seq } },
        h("time", { class: "num", datetime: change.at, title: time(change.at, "full") }, near(change.at, now())),
        h(
          "div",
          {},
          h("p", { class: "said" }, either(change)),
          h("p", { class: "dim small" }, change.by_name || change.by),
        ),
        seqButton(change.seq),
      ),
    ),
  );
}

new View("emergency", {
  fetch: (signal) => one("emergencies", path, signal),
  render(item) {
    $in(document, "main h1").textContent = item.matter;
    const { playbook } = item;
    return [
      h(
        "section",
        { class: "panel lead", data: { state: item.state, level: item.level } },
        h(
          "p",
          { class: "tags" },
          h("span", { class: "tag strong" }, hazardOf(item)),
          badge(EMERGENCY_STATES, item.state),
          seqButton(item.seq),
        ),
        scales(item),
        item.expectation_passed &&
          item.state === "ACTIVE" &&
          h(
            "p",
            { class: "warning", role: "alert", id: "expectation" },
            h("strong", {}, t("预计期限已过。")),
            " ",
            t("须延长期限或解除响应。"),
          ),
      ),
      h(
        "section",
        { class: "panel" },
        h("h2", {}, t("基本情况")),
        h(
          "dl",
          { class: "facts" },
          line(t("依据"), item.basis),
          line(t("措施"), item.measures),
          line(t("范围"), placesOf(item.scope)),
          line(t("不含"), placesOf(item.excluded)),
          line(t("启动"), `${time(item.declared_at, "full")} · ${item.by?.name ?? ""}`),
          line(
            t("预计至"),
            time(item.expected_until, "full"),
            item.state === "ACTIVE" ? [" ", until(item.expected_until)] : null,
          ),
          ...overLines(item, line),
          playbook && line(t("预案"), `${either(playbook)} (${playbook.id} ${playbook.version})`),
          playbook?.digest && h("div", {}, h("dt", {}, t("预案指纹")), h("dd", { class: "hash" }, playbook.digest)),
        ),
      ),
      h("section", { class: "panel", id: "changes" }, h("h2", {}, t("变更经过")), changes(item)),
    ];
  },
});

if (may("view.record")) {
  $("record-panel").hidden = false;
  new View("record", { fetch: (signal) => get(`${path}/record`, fresh(), signal), render: record });
  $("export", HTMLAnchorElement).href = `${base}/api/v1/${path}/record?format=xlsx`;
  $("export").hidden = !may("view.record");
}
$("print").addEventListener("click", () => window.print());
