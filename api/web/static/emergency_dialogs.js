import { ACTS, actOf } from "./acts.js";
import { get } from "./api.js";
import { Decision } from "./decision.js";
import { $, $all, controlsIn, h } from "./dom.js";
import { areaLevel, count, hazardOf, levelOf, names, time } from "./fmt.js";
import { showRefusal } from "./forms.js";
import { either, t } from "./i18n.js";
import { inForce } from "./state.js";

const GRAVER = ["IV", "III", "II", "I"];
/** @param {string} id */
const chosenIn = (id) => $all($(id), "input:checked", HTMLInputElement).map((box) => box.value);
const codesIn = (text = "") => text.split(/[\s,，、]+/).filter(Boolean);
/** @param {string} select */
const textOf = (select) => $(select, HTMLSelectElement).selectedOptions[0]?.textContent ?? "";
/**
 * @param {BoardContext} ctx
 * @param {string | number} hours
 */
const hoursOn = (ctx, hours) => time(new Date(Date.parse(ctx.now()) + Number(hours) * 3600000), "full");

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

/** @type {Row[]} */
let playbooks = [];

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

// --- one that is in force -----------------------------------------------------------

/** @param {Emergency} item */
const label = (item) => `${hazardOf(item)} ${levelOf(item.level)} · ${item.matter}`;
/**
 * @param {string} id
 * @param {string} act
 */
const pathOf = (id, act) => `emergencies/${encodeURIComponent(id)}/${act}`;

/**
 * @param {string} select
 * @param {Emergency[]} list
 * @param {Emergency | undefined} emergency
 */
function offer(select, list, emergency) {
  $(select).replaceChildren(
    ...list.map((item) => h("option", { value: item.id, selected: item.id === emergency?.id }, label(item))),
  );
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

/** The decisions that change an emergency, in one dialog that shows the fields of the one at hand. */
class Change {
  /** @param {BoardContext} ctx */
  constructor(ctx) {
    this.ctx = ctx;
    this.act = "";
    this.dialog = new Decision("change", {
      ctx,
      prepare: () => {
        $("change-code", HTMLInputElement).required = this.places() && !chosenIn("change-areas").length;
      },
      /** @param {Values} values */
      restate: (values) => this.restate(values),
      /** @param {Values} values */
      target: (values) => ({ path: pathOf(values.emergency, this.act), body: this.body(values) }),
      /** @param {Values} values */
      asked: (values) => this.asked(values),
    });
    $("change-emergency").addEventListener("change", () => this.fill());
  }

  /**
   * @param {string} act
   * @param {Emergency} emergency
   */
  open(act, emergency) {
    this.act = act;
    const box = $("change");
    box.dataset.act = act;
    $("change-title").textContent = actOf(act);
    this.dialog.form.reset();
    for (const part of $all(box, "[data-for]")) {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(act);
      for (const control of controlsIn(part)) control.disabled = part.hidden;
    }
    offer(
      "change-emergency",
      inForce(this.ctx.board()).filter((item) => this.ctx.may.change(item)),
      emergency,
    );
    this.fill();
    this.dialog.open();
  }

  places() {
    return this.act === "widen" || this.act === "narrow";
  }

  emergency() {
    return this.ctx.board().emergencies.find((item) => item.id === $("change-emergency", HTMLSelectElement).value);
  }

  /** What can be chosen for this emergency: levels above or below its own, places outside or inside its scope. */
  fill() {
    const emergency = this.emergency();
    if (!emergency) return;
    if (this.act === "raise" || this.act === "lower") this.fillLevels(emergency);
    if (this.places()) this.fillAreas(emergency);
    if (this.act === "grade") {
      $("change-severity", HTMLSelectElement).value = emergency.severity || "";
      $("change-warning", HTMLSelectElement).value = emergency.warning || "";
    }
  }

  /** @param {Emergency} emergency */
  fillLevels(emergency) {
    const own = GRAVER.indexOf(emergency.level);
    const next = GRAVER[own + (this.act === "raise" ? 1 : -1)];
    for (const radio of $all(this.dialog.form, "[name=level]", HTMLInputElement)) {
      const place = GRAVER.indexOf(radio.value);
      radio.disabled = this.act === "raise" ? place <= own : place >= own;
      radio.checked = radio.value === next;
    }
  }

  /** @param {Emergency} emergency */
  fillAreas(emergency) {
    const { area, children } = this.ctx.board();
    const here = {
      ...area,
      emergencies: emergency.scope.some((place) => place.code === area.code) ? [emergency.id] : null,
    };
    /** @param {Area & { emergencies?: string[] | null }} place */
    const box = (place) => {
      // A server that does not say which places are covered leaves the choice open.
      const covered = place.emergencies?.includes(emergency.id);
      const barred = place.emergencies ? covered === (this.act === "widen") : false;
      return h(
        "label",
        {},
        h("input", { type: "checkbox", name: "area", value: place.code, disabled: barred }),
        h(
          "span",
          {},
          place.name,
          barred && h("small", { class: "dim" }, ` ${covered ? t("已在范围内") : t("不在范围内")}`),
        ),
      );
    };
    $("change-areas").replaceChildren(...[here, ...children].map(box));
  }

  /** @param {Values} values */
  areas(values) {
    return [...new Set([...chosenIn("change-areas"), ...codesIn(values.code)])];
  }

  /** @param {Values} values */
  body(values) {
    const { basis, reason = "", level, severity = "", warning = "", expected_hours: hours } = values;
    if (this.act === "extend") return { expected_hours: Number(hours), basis };
    if (this.act === "grade") return { severity, warning, basis };
    return { ...this.what(values, level), basis, reason };
  }

  /**
   * The part of the decision that its preview needs.
   * @param {Values} values
   * @param {string} level
   */
  what(values, level) {
    if (!this.places()) return { level };
    const excluded = codesIn(values.excluded);
    return { areas: this.areas(values), ...(this.act === "widen" && excluded.length && { excluded }) };
  }

  /** @param {Values} values */
  asked(values) {
    if (this.act === "extend" || this.act === "grade") return null;
    return {
      path: pathOf(values.emergency, "preview"),
      body: { action: this.act, ...this.what(values, values.level), basis: values.basis },
    };
  }

  /**
   * @param {Values} values
   * @returns {Restated}
   */
  restate(values) {
    const emergency = this.emergency();
    if (!emergency) throw new Error("no emergency is chosen"); // there is always one of those offered
    const { area, children } = this.ctx.board();
    /** @param {string} code */
    const nameOf = (code) => [area, ...children].find((place) => place.code === code)?.name ?? code;
    const said = {
      hazard: hazardOf(emergency),
      level: levelOf(emergency.level),
      to: values.level && levelOf(values.level),
      scope: names(emergency.scope.map((place) => place.name)),
      areas: names(this.areas(values).map(nameOf), 8),
      time: hoursOn(this.ctx, values.expected_hours || 0),
      severity: textOf("change-severity"),
      warning: textOf("change-warning"),
    };
    /** @type {Record<string, () => string>} */
    const sentences = {
      raise: () => t("将把{scope}的{hazard}响应由{level}提升为{to}。", said),
      lower: () => t("将把{scope}的{hazard}响应由{level}降低为{to}。", said),
      widen: () => t("将把{hazard}{level}响应的范围扩大到{areas}。", said),
      narrow: () => t("将把{areas}移出{hazard}{level}响应的范围。", said),
      extend: () => t("将把{hazard}{level}响应的预计期限延长到{time}。", said),
      grade: () => t("将把{hazard}{level}响应定级：事件等级{severity}，预警颜色{warning}。", said),
    };
    return {
      sentence: sentences[this.act](),
      points: [
        [t("事项"), emergency.matter],
        this.act === "extend" && [t("原预计至"), time(emergency.expected_until, "full")],
        [t("依据"), values.basis],
      ],
    };
  }
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
