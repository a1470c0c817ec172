import { line, receiptPart, seqButton, until, View } from "./console.js";
import { bindForm } from "./deciding.js";
import { $, h } from "./dom.js";
import { hazardOf, levelOf, time } from "./fmt.js";
import { one, wrote } from "./following.js";
import { either, english, t } from "./i18n.js";
import { hrefOf, id, may, pathOf } from "./page.js";
import { renderPreview } from "./preview.js";
import { badge, PROPOSAL_STATES, roleOf, SEVERITIES, WARNINGS, word } from "./words.js";

const path = pathOf("approvals", id);
/** @type {Row} */ let proposal;
/** @type {HTMLElement | null} */
let drawn = null; // the preview on screen: a long one is not drawn again for nothing

/** @type {Words} */
const LABELS = {
  hazard: "突发事件类型",
  level: "响应级别",
  scope: "范围",
  excluded: "不含",
  areas: "区域",
  added: "扩大到",
  removed: "移出",
  matter: "事项",
  measures: "措施",
  basis: "依据",
  reason: "说明",
  expected_hours: "预计期限（小时）",
  playbook: "预案",
  severity: "事件等级",
  warning: "预警颜色",
  emergency: "突发事件",
  action: "动作",
};
/** @type {Record<string, Words>} */
const SCALES = { severity: SEVERITIES, warning: WARNINGS };

/**
 * A proposed field as people read it.
 * @param {string} name
 * @param {Json} value
 */
function fieldText(name, value) {
  const known = new Map((proposal.places ?? []).map((/** @type {Row} */ place) => [place.code, place.name]));
  if (name === "level") return levelOf(value);
  if (name === "hazard") return hazardOf({ hazard: value, ...proposal.command });
  if (SCALES[name]) return word(SCALES[name], value);
  if (name === "emergency") return h("a", { href: hrefOf("emergencies", value) }, value);
  /** @param {Row} part */
  const one = (part) =>
    part && typeof part === "object"
      ? (part.name ?? part.code ?? JSON.stringify(part))
      : (known.get(part) ?? String(part));
  if (Array.isArray(value)) return value.map(one).join(english ? ", " : "、");
  return one(value);
}

/** @param {Row} command */
function fields(command) {
  // What has no name here is the rules' own, and stands in the fact.
  return Object.entries(command)
    .filter(([name]) => name in LABELS)
    .map(([name, value]) =>
      value === null || value === "" || value?.length === 0 ? null : line(t(LABELS[name]), fieldText(name, value)),
    );
}

function decided() {
  if (proposal.state === "OPEN") return null;
  return h(
    "section",
    { class: "panel", data: { decided: proposal.state } },
    h("h2", {}, t("处理结果")),
    h(
      "dl",
      { class: "facts" },
      line(t("状态"), badge(PROPOSAL_STATES, proposal.state)),
      line(t("处理人"), proposal.decided_by_name || proposal.decided_by),
      line(t("处理时间"), proposal.decided_at && time(proposal.decided_at, "full")),
      line(t("理由"), proposal.decided_reason),
      line(
        t("身份验证"),
        proposal.state === "APPROVED" ? (proposal.reauthenticated ? t("已重新输入密码") : t("未重新验证")) : null,
      ),
    ),
  );
}

/** What the reader may do with it. */
function offer() {
  const open = proposal.state === "OPEN";
  const sign = open && !proposal.mine && proposal.may_decide;
  const withdraw = open && proposal.mine && may("proposal.withdraw");
  $("approve-form").hidden = !sign;
  $("reject-box").hidden = !sign;
  $("withdraw-form").hidden = !withdraw;
  $("decide").hidden = !open;
  $("decide-note").textContent = sign
    ? ""
    : withdraw
      ? t("这是您的提议，须由另一人批准。")
      : t("您没有批准这一级别的权限。");
}

function preview() {
  if (!proposal.shown) return h("p", { class: "dim" }, t("提议时没有查看影响预览。"));
  if (drawn?.dataset.digest !== proposal.shown.digest) drawn = renderPreview(proposal.shown);
  return drawn;
}

/** @param {Row} answer */
function render(answer) {
  proposal = answer;
  offer();
  return [
    h(
      "section",
      { class: "panel lead", data: { state: proposal.state, level: proposal.level } },
      h(
        "p",
        { class: "tags" },
        proposal.level && h("span", { class: "level-mark", data: { level: proposal.level } }, levelOf(proposal.level)),
        badge(PROPOSAL_STATES, proposal.state),
        h("span", {}, either(proposal, "action")),
        proposal.state === "OPEN" && h("span", {}, t("到期"), " ", until(proposal.expires_at)),
        seqButton(proposal.seq),
        proposal.state === "OPEN" && h("a", { class: "button primary to-decide", href: "#decide" }, t("去处理")),
      ),
      h("p", { class: "restated" }, either(proposal)),
      proposal.stale &&
        proposal.state === "OPEN" &&
        h(
          "p",
          { class: "warning", role: "alert", id: "stale" },
          h("strong", {}, t("情况已变。")),
          " ",
          t("提议之后，范围内的情况有了变化，下面的预览已不准确；批准会被拒绝，须驳回或请提议人重新提出。"),
        ),
    ),
    decided(),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, t("提议内容")),
      h(
        "dl",
        { class: "facts" },
        line(
          t("提议人"),
          `${proposal.proposer_name || proposal.proposer} · ${either(proposal, "role") || roleOf(proposal.role)}`,
        ),
        line(t("提议时间"), time(proposal.proposed_at, "full")),
        line(t("到期"), time(proposal.expires_at, "full")),
        fields({ basis: proposal.basis, reason: proposal.reason, ...proposal.command }),
        h("div", {}, h("dt", {}, t("内容摘要")), h("dd", { class: "hash" }, proposal.digest)),
      ),
    ),
    h("section", { class: "panel", id: "shown" }, h("h2", {}, t("提议人看到的影响预览")), preview()),
  ];
}

const view = new View("proposal", { fetch: (signal) => one("approvals", path, signal), render });

/** @param {Receipt} receipt */
function done(receipt) {
  wrote(receipt, true);
  $("receipt").replaceChildren(
    receiptPart(receipt, [
      line(t("结果"), badge(PROPOSAL_STATES, receipt.state)),
      receipt.emergency &&
        line(t("突发事件"), h("a", { href: hrefOf("emergencies", receipt.emergency) }, receipt.emergency)),
    ]),
  );
  $("receipt-box").hidden = false;
  $("decide").hidden = true;
  $("receipt-box").focus();
  view.load();
}

bindForm($("approve-form"), {
  done,
  target: ({ password, reason = "" }) => ({
    path: `${path}/approve`,
    body: { digest: proposal.digest, password: $("approve-password", HTMLInputElement).value || password, reason },
  }),
});
bindForm($("reject-form"), { done, target: ({ reason }) => ({ path: `${path}/reject`, body: { reason } }) });
bindForm($("withdraw-form"), { done, target: ({ reason = "" }) => ({ path: `${path}/withdraw`, body: { reason } }) });
