import { ACTS } from "./acts.js";
import { get } from "./api.js";
import { Decision } from "./decision.js";
import { $, h } from "./dom.js";
import { Change } from "./emergency_change.js";
import { chosenIn, hoursOn, offer, pathOf, textOf } from "./emergency_fields.js";
import { areaLevel, count, hazardOf, levelOf, names } from "./fmt.js";
import { showRefusal } from "./forms.js";
import { either, t } from "./i18n.js";
import { inForce } from "./state.js";

/**
 * @param {Board} board
 * @param {string[]} excluded
 */
function extent(board, excluded) {
  const out = new Set(excluded);
  const left = board.children.filter((child) => out.has(child.code));
  /** @param {Row} counts */
  const sitesIn = (counts) => Object.values(counts.sites).reduce((sum, n) => sum + n, 0);
  return {
    areas:
      board.counts.areas -
      left.reduce((sum, child) => sum + 1 + board.tiles.filter((tile) => tile.parent === child.code).length, 0),
    sites: sitesIn(board.counts) - left.reduce((sum, child) => sum + sitesIn(child.counts), 0),
    left,
  };
}

// --- a new emergency ----------------------------------------------------------------

/**
 * @param {BoardContext} ctx
 * @param {Values} values
 * @returns {Restated}
 */
function restateOrder(ctx, values) {
  const board = ctx.board();
  const { areas, sites, left } = extent(board, chosenIn("order-excluded"));
  const plain = {
    area: board.area.name,
    hazard: textOf("order-hazard"),
    level: levelOf(values.level),
    areas: count(areas),
    sites: count(sites),
  };
  return {
    sentence: left.length
      ? t(
          "将对{area}（不含{excluded}）下达{hazard}{level}转换令：范围含{areas}个区域、{sites}处阵地，有预定功能的按预案由平时转入战时。",
          {
            ...plain,
            excluded: names(
              left.map((child) => child.name),
              6,
            ),
          },
        )
      : t(
          "将对{area}下达{hazard}{level}转换令：范围含{areas}个区域、{sites}处阵地，有预定功能的按预案由平时转入战时。",
          plain,
        ),
    points: [
      [t("事项"), values.matter],
      values.severity && [t("事件等级"), textOf("order-severity")],
      values.warning && [t("预警颜色"), textOf("order-warning")],
      [t("依据"), values.basis],
      [t("措施"), values.measures],
      [t("预计至"), hoursOn(ctx, values.expected_hours)],
      [t("预案"), textOf("order-playbook")],
    ],
  };
}

/**
 * @param {BoardContext} ctx
 * @param {Values} values
 */
function orderTarget(ctx, values) {
  const {
    reason = "",
    hazard,
    level,
    basis,
    matter,
    measures,
    playbook,
    severity,
    warning,
    expected_hours: hours,
  } = values;
  const scales = { ...(severity && { severity }), ...(warning && { warning }) };
  return {
    path: "emergencies",
    body: {
      hazard,
      level,
      basis,
      matter,
      measures,
      playbook,
      reason,
      ...scales,
      expected_hours: Number(hours),
      scope: [ctx.board().area.code],
      excluded: chosenIn("order-excluded"),
    },
  };
}

/** @type {Row[]} */ let playbooks = [];

/** The plans for the hazard chosen; a hazard without a plan cannot be chosen. */
function offerPlaybooks() {
  const hazard = $("order-hazard", HTMLSelectElement);
  /**
   * @param {Row} item
   * @param {string} value
   */
  const fits = (item, value) => !item.hazard || item.hazard === value;
  for (const option of hazard.options) option.disabled = !playbooks.some((item) => fits(item, option.value));
  $("order-playbook").replaceChildren(
    ...playbooks
      .filter((item) => fits(item, hazard.value))
      .map((item) => h("option", { value: item.id }, `${either(item)} · ${item.version}`)),
  );
}

async function fillPlaybooks() {
  ({ playbooks } = await get("playbooks"));
  offerPlaybooks();
}

/** @param {Board} board */
function fillScope(board) {
  $("order-scope").textContent = board.area.name;
  $("order-scope-note").textContent = board.children.length
    ? t("全域；勾选的{level}不在范围内", { level: areaLevel(board.children[0].level) })
    : t("仅此区域");
  $("order-excluded").replaceChildren(
    ...board.children.map((child) =>
      h("label", {}, h("input", { type: "checkbox", name: "excluded", value: child.code }), h("span", {}, child.name)),
    ),
  );
}

/** @param {BoardContext} ctx */
function bindOrder(ctx) {
  const order = new Decision("order", {
    ctx,
    /** @param {Values} values */
    restate: (values) => restateOrder(ctx, values),
    /** @param {Values} values */
    target: (values) => orderTarget(ctx, values),
    /** @param {Values} values */
    asked: (values) => ({
      path: "emergencies/preview",
      body: { ...orderTarget(ctx, values).body, seen_seq: ctx.seq() },
    }),
  });
  $("order-hazard").addEventListener("change", offerPlaybooks);
  return async () => {
    fillScope(ctx.board());
    order.open();
    await fillPlaybooks().catch((error) => showRefusal(order.form, error));
  };
}

/** @param {BoardContext} ctx */
function bindEnd(ctx) {
  /** @param {string} id */
  const named = (id) => ctx.board().emergencies.find((item) => item.id === id);
  const end = new Decision("end", {
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
        sentence: t("将解除{scope}的{hazard}{level}响应：范围内的阵地开始恢复清单，逐步回到平时。", said),
        points: [
          [t("事项"), emergency.matter],
          [t("依据"), values.basis],
        ],
      };
    },
    /** @param {Values} values */
    target: ({ emergency, basis, reason = "" }) => ({ path: pathOf(emergency, "end"), body: { basis, reason } }),
    /** @param {Values} values */
    asked: ({ emergency, basis }) => ({ path: pathOf(emergency, "preview"), body: { action: "end", basis } }),
  });
  /** @param {Emergency} emergency */
  return (emergency) => {
    offer(
      "end-emergency",
      inForce(ctx.board()).filter((item) => ctx.may.end(item)),
      emergency,
    );
    end.open();
  };
}

/**
 * Bind the dialogs; returns what opens them.
 * @param {BoardContext} ctx
 */
export function bindDialogs(ctx) {
  const order = bindOrder(ctx);
  const end = bindEnd(ctx);
  const change = new Change(ctx);
  return {
    order,
    /**
     * @param {string} act
     * @param {Emergency} emergency
     */
    act(act, emergency) {
      if (act === "end") end(emergency);
      else if (ACTS.includes(act)) change.open(act, emergency);
    },
  };
}
