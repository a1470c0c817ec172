import { $, glyph, h, swap } from "./dom.js";
import { hazardOf, levelOf, modeOf, names, near, span } from "./fmt.js";
import { t } from "./i18n.js";
import { byGravity } from "./state.js";

let chosen = null; // the emergency on show when there are several
let announced = "";

function timing(emergency, now) {
  const since = Date.parse(now) - Date.parse(emergency.declared_at);
  const left = Date.parse(emergency.expected_until) - Date.parse(now);
  const cell = (label, value, note, late = false) => h("div", late ? { data: { late: "" } } : {}, h("dt", {}, label), h("dd", { class: "num" }, value, note && h("small", {}, note)));
  if (emergency.state === "ENDED") {
    return h("dl", { class: "timing" }, cell(t("已解除"), near(emergency.ended_at, now), t("{span}前", { span: span(Date.parse(now) - Date.parse(emergency.ended_at)) })));
  }
  return h("dl", { class: "timing" },
    cell(t("已进行"), span(since), t("{time}下达", { time: near(emergency.declared_at, now) })),
    cell(t("预计至"), near(emergency.expected_until, now), left < 0 ? t("已超{span}", { span: span(left) }) : t("剩{span}", { span: span(left) }), left < 0));
}

function scopeText(emergency) {
  const scope = names(emergency.scope.map((area) => area.name));
  return emergency.excluded.length ? t("{scope}，不含{excluded}", { scope, excluded: names(emergency.excluded.map((area) => area.name), 3) }) : scope;
}

function about(emergency, board, ctx) {
  // A switch of a part only is not the level of the whole: said here, with its scope.
  const level = emergency.level === board.level ? null : levelOf(emergency.level);
  return [
    h("p", { class: "title" },
      h("button", { type: "button", class: "link", data: { key: "matter", emergency: emergency.id }, onclick: () => ctx.openEmergency(emergency) }, emergency.matter),
      h("button", { type: "button", class: "seq num", data: { key: "banner-seq" }, onclick: () => ctx.openFact(emergency.seq) }, `#${emergency.seq}`)),
    h("p", { class: "dim" }, h("b", {}, [hazardOf(emergency), level].filter(Boolean).join(" ")), " · ", t("范围"), " ", scopeText(emergency), " · ", emergency.by.name),
  ];
}

function others(list, shown, again) {
  if (list.length < 2) return null;
  return h("div", { class: "others", role: "group", "aria-label": t("突发事件") }, ...list.map((item, index) =>
    h("button", { type: "button", "aria-pressed": String(item.id === shown.id), title: item.matter, data: { key: `e-${item.id}` }, onclick: () => { chosen = item.id; again(); } },
      `${index + 1} · ${hazardOf(item)} ${item.state === "ACTIVE" ? levelOf(item.level) : t("已解除")}`)));
}

/** Move elapsed and remaining time on, and nothing a finger may be upon. */
export function tickBanner(board, now) {
  const old = $("banner").querySelector(".timing");
  const list = byGravity(board.emergencies);
  const shown = list.find((item) => item.id === chosen) ?? list[0];
  if (!old || !shown) return;
  const fresh = timing(shown, now);
  if (fresh.textContent !== old.textContent) old.replaceWith(fresh);
}

/** The mode banner: colour, mark, word, level, matter and time, in this order of size. */
export function renderBanner(board, ctx, now) {
  const list = byGravity(board.emergencies);
  const shown = list.find((item) => item.id === chosen) ?? list[0];
  const box = $("banner");
  box.dataset.mode = board.mode;
  const active = list.some((item) => item.state === "ACTIVE");
  swap(box,
    h("div", { class: "word" }, glyph(board.mode), h("strong", {}, modeOf(board.mode)), board.level && h("span", { class: "level" }, levelOf(board.level))),
    h("div", { class: "matter" }, others(list, shown, () => renderBanner(board, ctx, ctx.now())), shown
      ? about(shown, board, ctx)
      : [h("p", { class: "title" }, board.area.name), h("p", { class: "dim" }, t("没有生效的响应，各阵地按平时功能开放"))]),
    shown && timing(shown, now),
    ctx.may.command && h("div", { class: "commands" },
      h("button", { type: "button", class: "danger", id: "open-order", data: { key: "order" }, onclick: () => ctx.order() }, t("下达转换令")),
      active && h("button", { type: "button", id: "open-end", data: { key: "end" }, onclick: () => ctx.end(shown) }, t("解除响应"))));
  const sentence = [board.area.name, modeOf(board.mode), board.level && levelOf(board.level), shown?.matter].filter(Boolean).join(" ");
  if (announced && sentence !== announced) ctx.announce(sentence);
  announced = sentence;
}
