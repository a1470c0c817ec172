import { $, h } from "./dom.js";
import { time } from "./fmt.js";
import { t } from "./i18n.js";

/**
 * The look-back strip (历史回看): nobody may take the past for the present.
 * @param {Board} board
 * @param {BoardContext} ctx
 */
export function showPast(board, ctx) {
  const strip = $("past");
  const { at } = board;
  const past = at !== null && at !== undefined;
  document.body.toggleAttribute("data-past", past);
  strip.hidden = !past;
  if (!past) return strip.replaceChildren();
  /**
   * @param {string} label
   * @param {number} seq
   */
  const step = (label, seq) =>
    h("button", { type: "button", disabled: seq < 1 || seq > board.head, onclick: () => ctx.lookAt(seq) }, label);
  return strip.replaceChildren(
    h("strong", {}, t("历史回看")),
    h(
      "span",
      { class: "num" },
      t("显示的是 seq {seq} 时刻（{time}），不是现在", { seq: board.at, time: time(board.recorded_at, "full") }),
    ),
    step(t("前一条"), at - 1),
    step(t("后一条"), at + 1),
    h("button", { type: "button", class: "primary", id: "to-live", onclick: () => ctx.lookAt(null) }, t("回到实时")),
  );
}

/**
 * Say whether the screen follows the log.
 * @param {string} status
 * @param {Pick<Board, "seq" | "recorded_at"> & { at?: number | null } | null} board
 * @param {{ reconnect: () => void }} ctx
 */
export function showStatus(status, board, ctx) {
  const past = board?.at !== null && board?.at !== undefined;
  const shown = past ? "past" : status;
  $("state").dataset.status = shown;
  /** @type {Words} */ const words = {
    live: t("实时"),
    connecting: t("连接中"),
    offline: t("连接中断"),
    past: t("历史回看"),
    ended: t("登录已失效"),
  };
  $("state-text").textContent = board ? `${words[shown]} · seq ${board.seq}` : words[shown];
  const strip = $("offline");
  const cut = status === "offline" && !past ? board : null;
  if (Boolean(cut) === !strip.hidden && (!cut || strip.dataset.seq === String(cut.seq))) return;
  strip.hidden = !cut;
  strip.dataset.seq = String(board?.seq ?? "");
  strip.replaceChildren(
    ...(cut
      ? [
          h("strong", {}, t("连接中断")),
          h(
            "span",
            { class: "num" },
            t("显示的是 seq {seq} 时刻（{time}），正在自动重连", {
              seq: cut.seq,
              time: time(cut.recorded_at, "full"),
            }),
          ),
          h("button", { type: "button", id: "reconnect", onclick: () => ctx.reconnect() }, t("立即重连")),
        ]
      : []),
  );
}

/**
 * The way up: every area above this one, then this one.
 * @param {Board} board
 * @param {BoardContext} ctx
 */
export function showCrumbs(board, ctx) {
  $("crumbs").replaceChildren(
    h(
      "ol",
      {},
      ...board.ancestors.map((area) => h("li", {}, h("a", { href: ctx.href(area.code) }, area.name))),
      h("li", { "aria-current": "page" }, board.area.name),
    ),
  );
}
