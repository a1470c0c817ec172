import { h } from "./dom.js";
import { hazardOf, levelOf, time } from "./fmt.js";
import { either, t } from "./i18n.js";

/** @type {Record<string, () => string>} */
const WORDS = {
  raise: () => t("提级"),
  lower: () => t("降级"),
  widen: () => t("扩大范围"),
  narrow: () => t("缩小范围"),
  extend: () => t("延长"),
  grade: () => t("定级"),
  end: () => t("解除响应"),
  void: () => t("作废（误发）"),
};
export const ACTS = Object.keys(WORDS);

/**
 * What a decision about an emergency is called.
 * @param {string} act
 */
export const actOf = (act) => WORDS[act]();

/**
 * @param {string} act
 * @param {Emergency} emergency
 * @param {Pick<BoardContext, "act" | "may">} ctx
 */
function open(act, emergency, ctx) {
  if (emergency.state !== "ACTIVE") return false;
  if (act === "end" || act === "void") return ctx.may.end(emergency);
  if ((act === "raise" && emergency.level === "I") || (act === "lower" && emergency.level === "IV")) return false;
  return ctx.may.change(emergency);
}

/**
 * A button for each decision the reader may take about an emergency; `place` keeps their keys apart.
 * @param {Emergency} emergency
 * @param {Pick<BoardContext, "act" | "may">} ctx
 * @param {{ acts?: string[], place: string, before?: () => void }} how
 */
export function actButtons(emergency, ctx, { acts = ACTS, place, before = () => {} }) {
  return acts
    .filter((act) => open(act, emergency, ctx))
    .map((act) =>
      h(
        "button",
        {
          type: "button",
          data: { act, key: `${place}-${act}-${emergency.id}` },
          "aria-label": t("{act}：{hazard}{level}", {
            act: actOf(act),
            hazard: hazardOf(emergency),
            level: levelOf(emergency.level),
          }),
          onclick: () => {
            before();
            ctx.act(act, emergency);
          },
        },
        actOf(act),
      ),
    );
}

/**
 * How grave the event is and which warning stands: two scales of their own, beside the level.
 * @param {Emergency} emergency
 */
export function scaleChips(emergency) {
  return [
    emergency.severity &&
      h(
        "span",
        { class: "chip", data: { severity: emergency.severity } },
        t("{severity}事件", { severity: either(emergency, "severity") }),
      ),
    emergency.warning &&
      h(
        "span",
        { class: "chip warning", data: { warning: emergency.warning } },
        t("{warning}预警", { warning: either(emergency, "warning") }),
      ),
  ].filter(Boolean);
}

/**
 * Since when it is over, by whom and why: ended, or void because it was declared in error.
 * @param {Emergency} emergency
 * @param {(label: string, text: Child) => Child} line
 */
export function overLines(emergency, line) {
  if (!emergency.ended_at) return [];
  const voided = emergency.state === "VOIDED";
  return [
    line(
      voided ? t("作废（误发）") : t("解除"),
      [time(emergency.ended_at, "full"), emergency.ended_by.name].filter(Boolean).join(" · "),
    ),
    line(
      voided ? t("作废理由") : t("解除依据"),
      [emergency.end_basis, emergency.end_reason].filter(Boolean).join("；"),
    ),
  ];
}

/** @param {Emergency} emergency */
export const stateOf = (emergency) => either(emergency, "state");

/** That it was declared in error: by whom that was said, and why. @param {Emergency} emergency */
export function voidChip(emergency) {
  if (emergency.state !== "VOIDED") return null;
  const said = [stateOf(emergency), emergency.ended_by.name, emergency.end_reason];
  return h("span", { class: "chip void", data: { state: "VOIDED" } }, said.filter(Boolean).join(" · "));
}
