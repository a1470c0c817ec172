import { Decision } from "./decision.js";
import { $ } from "./dom.js";
import { offer, pathOf } from "./emergency_fields.js";
import { hazardOf, levelOf, names } from "./fmt.js";
import { t } from "./i18n.js";
import { inForce } from "./state.js";

/**
 * What ending and voiding say before the last button. @type {Record<string, (said: Words) => string>}
 */
const OVER = {
  end: (said) => t("将解除{scope}的{hazard}{level}响应：已动作的阵地开始恢复，未动作的直接回到平时。", said),
  void: (said) =>
    t(
      "将把{scope}的{hazard}{level}响应作为误发作废：原宣布保留备查，已动作的阵地开始恢复，未动作的直接回到平时。",
      said,
    ),
};

/**
 * The end of an emergency, or that it was declared in error.
 * @param {BoardContext} ctx
 * @param {"end" | "void"} act
 */
export function bindOver(ctx, act) {
  /** @param {string} id */
  const named = (id) => shown.find((item) => item.id === id);
  /** @type {Emergency[]} */ let shown = []; // as they stood when the dialog showed them
  const over = new Decision(act, {
    ctx,
    /** @param {Values} values */
    restate: (values) => {
      const emergency = named(values.emergency);
      if (!emergency) throw new Error(`no emergency ${values.emergency}`); // it is one of those offered
      const said = {
        hazard: hazardOf(emergency),
        level: levelOf(emergency.level),
        scope: names(emergency.scope.map((area) => area.name)),
      };
      return {
        sentence: OVER[act](said),
        points: [
          [t("事项"), emergency.matter],
          values.basis && [t("依据"), values.basis],
          values.reason && [t("理由"), values.reason],
        ],
      };
    },
    /** @param {Values} values */
    target: ({ emergency, basis = "", reason = "" }) => ({
      path: pathOf(emergency, act),
      body: { basis, reason, expected: named(emergency)?.expected.order },
    }),
    /** @param {Values} values */
    asked: ({ emergency, basis = "", reason = "" }) => ({
      path: pathOf(emergency, "preview"),
      body: { action: act, basis, reason },
    }),
  });
  /** @param {Emergency} emergency */
  return (emergency) => {
    shown = ctx.board().emergencies;
    offer(
      `${act}-emergency`,
      inForce(ctx.board()).filter((item) => ctx.may.end(item)),
      emergency,
    );
    over.open();
  };
}

/**
 * Sites that were passed over convert after all: opened where they are listed as free.
 * @param {BoardContext} ctx
 */
export function bindTakeUp(ctx) {
  /** @type {{ emergency: Emergency, sites: Row[] } | null} */ let about = null;
  const asking = () => /** @type {{ emergency: Emergency, sites: Row[] }} */ (about);
  const ids = () => asking().sites.map((site) => site.site);
  const take = new Decision("take-up", {
    ctx,
    /** @param {Values} values */
    restate: (values) => {
      const { emergency, sites } = asking();
      const said = {
        sites: names(
          sites.map((site) => site.site_name),
          8,
        ),
        hazard: hazardOf(emergency),
        level: levelOf(emergency.level),
      };
      return {
        sentence: t("将对{sites}补下{hazard}{level}转换令：各步骤的限期从现在起算。", said),
        points: [
          [t("事项"), emergency.matter],
          [t("依据"), values.basis],
        ],
      };
    },
    /** @param {Values} values */
    target: ({ basis, reason = "" }) => ({
      path: pathOf(asking().emergency.id, "take-up"),
      body: { basis, reason, sites: ids(), expected: asking().emergency.expected.order },
    }),
    /** @param {Values} values */
    asked: ({ basis }) => ({
      path: pathOf(asking().emergency.id, "preview"),
      body: { action: "take-up", basis, sites: ids() },
    }),
  });
  /**
   * @param {Emergency} emergency
   * @param {Row[]} sites
   */
  return (emergency, sites) => {
    about = { emergency, sites };
    $("take-up-subject").textContent = `${hazardOf(emergency)} ${levelOf(emergency.level)} · ${names(
      sites.map((site) => site.site_name),
      8,
    )}`;
    take.open(emergency.id);
  };
}
