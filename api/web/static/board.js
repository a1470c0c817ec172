import { renderAlarms } from "./alarm_panel.js";
import { base, failureOf, get, remove, signIn } from "./api.js";
import { renderBanner, tickBanner } from "./banner.js";
import { arrange, showProblem } from "./board_parts.js";
import { renderConflicts } from "./conflicts.js";
import { $, setText, toast } from "./dom.js";
import { Drawer } from "./drawer.js";
import { bindDialogs } from "./emergency_dialogs.js";
import { areaLevel, time } from "./fmt.js";
import { stands } from "./following.js";
import { bindLanguage, either, t } from "./i18n.js";
import { renderKpis } from "./kpis.js";
import { renderFacts, renderLate, renderTicker, tickLate } from "./lists.js";
import "./ended.js";
import { Live } from "./live.js";
import { TileMap } from "./map.js";
import { bindNav, showBadges } from "./nav.js";
import { given, root } from "./page.js";
import { tickSites } from "./site_steps.js";
import { renderSites } from "./sites.js";
import { applyDelta, nothing, permissions, touchAlso } from "./state.js";
import { renderStrength, renderVacancies, tickVacancies } from "./strength.js";
import { showCrumbs, showPast, showStatus } from "./strips.js";
import { renderSupplies } from "./supplies_panel.js";
import { bindSort, renderTable } from "./table.js";

const ANNOUNCE_MS = 5000;

/** @type {Board} */ let board; // once it has arrived
let status = "connecting";
/** @type {Live | null} */ let live = null;
/** @type {AbortController | null} */ let loading = null;
/** @type {Touched | null} */ let pending = null; // touched since the last painting
let clock = { at: 0, now: 0, rate: 1 }; // the world's clock when it was last told, and how fast it runs
const worldNow = () => clock.now + (Date.now() - clock.at) * clock.rate;
let announcedAt = 0;

/** @type {BoardContext} */
const ctx = {
  may: permissions(null, null),
  sees: (given.user?.may ?? []).includes("view.people"),
  board: () => board,
  seq: () => board.seq,
  at: () => board?.at ?? null,
  now: () => (board?.at ? board.recorded_at : new Date(worldNow()).toISOString()),
  /** @param {string} code */
  href: (code) => `${base}/?area=${code}${board?.at ? `&at=${board.at}` : ""}`,
  /** @param {number} seq */
  openFact: (seq) => drawer.openFact(seq),
  /**
   * @param {string} title
   * @param {Load} load
   */
  openPart: (title, load) => drawer.openPart(title, load),
  /** @param {Area} area */
  openArea: (area) => drawer.openList(t("{name} · 事实记录", { name: area.name }), { area: area.code }),
  /** @param {Site} site */
  openSite: (site) => drawer.openList(t("{name} · 事实记录", { name: site.name }), { site: site.id }),
  /** @param {Emergency} item */
  openEmergency: (item) => drawer.openList(item.matter, { emergency: item.id }, item),
  /** @param {number | null} seq */
  lookAt: (seq) => go(board.area.code, seq),
  reconnect: () => live?.retry(),
  order: () => orders.order(),
  /**
   * @param {string} act
   * @param {Emergency} emergency
   */
  act: (act, emergency) => orders.act(act, emergency),
  /**
   * @param {Emergency} emergency
   * @param {Row[]} sites
   */
  takeUp: (emergency, sites) => orders.takeUp(emergency, sites),
  /** @param {string} text */
  announce: (text) => {
    $("announce").textContent = text;
    announcedAt = Date.now();
  },
  /** @param {Receipt} receipt */
  stored(receipt, quiet = false) {
    if (!quiet) toast(t("已记入日志 seq {seq}", { seq: receipt.seq }));
    if (board) paint(nothing(), false);
    // the stream brings it; if it does not, ask for a board that holds it
    setTimeout(() => {
      if (board && !board.at && board.seq < receipt.seq) load({ minSeq: receipt.seq, keep: true });
    }, 1500);
  },
};
const drawer = new Drawer(ctx);
const map = new TileMap($("map"), ctx, () => history.replaceState(null, "", address(place().area, place().at)));
const orders = bindDialogs(ctx);

/** The area, the moment and the layer of the map are the address: whoever is sent it sees the same. */
function place() {
  const query = new URLSearchParams(location.search);
  const at = Number(query.get("at"));
  return {
    area: query.get("area") || given.area || given.home,
    at: Number.isInteger(at) && at > 0 ? at : null,
    layer: query.get("layer"),
  };
}

/**
 * @param {string} area
 * @param {string | number | null} [at]
 */
function address(area, at) {
  return `${base}/?area=${area}${at ? `&at=${at}` : ""}${map.layer ? `&layer=${map.layer}` : ""}`;
}

/** Fetch the board of the address and paint it; `keep`: same place, only fresher. */
/** @param {{ minSeq?: number, keep?: boolean }} [how] */
async function load({ minSeq, keep = false } = {}) {
  const { area, at } = place();
  loading?.abort();
  loading = new AbortController();
  if (!keep) {
    live?.stop();
    live = null;
    delete root.dataset.ready;
    $("main").setAttribute("aria-busy", "true");
  }
  try {
    board = await get(`areas/${encodeURIComponent(area)}/board`, { at, min_seq: minSeq }, loading.signal);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.name === "AbortError" || failure.status === 401) return;
    if (keep) toast(either(failure), true);
    else showProblem(failure, load);
    return;
  }
  if (board.now) clock = { at: Date.now(), now: Date.parse(board.now), rate: board.rate ?? 1 };
  pending = null;
  $("problem").hidden = true;
  $("main").removeAttribute("data-problem");
  paint(nothing(), true);
  tick();
  if (at === null && !live) follow();
}

function follow() {
  live = new Live({
    area: () => board.area.code,
    seq: () => board.seq,
    onStatus: (next) => {
      status = next;
      showStatus(status, board, ctx);
    },
    onDelta(delta) {
      if (delta.seq <= board.seq) return;
      const touched = applyDelta(board, delta);
      if (pending) touchAlso(pending, touched);
      else {
        pending = touched;
        requestAnimationFrame(() => {
          const now = pending;
          pending = null;
          if (now) paint(now, false);
        });
      }
    },
  });
  live.start();
}

/**
 * @param {Touched} touched
 * @param {boolean} whole
 */
function paint(touched, whole) {
  if (board.at === null) stands(board.seq); // what a decision here rests on
  const now = ctx.now();
  ctx.may = permissions(given.user, board);
  const layout = !board.children.length ? "leaf" : board.tiles.length ? "district" : "street";
  if (whole) {
    $("main").dataset.layout = layout;
    document.title = `${document.body.hasAttribute("data-drill") ? `${t("演练 DRILL")} · ` : ""}${board.area.name} · ${t("平战转换指挥屏")}`;
    $("children-heading").textContent = board.children.length
      ? `${areaLevel(board.children[0].level)} ${board.children.length}`
      : t("下级区域");
    $("map-panel").hidden = $("children-panel").hidden = layout === "leaf";
    $("facts-panel").hidden = layout !== "leaf";
    $("sites-panel").hidden = layout !== "leaf" && !board.sites.length;
    arrange(layout);
    showCrumbs(board, ctx);
    $("at-seq", HTMLInputElement).max = String(board.head);
    $("at-seq", HTMLInputElement).placeholder = String(board.seq);
  }
  showPast(board, ctx);
  renderBanner(board, ctx, now);
  renderKpis($("kpis"), board);
  renderStrength($("strength"), board);
  renderSupplies(board, ctx);
  renderVacancies(board, ctx, now);
  renderLate(board, ctx);
  renderConflicts(board, ctx);
  renderAlarms(board, ctx, now);
  showBadges({
    approvals: board.approvals?.waiting,
    orders: board.orders?.missing,
    alarms: board.alarms?.unseen,
    posts: board.vacancies_total,
  });
  if (layout === "leaf") renderFacts(board, touched, ctx, now);
  else {
    renderTable(board, touched, ctx, whole);
    map.render(board, touched, whole);
  }
  if (!$("sites-panel").hidden) renderSites(board, touched, ctx, whole);
  renderTicker(board, touched, ctx, now);
  showStatus(status, board, ctx);
  announce(touched);
  $("main").setAttribute("aria-busy", "false");
  requestAnimationFrame(() => requestAnimationFrame(painted));
}

function painted() {
  if (!board) return;
  Object.assign(root.dataset, { ready: "1", seq: String(board.seq), area: board.area.code });
}

/**
 * Read out at most one new fact in five seconds: a busy log must not drown the listener.
 * @param {Touched} touched
 */
function announce(touched) {
  const newest = board.facts.find((fact) => touched.facts.has(fact.seq));
  if (newest && Date.now() - announcedAt > ANNOUNCE_MS) ctx.announce(either(newest));
}

/**
 * Show another area or another moment without loading the page again.
 * @param {string} area
 * @param {string | number | null} [at]
 */
function go(area, at) {
  history.pushState(null, "", address(area, at));
  load();
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const { origin, pathname, searchParams: query } = new URL(link.href);
  const area = query.get("area");
  if (origin !== location.origin || pathname !== `${base}/` || !area) return;
  event.preventDefault();
  $("drawer", HTMLDialogElement).close();
  go(area, query.get("at"));
});
addEventListener("popstate", () => {
  map.show(place().layer ?? "");
  load();
});
addEventListener("pagehide", () => live?.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) load();
});

$("at").addEventListener("submit", (event) => {
  event.preventDefault();
  const seq = $("at-seq", HTMLInputElement).valueAsNumber;
  if (!board || !(seq >= 1)) return;
  ctx.lookAt(Math.min(seq, board.head));
  $("at-seq", HTMLInputElement).value = "";
});
$("sign-out").addEventListener("click", () => remove("session").then(() => location.assign(`${base}/login`), signIn));
bindSort(() => board && renderTable(board, nothing(), ctx, false));
bindLanguage();
bindNav();
map.show(place().layer ?? "");

/** The clock, elapsed and remaining times move on while nothing happens; in the past they stand still. */
function tick() {
  const now = ctx.now();
  setText($("clock"), time(now));
  setText($("clock-date"), time(now, "day"));
  if (!board || document.hidden) return;
  tickBanner(board, now);
  tickLate(now);
  tickVacancies(now);
  tickSites(now);
}
tick();
setInterval(tick, 1000);
load();
