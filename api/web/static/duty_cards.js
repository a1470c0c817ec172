import { line, nothing } from "./console.js";
import { h } from "./dom.js";
import { near, span } from "./fmt.js";
import { stretches } from "./hours.js";
import { either, english, t } from "./i18n.js";
import { deedOf } from "./outbox_panel.js";
import { may, now, user } from "./page.js";
import { badge, CHECK_IN_STAGES, CHECK_INS, COVERAGE, word } from "./words.js";

const MINUTE_MS = 60000;
/** @type {Words} */
const AFTER = {
  reported: "REPORTED",
  present: "PRESENT",
  partial: "PARTIAL",
  absent: "ABSENT",
  active: "ACTIVE",
  left: "LEFT",
};

/** @param {string | null} value */
export const clock = (value) => near(value, now());
/** @param {number} minutes */
const worked = (minutes) => (minutes ? span(minutes * MINUTE_MS) : t("0分"));
/** @param {Row | null} person */
export const named = (person) => (person ? either(person, "label") || person.label : "—");

/**
 * A button that lets a write go; `key` keeps the focus while the page is drawn again.
 * @param {string} key
 * @param {string} label
 * @param {() => unknown} run
 */
export const button = (key, label, run, kind = "") =>
  h("button", { type: "button", class: `big ${kind}`.trim(), data: { key, do: key }, onclick: run }, label);
/** @param {string} deed */
export const waits = (deed) => h("span", { class: "waits" }, t("{deed} · 待提交", { deed: deedOf(deed) }));

// --- check-in ----------------------------------------------------------------------

/** What comes next from each stage; the first is what most people will want. */
/** @type {Record<string, string[]>} */
const NEXT = {
  NONE: ["reported", "absent"],
  REPORTED: ["present", "partial", "absent"],
  PARTIAL: ["present", "active", "left"],
  PRESENT: ["active", "left"],
  ACTIVE: ["left"],
  ABSENT: ["present", "partial"],
  LEFT: ["present"],
};

/**
 * Where somebody stands once all they tapped has arrived.
 * @param {Row} checkin
 * @param {Entry[]} entries
 */
function stageOf(checkin, entries) {
  const last = entries.findLast((entry) => entry.about === "checkin");
  if (last) return AFTER[last.what];
  return checkin.partial && checkin.stage === "PRESENT" ? "PARTIAL" : checkin.stage || "NONE";
}

/**
 * 报到: one big button for what comes next. `scan`: {community, name, code} of a code just scanned.
 * @param {Row} checkin
 * @param {Entry[]} entries
 * @param {{ scan: Row | null, go: (stage: string) => unknown }} how
 */
export function checkinPart(checkin, entries, { scan, go }) {
  const pending = entries.filter((entry) => entry.about === "checkin");
  const stage = stageOf(checkin, pending);
  const scanned = scan && [
    h("p", { class: "scan" }, t("到{name}报到", { name: scan.name })),
    scan.community === checkin.community
      ? null
      : h("p", { class: "warning" }, t("您的居住社区是{name}，应到那里报到。", { name: checkin.community_name })),
  ];
  const times = h(
    "dl",
    { class: "facts short" },
    line(t("社区"), checkin.community_name),
    line(t("突发事件"), either(checkin, "campaign")),
    line(t("报到"), checkin.reported_at && clock(checkin.reported_at)),
    line(t("到岗"), checkin.present_at && clock(checkin.present_at)),
    line(t("参与"), checkin.active_at && clock(checkin.active_at)),
    line(t("离岗"), checkin.left_at && clock(checkin.left_at)),
  );
  if (!checkin.open && !pending.length) {
    return h(
      "div",
      { data: { stage: "CLOSED" } },
      scanned,
      h("p", { class: "closed" }, h("strong", {}, t("现在不开放报到。"))),
      h(
        "p",
        { class: "dim" },
        t("平时不报到、不计分；进入应急响应，或所在社区写明依据开放报到后，这里会出现报到按钮。"),
      ),
      times,
    );
  }
  const acted = checkin.active_at || pending.some((entry) => entry.what === "active");
  const next = (NEXT[stage] ?? []).filter((deed) => deed !== "active" || !acted); // it is recorded once
  return h(
    "div",
    { data: { stage } },
    scanned,
    h(
      "p",
      { class: "stage" },
      h(
        "span",
        { class: "state-mark", data: { stage } },
        stage === "PARTIAL" ? word(CHECK_INS, "partial") : word(CHECK_IN_STAGES, stage),
      ),
      pending.length ? h("span", { class: "waits" }, t("待提交")) : null,
    ),
    times,
    h(
      "div",
      { class: "stack-buttons" },
      next.map((deed, at) =>
        button(`checkin-${deed}`, stage === "LEFT" ? t("再次到岗") : deedOf(deed), () => go(deed), at ? "" : "primary"),
      ),
    ),
  );
}

// --- packages ----------------------------------------------------------------------

/**
 * A package of mine (责任包): what it asks now, and handing it over.
 * @param {Row} row
 * @param {Entry[]} entries
 * @param {PostActs} act
 */
export function packageCard(row, entries, act) {
  const key = `${row.kind}/${row.target}`;
  const pending = entries.some((entry) => entry.about === key);
  return h(
    "li",
    { class: "card-item", data: { package: key, state: row.state } },
    h(
      "p",
      { class: "card-top" },
      badge(COVERAGE, row.state),
      h("strong", { class: "said" }, `${either(row, "kind")} · ${row.target_name}`),
      pending ? waits("package") : null,
    ),
    h("p", { class: "duty-text" }, either(row, "duty")),
    h(
      "dl",
      { class: "facts short" },
      line(t("所在"), [row.street_name, row.area_name].filter(Boolean).join(" · ")),
      line(t("B角"), row.backups?.length ? row.backups.map(named).join(english ? ", " : "、") : t("没有")),
    ),
    !pending && may("package.assign")
      ? h(
          "p",
          { class: "card-do" },
          button(`package-${key}`, t("移交"), () => act.pass(row)),
        )
      : null,
  );
}

/**
 * 服务时长, over every emergency: certified, and apart from that what waits to be.
 * @param {Row} person
 * @param {Row[]} hours
 */
export function minutesPart(person, hours) {
  /**
   * @param {string} label
   * @param {number} minutes
   */
  const part = (label, minutes) => h("div", {}, h("dt", {}, label), h("dd", { class: "num" }, worked(minutes)));
  return [
    h(
      "dl",
      { class: "totals" },
      part(t("已认定"), person.minutes),
      person.elsewhere_minutes > 0 && part(t("外社区认定，待互认"), person.elsewhere_minutes),
      part(t("申报，待认定"), person.claimed_minutes),
    ),
    hours.length > 0 && stretches(hours),
    h(
      "p",
      { class: "dim small" },
      t("到其他社区服务时，请告知组织方您的编号："),
      " ",
      h("span", { class: "hash" }, person.id),
    ),
  ];
}

/**
 * @param {Row[]} rows
 * @param {(row: Row) => Child} draw
 * @param {string} none
 */
export const cards = (rows, draw, none) => (rows.length ? h("ul", { class: "cards" }, rows.map(draw)) : nothing(none));

/** Nobody stands behind this account. */
export const nobody = () =>
  h(
    "p",
    { class: "empty" },
    t("账号 {account} 还没有关联到花名册上的人员，请联系居村工作人员。", { account: user.account }),
  );
