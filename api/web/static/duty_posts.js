import { line, until } from "./console.js";
import { h } from "./dom.js";
import { button, clock, named, waits } from "./duty_cards.js";
import { count } from "./fmt.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { badge, POST_STATES } from "./words.js";

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
