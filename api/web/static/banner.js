import { ACTS, actButtons, scaleChips, stateOf, voidChip } from "./acts.js";
import { farSaid, orderedWord } from "./banner_word.js";
import { $, $find, glyph, h, swap } from "./dom.js";
import { convertedOf, hazardOf, levelOf, names, near, span } from "./fmt.js";
import { t } from "./i18n.js";
import { byGravity, inForce } from "./state.js";

const BESIDE = ACTS.filter((act) => act !== "end"); // that has its own button
/** @type {string | null} */ let chosen = null; // the emergency on show when there are several
let announced = "";

/**
 * @param {Emergency} emergency
 * @param {string} now
 */
function timing(emergency, now) {
  const since = Date.parse(now) - Date.parse(emergency.declared_at);
  const left = Date.parse(emergency.expected_until) - Date.parse(now);
  /**
   * @param {string} label
   * @param {Child} value
   * @param {string} note
   */
  const cell = (label, value, note, late = false) =>
    h(
      "div",
      late ? { data: { late: "" } } : {},
      h("dt", {}, label),
      h("dd", { class: "num" }, value, note && h("small", {}, note)),
    );
  if (emergency.state !== "ACTIVE") {
    return h(
      "dl",
      { class: "timing" },
      cell(
        stateOf(emergency),
        near(emergency.ended_at, now),
        t("{span}前", { span: span(Date.parse(now) - Date.parse(emergency.ended_at)) }),
      ),
    );
  }
  return h(
    "dl",
    { class: "timing" },
    cell(t("已进行"), span(since), t("{time}下达", { time: near(emergency.declared_at, now) })),
    cell(
      t("预计至"),
      near(emergency.expected_until, now),
      left < 0 ? t("已超{span}", { span: span(left) }) : t("剩{span}", { span: span(left) }),
      left < 0,
    ),
  );
}

/** @param {Emergency} emergency */
function scopeText(emergency) {
  const scope = names(emergency.scope.map((area) => area.name));
  return emergency.excluded.length
    ? t("{scope}，不含{excluded}", {
        scope,
        excluded: names(
          emergency.excluded.map((area) => area.name),
          3,
        ),
      })
    : scope;
}

/**
 * @param {Emergency} emergency
 * @param {Board} board
 * @param {BoardContext} ctx
 * @param {boolean} alone
 */
function about(emergency, board, ctx, alone) {
  // A switch of a part only is not the level of the whole: said here, with its scope.
  const level = emergency.level === board.level ? null : levelOf(emergency.level);
  return [
    h(
      "p",
      { class: "title" },
      h(
        "button",
        {
          type: "button",
          class: "link",
          data: { key: "matter", emergency: emergency.id },
          onclick: () => ctx.openEmergency(emergency),
        },
        emergency.matter,
      ),
      h(
        "button",
        { type: "button", class: "seq num", data: { key: "banner-seq" }, onclick: () => ctx.openFact(emergency.seq) },
        `#${emergency.seq}`,
      ),
    ),
    h(
      "p",
      { class: "dim" },
      h("b", {}, [hazardOf(emergency), level].filter(Boolean).join(" ")),
      alone && scaleChips(emergency).map((chip) => [" ", chip]),
      " · ",
      t("范围"),
      " ",
      scopeText(emergency),
      " · ",
      emergency.by.name,
      " ",
      voidChip(emergency),
    ),
  ];
}

/**
 * @param {Emergency[]} list
 * @param {Emergency} shown
 * @param {() => unknown} again
 */
function others(list, shown, again) {
  if (list.length < 2) return null;
  return h(
    "div",
    { class: "others", role: "group", "aria-label": t("突发事件") },
    ...list.map((item, index) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(item.id === shown.id),
          title: item.matter,
          data: { key: `e-${item.id}`, choose: item.id },
          onclick: () => {
            chosen = item.id;
            again();
          },
        },
        `${index + 1} · ${hazardOf(item)} ${item.state === "ACTIVE" ? levelOf(item.level) : stateOf(item)}`,
        item.state === "ACTIVE" && scaleChips(item),
      ),
    ),
  );
}

/**
 * An expectation that has passed stands until somebody decides.
 * @param {Emergency} emergency
 * @param {boolean} several
 * @param {BoardContext} ctx
 */
function passed(emergency, several, ctx) {
  const buttons = actButtons(emergency, ctx, { acts: ["extend", "lower", "end"], place: "passed" });
  return h(
    "div",
    { class: "passed", role: "group", "aria-label": t("预计期限已届满"), data: { passed: emergency.id } },
    h("span", { class: "mark", "aria-hidden": "true" }, "!"),
    h(
      "p",
      {},
      several && h("b", {}, `${hazardOf(emergency)} ${levelOf(emergency.level)} `),
      h("strong", {}, t("预计期限已届满，请决定：延长、降级或解除")),
    ),
    buttons.length > 0 && h("div", { class: "buttons" }, buttons),
  );
}

/**
 * The emergency on show: the one chosen, else the one that is in force here, else the gravest of some part.
 * @param {Emergency[]} list
 * @param {Board} board
 */
const shownOf = (list, board) =>
  list.find((item) => item.id === chosen) ?? list.find((item) => item.id === board.ordered?.emergency) ?? list[0];

/**
 * Move elapsed and remaining time on, and nothing a finger may be upon.
 * @param {Board} board
 * @param {string} now
 */
export function tickBanner(board, now) {
  const old = $find($("banner"), ".timing");
  const list = byGravity(board.emergencies);
  const shown = shownOf(list, board);
  if (!old || !shown) return;
  const fresh = timing(shown, now);
  if (fresh.textContent !== old.textContent) old.replaceWith(fresh);
}

/**
 * @param {Board} board
 * @param {Emergency | undefined} shown
 * @param {BoardContext} ctx
 */
function commands(board, shown, ctx) {
  const active = inForce(board);
  const ending = [shown, ...active].find((item) => item?.state === "ACTIVE" && ctx.may.end(item));
  if (!ctx.may.declare && !ending) return null;
  return h(
    "div",
    { class: "commands" },
    ctx.may.declare &&
      h(
        "button",
        { type: "button", class: "danger", id: "open-order", data: { key: "order" }, onclick: () => ctx.order() },
        t("下达转换令"),
      ),
    ending &&
      h(
        "button",
        { type: "button", id: "open-end", data: { key: "end" }, onclick: () => ctx.act("end", ending) },
        t("解除响应"),
      ),
  );
}

/**
 * The mode banner: colour, mark, word, level, matter and time, in this order of size.
 * @param {Board} board
 * @param {BoardContext} ctx
 * @param {string} now
 */
export function renderBanner(board, ctx, now) {
  const list = byGravity(board.emergencies);
  const shown = shownOf(list, board);
  const late = list.filter((item) => item.state === "ACTIVE" && item.expectation_passed);
  const acts = shown ? actButtons(shown, ctx, { acts: BESIDE, place: "banner" }) : [];
  const box = $("banner");
  const [word, level] = orderedWord(board);
  box.dataset.mode = !board.ordered && board.reach === "PARTLY" ? "PARTLY" : board.mode;
  box.dataset.reach = board.reach;
  box.dataset.converted = board.converted ?? "";
  swap(
    box,
    h(
      "div",
      { class: "word" },
      h(
        "p",
        { class: "ordered-word" },
        glyph(board.mode),
        h("strong", {}, word),
        level && h("span", { class: "level" }, level),
      ),
      h("p", { class: "far num", data: { converted: board.converted ?? "" } }, farSaid(board, now)),
    ),
    others(list, shown, () => renderBanner(board, ctx, ctx.now())),
    h(
      "div",
      { class: "matter" },
      shown
        ? about(shown, board, ctx, list.length < 2)
        : [
            h("p", { class: "title" }, board.area.name),
            h(
              "p",
              { class: "dim" },
              board.reach === "EXCLUDED"
                ? t("上级区域有生效的响应，本区域已排除在外")
                : t("没有生效的响应，各阵地按平时功能开放"),
            ),
          ],
    ),
    shown && timing(shown, now),
    commands(board, shown, ctx),
    acts.length > 0 && h("div", { class: "acts", role: "group", "aria-label": t("调整响应") }, acts),
    late.map((item) => passed(item, list.length > 1, ctx)),
  );
  const sentence = [
    board.area.name,
    word,
    level,
    convertedOf(board.converted),
    shown?.matter,
    late.length && t("预计期限已届满"),
  ]
    .filter(Boolean)
    .join(" ");
  if (announced && sentence !== announced) ctx.announce(sentence);
  announced = sentence;
}
