import { ACTS } from "./acts.js";
import { failureOf, get } from "./api.js";
import { Decision } from "./decision.js";
import { $, h } from "./dom.js";
import { Change } from "./emergency_change.js";
import { hoursOn, textOf } from "./emergency_fields.js";
import { bindOver, bindTakeUp } from "./emergency_over.js";
import { levelOf, names } from "./fmt.js";
import { refuse } from "./forms.js";
import { either, t } from "./i18n.js";
import { AreaPicker } from "./picker.js";

const AGAIN_MS = 4000;

/** @type {AreaPicker | null} */ let picker = null;

/** The areas of a new emergency: what is ticked is included. @returns {AreaPicker} */
const chosen = () => /** @type {AreaPicker} */ (picker);

/** @param {PickedArea[]} list */
const named = (list) =>
  names(
    list.map((area) => area.name),
    8,
  );

/**
 * What the choice leaves out, in names: exceptions of what is ticked, and what is not ticked at all.
 * @param {Board} board
 */
function leftOut(board) {
  const out = board.children.filter((child) => !chosen().includes(child));
  const deeper = chosen().excluded.filter((area) => !board.children.some((child) => child.code === area.code));
  return [...out, ...deeper];
}

// --- a new emergency ----------------------------------------------------------------

/**
 * @param {BoardContext} ctx
 * @param {Values} values
 * @returns {Restated}
 */
function restateOrder(ctx, values) {
  const board = ctx.board();
  const left = leftOut(board);
  const plain = {
    area: named(chosen().scope),
    hazard: textOf("order-hazard"),
    level: levelOf(values.level),
    excluded: named(left),
  };
  return {
    sentence: left.length
      ? t("将对{area}下达{hazard}{level}转换令，不含{excluded}：范围内有预定功能的阵地按预案由平时转入战时。", plain)
      : t("将对{area}下达{hazard}{level}转换令：范围内有预定功能的阵地按预案由平时转入战时。", plain),
    points: [
      [
        t("不在范围内"),
        left.length
          ? names(
              left.map((area) => area.name),
              40,
            )
          : t("无"),
      ],
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

/** @param {Values} values */
function orderTarget(values) {
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
      scope: chosen().scope.map((area) => area.code),
      excluded: chosen().excluded.map((area) => area.code),
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

let asking = 0;

/**
 * Ask for the plans until they are there: without them nothing can be ordered, and the form says why.
 * @param {Decision} order
 */
async function fillPlaybooks(order) {
  clearTimeout(asking);
  const select = $("order-playbook", HTMLSelectElement);
  const note = $("order-playbook-error");
  try {
    ({ playbooks } = await get("playbooks"));
  } catch (error) {
    const { status } = failureOf(error);
    if (status === 401) return;
    if (!playbooks.length) {
      const why = t("连接中断，预案还没有取到，恢复后自动载入");
      select.replaceChildren(h("option", { value: "" }, t("尚未载入")));
      select.setCustomValidity(why);
      note.textContent = why;
      note.hidden = false;
    }
    if (order.box.open) asking = setTimeout(() => fillPlaybooks(order), AGAIN_MS);
    return;
  }
  select.setCustomValidity("");
  note.hidden = true;
  offerPlaybooks();
}

/** @param {BoardContext} ctx */
function bindOrder(ctx) {
  const order = new Decision("order", {
    ctx,
    check() {
      if (!chosen().scope.length) refuse("excluded", t("请勾选至少一个区域"));
    },
    /** @param {Values} values */
    restate: (values) => restateOrder(ctx, values),
    /** @param {Values} values */
    target: (values) => orderTarget(values),
    /** @param {Values} values */
    asked: (values) => ({
      path: "emergencies/preview",
      body: { ...orderTarget(values).body, seen_seq: ctx.seq() },
    }),
  });
  $("order-hazard").addEventListener("change", offerPlaybooks);
  addEventListener("online", () => order.box.open && fillPlaybooks(order));
  return async () => {
    const { area } = ctx.board();
    picker ??= new AreaPicker($("order-areas"), { root: area });
    picker.root = area;
    picker.open([area]);
    order.open(area.code);
    await fillPlaybooks(order);
  };
}

/**
 * Bind the dialogs; returns what opens them.
 * @param {BoardContext} ctx
 */
export function bindDialogs(ctx) {
  const order = bindOrder(ctx);
  const end = bindOver(ctx, "end");
  const undo = bindOver(ctx, "void");
  const change = new Change(ctx);
  return {
    order,
    takeUp: bindTakeUp(ctx),
    /**
     * @param {string} act
     * @param {Emergency} emergency
     */
    act(act, emergency) {
      if (act === "end") end(emergency);
      else if (act === "void") undo(emergency);
      else if (ACTS.includes(act)) change.open(act, emergency);
    },
  };
}
