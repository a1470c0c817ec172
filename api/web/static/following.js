import { get } from "./api.js";
import { toast } from "./dom.js";
import { t } from "./i18n.js";
import { Live } from "./live.js";
import { showBadges } from "./nav.js";
import { home, now, root } from "./page.js";
import { showStatus } from "./strips.js";

const PAUSE_MS = 2000; // between two refreshes of a busy world
const POLL_MS = 15000; // for what the stream of an area does not tell

// --- following the log -------------------------------------------------------------

/** @type {Set<() => unknown>} */ const followers = new Set();
let shown = 0; // the log position that is on screen
let shownAt = now();
let followed = 0; // the one the stream has told of
let written = 0; // the one of our own last decision
/** @type {Live | null} */ let live = null;
let status = "connecting";
let telling = 0;
let toldAt = 0;
/** @type {Record<string, number>} */ const waits = {};

export const seq = () => shown;

/** What the command screen shows, which follows the log by itself. @param {number} position */
export const stands = (position) => {
  shown = Math.max(shown, position);
};

/** Ask for what our own last decision has changed. */
export const fresh = () => ({ min_seq: written || null });

export const say = () =>
  showStatus(status, shown ? { seq: shown, recorded_at: shownAt } : null, { reconnect: () => live?.retry() });

/**
 * An answer has arrived and is on screen. `seq` of one thing is its own; that of a list is the log's.
 * @param {Row | null} answer
 */
export function saw(answer) {
  const at = answer?.head ?? (answer?.rows || answer?.levels ? Number(answer.seq) || 0 : 0);
  if (at >= shown) [shown, shownAt] = [at, now()];
  if (shown) root.dataset.seq = String(shown);
  if (!live && shown && home) {
    followed = shown;
    live = new Live({
      area: () => home,
      seq: () => followed,
      onDelta: (delta) => {
        followed = Math.max(followed, delta.seq);
        count(delta);
        tell();
      },
      onStatus: (next) => {
        status = next;
        say();
      },
    });
    live.start();
  } else if (!live) status = "live";
  say();
}

/** Tell everyone who follows that the world has moved on: a burst is told once. */
function tell() {
  if (telling) return;
  telling = setTimeout(
    () => {
      telling = 0;
      toldAt = performance.now();
      if (!document.hidden) for (const again of followers) again();
    },
    Math.max(0, toldAt + PAUSE_MS - performance.now()),
  );
}

/**
 * Call `again` whenever something may have changed.
 * @param {() => unknown} again
 */
export function follow(again) {
  followers.add(again);
}

/**
 * A decision of ours is stored.
 * @param {Receipt} receipt
 */
export function wrote(receipt, quiet = false) {
  written = Math.max(written, receipt?.seq ?? 0);
  if (!quiet) toast(receipt?.seq ? t("已记入日志 seq {seq}", { seq: receipt.seq }) : t("已完成"));
  for (const again of followers) again();
  tell();
}

setInterval(() => {
  if (!document.hidden) tell();
}, POLL_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tell();
});
addEventListener("pagehide", () => live?.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/**
 * What waits behind the pages of the navigation, as the board tells it.
 * @param {Partial<Pick<Board, "approvals" | "orders" | "alarms" | "vacancies_total">>} told
 */
export function count({ approvals, orders, alarms, vacancies_total: posts }) {
  for (const [name, n] of Object.entries({
    approvals: approvals?.waiting,
    orders: orders?.missing,
    alarms: alarms?.unseen,
    posts,
  })) {
    if (n !== undefined) waits[name] = n;
  }
  showBadges(waits);
}

/**
 * One thing in full. The list it stands in says at which log position, at least.
 * @param {string} listPath
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<Json>}
 */
export async function one(listPath, path, signal) {
  const { seq: at } = await get(listPath, { size: 1, ...fresh() }, signal);
  const answer = await get(path, { min_seq: at }, signal);
  saw({ rows: [], seq: at });
  return answer;
}

/**
 * An answer about many things at once: its `seq` is the log's.
 * @template {Row} A
 * @param {A} answer
 * @returns {A}
 */
export const whole = (answer) => ({ ...answer, head: answer.seq });
