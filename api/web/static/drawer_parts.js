import { actButtons, overLines, scaleChips } from "./acts.js";
import { base } from "./api.js";
import { decide, decisionOf } from "./decide.js";
import { $, h } from "./dom.js";
import { hazardOf, levelOf, names, time } from "./fmt.js";
import { either, t } from "./i18n.js";
import { correctedBy } from "./lists.js";
import { may } from "./page.js";

const SHOWN = new Set([
  "seq",
  "zh",
  "en",
  "name",
  "actor",
  "actor_name",
  "role",
  "role_zh",
  "role_en",
  "payload",
  "occurred_at",
  "recorded_at",
  "corrected",
  "correctable",
  "correction_zh",
  "correction_en",
]);

/**
 * @param {string} label
 * @param {Json} value
 */
const line = (label, value, hash = false) =>
  value === null || value === undefined || value === ""
    ? null
    : h("div", {}, h("dt", {}, label), h("dd", { class: hash ? "hash" : "" }, String(value)));

/**
 * @param {Emergency} emergency
 * @param {DrawerContext} ctx
 */
export function emergencyPart(emergency, ctx) {
  // Only the board has the dialogs of these decisions.
  const { act, may } = ctx;
  const before = () => $("drawer", HTMLDialogElement).close();
  const buttons = act && may ? actButtons(emergency, { act, may }, { place: "drawer", before }) : [];
  return h(
    "section",
    { class: "emergency" },
    h(
      "p",
      { class: "tags" },
      h("span", { class: "tag strong" }, hazardOf(emergency)),
      h("span", { class: "tag" }, levelOf(emergency.level)),
      h("span", { class: "tag" }, emergency.state === "ACTIVE" ? t("生效中") : t("已解除")),
      scaleChips(emergency),
    ),
    buttons.length > 0 && h("p", { class: "drawer-acts" }, buttons),
    h(
      "dl",
      { class: "facts" },
      line(t("依据"), emergency.basis),
      line(t("措施"), emergency.measures),
      line(
        t("范围"),
        names(
          emergency.scope.map((area) => area.name),
          20,
        ),
      ),
      line(
        t("不含"),
        names(
          emergency.excluded.map((area) => area.name),
          20,
        ),
      ),
      line(t("下达"), `${time(emergency.declared_at, "full")} · ${emergency.by.name}`),
      line(t("预计至"), time(emergency.expected_until, "full")),
      ...overLines(emergency, line),
      line(t("预案"), `${either(emergency.playbook)} (${emergency.playbook.id} ${emergency.playbook.version})`),
      line(t("预案指纹"), emergency.playbook.digest, true),
    ),
    h(
      "p",
      { class: "more" },
      h("a", { class: "button", href: `${base}/emergencies/${encodeURIComponent(emergency.id)}` }, t("完整过程")),
    ),
  );
}

const INSTEAD = ["batch", "made", "expires", "donor"];

/**
 * Whoever may say what a fact says may correct it (更正); what is asked is what such a fact has.
 * @param {Row} fact
 * @param {DrawerContext} ctx
 */
const correctButton = (fact, ctx) =>
  h(
    "button",
    {
      type: "button",
      data: { correct: fact.seq },
      onclick: () =>
        decide("fact.correct", {
          given: { fact: fact.seq },
          without: INSTEAD.filter((name) => !fact.correctable.includes(name)),
          said: `#${fact.seq} ${either(fact)}`,
          done: () => ctx.openFact(fact.seq),
        }),
    },
    decisionOf("fact.correct"),
  );

/**
 * @param {Row} fact
 * @param {DrawerContext} ctx
 */
export function factPart(fact, ctx) {
  /** @type {Words} */
  const labels = {
    area: t("区域"),
    site: t("阵地"),
    emergency: t("突发事件"),
    step: t("步骤"),
    basis: t("依据"),
    reason: t("说明"),
    corrects: t("更正第几条"),
    corrected_why: t("更正理由"),
    on_behalf_of: t("代表"),
    grant: t("所据授权"),
    preview: t("所见预演"),
    seen_seq: t("当时屏上 seq"),
    command: t("命令编号"),
    stream: t("流"),
    version: t("流内版本"),
    digest: t("内容摘要"),
    salt: t("盐"),
    leaf: t("叶哈希"),
  };
  const rest = Object.keys(fact).filter((name) => !SHOWN.has(name) && !(name in labels));
  /** @param {string} name */
  const raw = (name) =>
    name === "seen_seq" && fact[name] < 0
      ? t("声明未查看")
      : fact[name] !== null && typeof fact[name] === "object"
        ? JSON.stringify(fact[name])
        : fact[name];
  const hashes = ["digest", "salt", "leaf", "command"];
  return h(
    "article",
    { class: "fact-detail", data: { fact: fact.seq } },
    h("p", { class: fact.corrected ? "said corrected" : "said" }, either(fact)),
    correctedBy(fact),
    h(
      "dl",
      { class: "facts" },
      line("seq", fact.seq),
      line(t("事实类型"), fact.name),
      line(t("何人"), `${fact.actor_name || fact.actor} (${fact.actor}) · ${either(fact, "role")}`),
      line(t("发生"), `${time(fact.occurred_at, "full")}`),
      line(t("记录"), `${time(fact.recorded_at, "full")}`),
      [...Object.keys(labels), ...rest].map((name) => line(labels[name] ?? name, raw(name), hashes.includes(name))),
    ),
    fact.payload && [
      h("h3", {}, t("内容")),
      h("pre", { tabindex: "0", role: "region", "aria-label": t("内容") }, JSON.stringify(fact.payload, null, 2)),
    ],
    h(
      "p",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          class: "primary",
          data: { look: fact.seq },
          onclick: () => {
            $("drawer", HTMLDialogElement).close();
            ctx.lookAt(fact.seq);
          },
        },
        t("看此刻的指挥屏"),
      ),
      fact.correctable && may("fact.correct") && correctButton(fact, ctx),
    ),
    h("p", { class: "dim small" }, t("如有误："), either(fact, "correction")),
  );
}
