import { line, may, nothing, now, until, user } from "./console.js";
import { h } from "./dom.js";
import { count, near, span } from "./fmt.js";
import { either, english, t } from "./i18n.js";
import { deedOf } from "./outbox_panel.js";
import { badge, CHECKINS, PACKAGE_STATES, POST_STATES, STAGES, word } from "./words.js";

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
const clock = (value) => near(value, now());
/** @param {number} minutes */
const worked = (minutes) => (minutes ? span(minutes * MINUTE_MS) : t("0分"));
/** @param {Row | null} person */
const named = (person) => (person ? either(person, "label") || person.label : "—");

/**
 * A button that lets a write go; `key` keeps the focus while the page is drawn again.
 * @param {string} key
 * @param {string} label
 * @param {() => unknown} run
 */
const button = (key, label, run, kind = "") =>
  h("button", { type: "button", class: `big ${kind}`.trim(), data: { key, do: key }, onclick: run }, label);
/** @param {string} deed */
const waits = (deed) => h("span", { class: "waits" }, t("{deed} · 待提交", { deed: deedOf(deed) }));

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
        stage === "PARTIAL" ? word(CHECKINS, "partial") : word(STAGES, stage),
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

// --- posts -------------------------------------------------------------------------

/**
 * Who acts on a post, and since when.
 * @param {Row} post
 * @param {string} me
 */
function acting(post, me) {
  if (!post.acting) return h("strong", {}, t("无人履职"));
  const self = post.acting.id === me;
  return [
    h("strong", {}, self ? t("我") : named(post.acting)),
    " ",
    h(
      "span",
      { class: "dim" },
      [either(post, "how"), post.since && t("{time}起", { time: clock(post.since) })].filter(Boolean).join(" · "),
    ),
  ];
}

const folded = new Set(); // sheets somebody has closed

/**
 * @param {string} label
 * @param {string | null} value
 */
const deadline = (label, value) => (value ? line(label, until(value)) : null);

/**
 * A sentence of the sheet; the times in it as people read them.
 * @param {Row} text
 */
const sentence = (text) => either(text).replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, clock);

/**
 * One item of the handover sheet (交接事项).
 * @param {Row} post
 * @param {Row} one
 * @param {Entry[]} pending
 * @param {(what: Row) => unknown} take
 * @param {boolean} open
 */
function item(post, one, pending, take, open) {
  const waiting = pending.some((entry) => entry.what === "handover" && entry.item === one.item);
  const counted = one.count !== null && one.count !== undefined && one.count >= 0;
  return h(
    "li",
    { class: "handover-item", data: { item: one.item, taken: one.taken_at || waiting ? "1" : "0" } },
    h(
      "p",
      { class: "handover-title" },
      h("strong", {}, either(one)),
      one.taken_at
        ? h("span", { class: "state-mark", data: { state: "DONE" } }, t("已确认 {time}", { time: clock(one.taken_at) }))
        : waiting
          ? waits("handover")
          : null,
    ),
    one.lines?.length
      ? h(
          "ul",
          { class: "handover-lines" },
          one.lines.map((/** @type {Row} */ text) => h("li", {}, sentence(text))),
        )
      : h("p", { class: "dim" }, t("无")),
    counted ? h("p", {}, t("清点数量 {n}", { n: count(one.count) })) : null,
    one.note ? h("p", { class: "dim" }, one.note) : null,
    open && !one.taken_at && !waiting
      ? button(`handover-${post.post}-${one.item}`, one.item === "custody" ? t("清点并确认") : t("确认这一项"), () =>
          take(one),
        )
      : null,
  );
}

/**
 * @param {Row} post
 * @param {Entry[]} pending
 * @param {PostActs} act
 */
function handover(post, pending, act) {
  const sheet = post.handover;
  if (!sheet?.items?.length) return null;
  const left = sheet.items.filter(
    (/** @type {Row} */ one) => !one.taken_at && !pending.some((entry) => entry.item === one.item),
  ).length;
  const accepted = post.state !== "PENDING" || pending.some((entry) => entry.what === "accept");
  /** @param {Event & { currentTarget: HTMLDetailsElement }} event */
  const fold = ({ currentTarget }) => (currentTarget.open ? folded.delete(post.post) : folded.add(post.post));
  return h(
    "details",
    { class: "handover", open: left > 0 && !folded.has(post.post), data: { handover: post.post }, ontoggle: fold },
    h(
      "summary",
      { data: { key: `sheet-${post.post}` } },
      left ? t("交接单：还有{n}项", { n: left }) : t("交接单：已全部确认"),
    ),
    h("p", { class: "dim" }, t("{from} 交给 {to}", { from: named(sheet.from), to: named(sheet.to) })),
    h(
      "ol",
      {},
      sheet.items.map((/** @type {Row} */ one) => item(post, one, pending, (what) => act.take(post, what), accepted)),
    ),
  );
}

/**
 * A post I hold or act on (我的岗位).
 * @param {Row} post
 * @param {string} me
 * @param {Entry[]} entries
 * @param {PostActs} act
 */
export function postCard(post, me, entries, act) {
  const pending = entries.filter((entry) => entry.about === post.post);
  /** @param {string} deed */
  const sent = (deed) => pending.some((entry) => entry.what === deed);
  const mine = post.acting?.id === me;
  const asked = mine && post.state === "PENDING" && !sent("accept") && !sent("decline");
  const place = [post.area_name, post.site_name].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: "card-item", data: { post: post.post, state: post.state }, "data-overdue": (post.late ?? []).length > 0 },
    h(
      "p",
      { class: "card-top" },
      badge(POST_STATES, post.state),
      h("strong", { class: "said" }, post.name),
      pending.filter((entry) => entry.what !== "handover").map((entry) => waits(entry.what)),
    ),
    h(
      "dl",
      { class: "facts short" },
      line(t("地点"), place),
      line(t("履职人"), acting(post, me)),
      mine && !sent("accept") ? deadline(t("接岗时限"), post.state === "PENDING" ? post.accept_by : null) : null,
      post.handover_left ? deadline(t("交接时限"), post.handover_by) : null,
      deadline(t("追认时限"), post.ratify_by),
      mine && !sent("safety") ? deadline(t("报平安时限"), post.safety_by) : null,
    ),
    asked
      ? h(
          "div",
          { class: "stack-buttons" },
          h("p", { class: "asked" }, t("请您接岗：A角不能履职，由您顶上。")),
          button(`accept-${post.post}`, t("接岗"), () => act.accept(post), "primary"),
          button(`decline-${post.post}`, t("不能接岗"), () => act.decline(post)),
        )
      : null,
    mine && !asked && post.safety_by && !sent("safety")
      ? h(
          "div",
          { class: "stack-buttons" },
          button(`safety-${post.post}`, t("平安报到"), () => act.safety(post), "safe"),
        )
      : null,
    mine ? handover(post, pending, act) : null,
    post.holder?.id === me && !mine && !sent("return")
      ? h(
          "div",
          { class: "stack-buttons" },
          button(`return-${post.post}`, t("归位"), () => act.back(post), "primary"),
        )
      : null,
  );
}

/**
 * A post I stand in line for (我替补的岗位).
 * @param {Row} post
 * @param {Entry[]} entries
 * @param {PostActs} act
 */
export function lineCard(post, entries, act) {
  const pending = entries.filter((entry) => entry.about === post.post);
  const seizing = pending.some((entry) => entry.what === "seize");
  return h(
    "li",
    { class: "card-item", data: { post: post.post, place: post.place_in_line } },
    h(
      "p",
      { class: "card-top" },
      h("strong", { class: "said" }, post.name),
      h("span", { class: "state-mark" }, t("第{n}顺位", { n: post.place_in_line })),
      seizing ? waits("seize") : null,
    ),
    h("p", { class: "dim" }, [post.area_name, post.site_name].filter(Boolean).join(" · ")),
    seizing || !may("post.own")
      ? null
      : h(
          "p",
          { class: "card-do" },
          button(`seize-${post.post}`, t("紧急自任"), () => act.seize(post), "danger"),
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
      badge(PACKAGE_STATES, row.state),
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
 * 服务时长, over every emergency.
 * @param {Row} person
 */
export const minutesPart = (person) =>
  h("dl", { class: "totals" }, h("div", {}, h("dt", {}, t("累计")), h("dd", { class: "num" }, worked(person.minutes))));

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
