import { ApiError, Attempt } from "./api.js";
import { $, $all, flash, glyph, h, swap, toast } from "./dom.js";
import { count, near, span } from "./fmt.js";
import { either, t } from "./i18n.js";
import { endAtRow } from "./whole_rows.js";

const WORDS = { GRAVE: () => t("严重"), WARNING: () => t("注意") };
/** @type {Map<string, Attempt>} */
const attempts = new Map(); // outlive the row, so that a repeat after a broken line keeps its key
const sending = new Set();
let known = new Set(); // grave alarms that stood there when the board was last shown
let place = "";

/** @param {Row} alarm */
const unseen = (alarm) => alarm.unseen.length > 0;

/**
 * @param {Row} alarm
 * @param {BoardContext} ctx
 */
async function acknowledge(alarm, ctx) {
  if (sending.has(alarm.id)) return;
  const attempt = attempts.get(alarm.id) ?? new Attempt();
  const [first, ...also] = alarm.unseen;
  attempts.set(alarm.id, attempt);
  sending.add(alarm.id);
  renderAlarms(ctx.board(), ctx, ctx.now());
  try {
    ctx.stored(await attempt.send("alarms/acknowledge", { alarm: first, also }, ctx.seq()));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(either(error) || error.code, true);
  } finally {
    sending.delete(alarm.id);
    renderAlarms(ctx.board(), ctx, ctx.now());
  }
}

/**
 * @param {Row} alarm
 * @param {string} now
 */
function notes(alarm, now) {
  const over = alarm.due_at ? Date.parse(now) - Date.parse(alarm.due_at) : 0;
  return [
    either(alarm, "kind") || alarm.kind,
    near(alarm.raised_at, now),
    over > 0 && t("逾期{span}", { span: span(over) }),
    alarm.late > 0 && t("现有{n}处逾期", { n: count(alarm.late) }),
    alarm.count > 1 && !alarm.alike.length && t("同类{n}次", { n: count(alarm.count) }),
    alarm.acknowledged_at &&
      t("{name}于{time}确认", {
        name: alarm.acknowledged_by_name || alarm.acknowledged_by || "—",
        time: near(alarm.acknowledged_at, now),
      }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * Who was passed over and is free converts by one order.
 * @param {Row} alarm
 * @param {BoardContext} ctx
 */
function takeUp(alarm, ctx) {
  const emergency = alarm.kind === "freed" && ctx.board().emergencies.find((one) => one.id === alarm.emergency);
  if (!emergency || !ctx.may.change(emergency)) return null;
  return h(
    "button",
    {
      type: "button",
      data: { key: `alarm-take-up-${alarm.id}`, takeup: alarm.id },
      onclick: () => ctx.takeUp(emergency, alarm.sites),
    },
    t("补下转换令"),
  );
}

/**
 * @param {Row} alarm
 * @param {BoardContext} ctx
 * @param {string} now
 */
function item(alarm, ctx, now) {
  const said = either(alarm);
  const grave = alarm.gravity === "GRAVE";
  return h(
    "li",
    { class: "alarm", data: { alarm: alarm.id, gravity: alarm.gravity, ...(unseen(alarm) && { unseen: "" }) } },
    h("span", { class: "gravity" }, glyph(grave ? "GRAVE" : "WARNING"), (grave ? WORDS.GRAVE : WORDS.WARNING)()),
    h("div", { class: "what" }, h("p", { class: "said" }, said), h("p", { class: "dim small num" }, notes(alarm, now))),
    h(
      "div",
      { class: "do" },
      takeUp(alarm, ctx),
      unseen(alarm) &&
        ctx.may.alarm &&
        h(
          "button",
          {
            type: "button",
            value: "acknowledge",
            class: "primary",
            disabled: sending.has(alarm.id),
            data: { key: `alarm-${alarm.id}` },
            "aria-label": t("确认：{alarm}", { alarm: said }),
            onclick: () => acknowledge(alarm, ctx),
          },
          alarm.unseen.length > 1 ? t("确认{n}条", { n: count(alarm.unseen.length) }) : t("确认"),
        ),
      alarm.seq > 0 &&
        h(
          "button",
          {
            type: "button",
            class: "seq num",
            data: { key: `alarm-seq-${alarm.id}` },
            "aria-label": t("打开事实 {seq}", { seq: alarm.seq }),
            onclick: () => ctx.openFact(alarm.seq),
          },
          `#${alarm.seq}`,
        ),
    ),
  );
}

/**
 * Read out a grave alarm when it comes, not those that stood there already.
 * @param {Row[]} rows
 * @param {Board} board
 * @param {BoardContext} ctx
 */
function tell(rows, board, ctx) {
  const grave = rows.filter((alarm) => unseen(alarm) && alarm.gravity === "GRAVE");
  const fresh = place === board.area.code ? grave.filter((alarm) => !known.has(alarm.id)) : [];
  known = new Set(grave.map((alarm) => alarm.id));
  place = board.area.code;
  if (fresh.length) ctx.announce(t("告警：{alarm}", { alarm: either(fresh[0]) }));
  return new Set(fresh.map((alarm) => alarm.id));
}

/**
 * The alarms (告警): what somebody must see, whoever looks at the board.
 * @param {Board} board
 * @param {BoardContext} ctx
 * @param {string} now
 */
export function renderAlarms(board, ctx, now) {
  const alarms = { open: 0, unseen: 0, grave: 0, rows: [], ...board.alarms };
  const { rows } = alarms; // the gravest first, as the service has them
  const panel = $("alarms-panel");
  panel.toggleAttribute("data-unseen", alarms.unseen > 0);
  panel.toggleAttribute("data-grave", alarms.grave > 0);
  swap(
    $("alarms-open"),
    alarms.unseen > 0 && h("b", { class: "unseen", id: "alarms-unseen" }, t("未确认 {n}", { n: count(alarms.unseen) })),
    h("span", {}, alarms.open ? t("共 {n}", { n: count(alarms.open) }) : t("没有告警")),
  );
  $("alarms").hidden = !rows.length;
  const fresh = tell(rows, board, ctx);
  swap(
    $("alarms"),
    rows.length
      ? h(
          "ul",
          { class: "alarm-list" },
          rows.map((alarm) => item(alarm, ctx, now)),
        )
      : null,
  );
  for (const row of $all($("alarms"), "[data-alarm]")) if (fresh.has(row.dataset.alarm)) flash(row);
  endAtRow($("alarms"), "[data-alarm]");
}
