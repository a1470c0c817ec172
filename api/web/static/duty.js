import { base, failureOf, get } from "./api.js";
import { $, h, setText, swap, toast, watcher } from "./dom.js";
import { postActs } from "./duty_acts.js";
import { asked } from "./duty_ask.js";
import { cards, checkinPart, minutesPart, nobody, packageCard } from "./duty_cards.js";
import { lineCard, postCard } from "./duty_posts.js";
import { count } from "./fmt.js";
import { either, t } from "./i18n.js";
import { forget, forgetAll, keep, kept } from "./kept.js";
import { Outbox } from "./outbox.js";
import { deedOf, drawOutbox } from "./outbox_panel.js";
import { now, root, user } from "./page.js";

const POLL_MS = 15000;
const SETTLE_MS = 500;

// --- what the page knows -----------------------------------------------------------

const last = kept(user.account);
/** @type {Mine | null} */ let mine = last?.answer ?? null;
let as = last?.at ?? null; // of which moment
let line = "connecting"; // live, offline, signin, stranger, refused
/** @type {Failure | null} */ let why = null;
let asking = false;
let again = false;
let reached = 0; // the log position of our own last write
/** @type {{ entry: Entry, seq: number }[]} */ let settling = []; // sent, and not yet in what the page knows
let leaving = false;
/** @type {Outbox} */ let outbox;
const news = watcher();
forget(user.account);

/** What was scanned; the address bar forgets it once it is used. */
const query = new URLSearchParams(location.search);
/** @type {Row | null} */
let scan =
  query.get("community") && query.get("code")
    ? { community: query.get("community"), code: query.get("code"), name: query.get("community") }
    : null;

const entries = () => [...settling.map(({ entry }) => entry), ...(outbox?.waiting ?? [])];

/** Ask for all of it; one request, and what was there stays until it is answered. */
async function load() {
  again = asking;
  if (asking || leaving) return;
  asking = true;
  try {
    const answer = await get("people/mine", { min_seq: reached || null }, undefined, { keep401: true });
    const { account } = answer.account ? answer : await get("session", {}, undefined, { keep401: true });
    if (leaving) return;
    line = account === user.account ? "live" : "stranger"; // another tab has signed in as somebody else
    if (line === "stranger") return;
    [mine, as, why] = [answer, now(), null];
    settling = settling.filter((one) => one.seq > answer.seq);
    keep(user.account, as, answer);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.status === 401) line = "signin";
    else if (failure.final) [line, why] = ["refused", failure];
    else line = "offline";
  } finally {
    asking = false;
    draw();
  }
  if (again) load();
  else if (settling.length && line === "live") setTimeout(load, SETTLE_MS); // stored, but not yet in what is shown
}

// --- what it shows -----------------------------------------------------------------

/** @param {boolean} yes */
const showRest = (yes) => {
  for (const part of ["posts", "line", "packages", "minutes"]) {
    const section = $(part).closest("section");
    if (section) section.hidden = !yes;
  }
};

/**
 * @param {string} id
 * @param {number} n
 */
const total = (id, n) => setText($(id), n ? count(n) : "");

/** @param {Mine} mine */
function drawParts(mine) {
  const all = entries();
  if (
    !news(
      "parts",
      { ...mine, seq: 0 },
      scan,
      all.map(({ key }) => key),
    )
  )
    return;
  const { person, packages, checkin } = mine;
  if (!person) {
    swap($("checkin"), nobody());
    showRest(false);
    return;
  }
  showRest(true);
  // Whoever comes first in a line is the holder: their own post, on which somebody else acts.
  const held = mine.line.filter((post) => post.place_in_line === 0).map((post) => ({ ...post, holder: person }));
  const posts = [...mine.posts, ...held];
  const standing = mine.line.filter((post) => post.place_in_line > 0);
  swap($("checkin"), checkinPart(checkin, all, { scan, go: checkIn }));
  swap(
    $("posts"),
    cards(posts, (post) => postCard(post, person.id, all, act), t("没有由我担任的岗位")),
  );
  swap(
    $("line"),
    cards(standing, (post) => lineCard(post, all, act), t("没有由我替补的岗位")),
  );
  swap(
    $("packages"),
    cards(packages, (row) => packageCard(row, all, act), t("没有由我负责的责任包")),
  );
  swap($("minutes"), minutesPart(person, mine.hours ?? []));
  total("posts-total", posts.length);
  total("line-total", standing.length);
  total("packages-total", packages.length);
}

function draw() {
  drawOutbox({ outbox, line, at: as, page: "/duty" });
  const failed = !mine && (why || line === "offline" || line === "signin");
  if (mine) drawParts(mine);
  else if (failed)
    swap(
      $("checkin"),
      h(
        "div",
        { class: "list-error", role: "alert", data: { code: why?.code ?? "" } },
        h("p", {}, why ? either(why) : line === "signin" ? t("请先登录。") : t("没有网络，本机也没有保存过内容。")),
        h("button", { type: "button", data: { key: "retry" }, onclick: load }, t("重试")),
      ),
    );
  if (failed) showRest(false);
  $("state").dataset.status = line === "live" ? "live" : line === "connecting" ? "connecting" : "offline";
  setText($("state-text"), line === "live" ? `seq ${mine?.seq}` : line === "connecting" ? t("连接中") : t("连接中断"));
  if (mine) root.dataset.seq = String(mine.seq);
  if (!mine && !failed) return;
  $("main").setAttribute("aria-busy", "false");
  root.dataset.ready = "1";
}

// --- writing -----------------------------------------------------------------------

/**
 * Keep a write, then let it go; `about`: the thing it changes on this page.
 * @param {string} path
 * @param {Row} body
 * @param {Said} said
 */
async function write(path, body, said) {
  const at = now();
  try {
    await outbox.put(path, { ...body, occurred_at: at, seen_seq: mine?.seq ?? 0 }, { name: "", at, ...said });
  } catch {
    toast(t("本机无法保存操作，请检查浏览器的存储空间或无痕模式。"), true);
  }
}

/**
 * 报到 and what follows it; a scanned code says that somebody is there.
 * @param {string} stage
 */
async function checkIn(stage) {
  const body = { stage, source: "phone" };
  if (stage === "partial" || stage === "absent" || stage === "active") {
    const said = {
      partial: t("部分时间或部分任务到位。"),
      absent: t("登记为不能到岗，社区会看到。"),
      active: t("登记为已参与。"),
    }[stage];
    const values = await asked({
      title: deedOf(stage),
      said,
      fields: [stage === "absent" ? "reason" : "what"],
      yes: t("确认"),
    });
    if (!values) return;
    Object.assign(body, Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
  }
  if (scan && stage !== "absent") {
    Object.assign(body, { source: "qr", community: scan.community, code: scan.code });
    history.replaceState(null, "", `${base}/duty`);
    scan = null;
  }
  await write("checkins", body, { what: stage, about: "checkin" });
}

const act = postActs(write);

// --- going -------------------------------------------------------------------------

outbox = new Outbox({
  who: user.account,
  changed: draw,
  /**
   * @param {Entry} entry
   * @param {Receipt | null} receipt
   */
  sent(entry, receipt) {
    reached = Math.max(reached, receipt?.seq ?? 0);
    settling.push({ entry, seq: receipt?.seq ?? 0 });
    load();
  },
});

/**
 * The name of a place that is not one's own, where the network lets us ask.
 * @param {string} community
 */
async function nameScan(community) {
  try {
    const { areas } = await get(`areas/${encodeURIComponent(`${community.slice(0, 9)}000`)}/children`, {}, undefined, {
      keep401: true,
    });
    if (scan) scan.name = areas.find((area) => area.code === community)?.name ?? scan.name;
    draw();
  } catch {
    // its code will do
  }
}

$("sign-out").addEventListener("click", () => {
  leaving = true;
  forgetAll();
});
setInterval(() => {
  if (!document.hidden) load();
}, POLL_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) load();
});
addEventListener("online", load);
addEventListener("offline", () => {
  line = "offline";
  draw();
});
navigator.serviceWorker?.register(`${base}/sw.js`, { scope: `${base}/duty` }).catch(() => {}); // without it the page needs a network to open
if (scan) nameScan(scan.community);
draw();
load();
