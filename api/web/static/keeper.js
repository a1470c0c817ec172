import { base } from "./api.js";
import { $, $all, $in, h, setText, swap, toast, watcher } from "./dom.js";
import { near } from "./fmt.js";
import { either, t } from "./i18n.js";
import { goodsCard, oldPart, saidPart, shortPart, stationPart, waits } from "./keeper_cards.js";
import { Count, countRows } from "./keeper_count.js";
import { Known } from "./keeper_data.js";
import { ItemFinder, nameOf, scanned } from "./keeper_find.js";
import { deedsOf, totalOf } from "./keeper_forms.js";
import { bindScan, scan } from "./keeper_scan.js";
import { comingRows, orderRows } from "./keeper_slips.js";
import { said } from "./keeper_words.js";
import { forget, forgetAll } from "./kept.js";
import { Outbox } from "./outbox.js";
import { deedOf, drawOutbox } from "./outbox_panel.js";
import { may, now, root, user } from "./page.js";

const POLL_MS = 20000;
const SETTLE_MS = 500;
const TOLD = ["lines", "passed", "receipt_number", "receipt_code", "lots", "id"];
const news = watcher();

/** @type {Outbox} */ let outbox;
/** @type {{ entry: Entry, seq: number }[]} */ let settling = []; // sent, and not yet in what the page knows
/** @type {{ item: string, lot: string } | null} */ let opened = null; // the card that is open: {item, lot}

forget(user.account);
const known = new Known(draw);
const entries = () => [...settling.map(({ entry }) => entry), ...(outbox?.waiting ?? [])];
/** @param {string} code */
const about = (code) => entries().filter((entry) => Array.isArray(entry.about) && entry.about.includes(code));

// --- writing ----------------------------------------------------------------------------

/**
 * Keep a write, then let it go; false if this device cannot keep it.
 * @param {string} path
 * @param {Row} body
 * @param {Said} more
 */
async function write(path, body, more) {
  // `timeless`: what is so from when it is stored
  const at = now();
  try {
    await outbox.put(
      path,
      { ...body, ...(more.timeless ? {} : { occurred_at: at }), seen_seq: known.seq },
      { name: "", at, ...more },
    );
    return true;
  } catch {
    toast(t("本机无法保存操作，请检查浏览器的存储空间或无痕模式。"), true);
    return false;
  }
}

/** What the parts of the page ask of it. */
const page = {
  known,
  write,
  entries,
  /** @param {number} n */
  dismiss: (n) => outbox.dismiss(n),
  /** @param {Item} item */
  note: (item) => {
    const row = known.stock(item.code);
    return t("可用{n}", { n: said(row.available, item) });
  },
  /** @param {(one: { item: Item, lot: string }) => void} take */
  scan: (take) =>
    scan((text) => {
      const one = scanned(known.goods, text);
      if (!one) return t("目录里没有：{text}", { text });
      take(one);
      return "";
    }),
  others: () => known.places.filter((row) => row.station !== known.chosen),
  /** @param {string} station */
  nameOfStation: (station) => known.places.find((row) => row.station === station)?.name ?? station,
};
const { all: deeds, mend } = deedsOf(page);
const counting = new Count(page);

// --- what it shows ----------------------------------------------------------------------

function drawParts() {
  const { station } = known;
  const keys = entries().map(({ key }) => key);
  if (news("station", known.stations, known.chosen, station?.mode))
    swap(
      $("station"),
      stationPart(known, (id) => known.choose(id)),
    );
  $("work").hidden = !station;
  if (!station) return;
  /** @param {string} code */
  const item = (code) => known.item(code);
  const short = station.stock.filter((row) => row.minimum > 0 && row.available < row.minimum);
  const old = station.stock.flatMap((row) =>
    (row.lots ?? [])
      .filter((lot) => lot.on_hand > 0 && (lot.noted || lot.status === "expired"))
      .map((lot) => ({ row, lot })),
  );
  if (news("short", short)) swap($("short"), shortPart(short, item, openGoods));
  if (news("old", old)) swap($("old"), oldPart(old, item, openGoods));
  setText($("short-total"), totalOf(short.length));
  setText($("old-total"), totalOf(old.length));
  $("old-panel").hidden = !old.length;
  const numbers = { coming: station.coming.length + station.orders.length, counts: station.counts.length };
  for (const [name, n] of Object.entries(numbers)) {
    const mark = $in(document, `[data-n="${name}"]`);
    mark.hidden = !n;
    setText(mark, totalOf(n));
  }
  if (news("coming", station.coming, station.orders, keys)) {
    swap(
      $("coming-list"),
      comingRows(station.coming, item, entries(), (slip) => go("arrive", { slip, from: slip.station_name })),
    );
    swap(
      $("orders-list"),
      orderRows(station.orders, item, entries(), (slip) => go("ship", { slip, to: slip.to_name })),
    );
  }
  if (news("counts", station.counts, keys)) drawCounts(station.counts);
  if (opened && news("card", opened, station.seq, keys)) drawGoods();
  counting.draw();
}

/** @param {Sheeted[]} counts */
function drawCounts(counts) {
  const opening = entries().filter((entry) => entry.what === "stock-open");
  swap(
    $("counts-list"),
    waits(opening),
    counts.length ? countRows(counts, (id) => counting.open(id)) : h("p", { class: "empty" }, t("没有进行中的盘点")),
    h(
      "div",
      { class: "stack-buttons" },
      h(
        "button",
        { type: "button", class: "big", data: { key: "open-count", do: "open-count" }, onclick: () => go("open") },
        t("开始盘点"),
      ),
    ),
  );
}

function drawGoods() {
  if (!opened) return;
  const item = known.item(opened.item);
  swap($("goods-card"), goodsCard(item, known.stock(item.code), opened.lot, about(item.code), go));
}

/** @param {Item} item */
function openGoods(item, lot = "") {
  opened = { item: item.code, lot };
  news(
    "card",
    opened,
    known.seq,
    entries().map(({ key }) => key),
  );
  setText($("goods-heading"), nameOf(item));
  drawGoods();
  $("goods", HTMLDialogElement).showModal();
  $("goods").scrollTop = 0;
}

/**
 * Open a dialog over what is there.
 * @param {string} deed
 */
function go(deed, subject = {}) {
  if ($("goods", HTMLDialogElement).open) $("goods", HTMLDialogElement).close();
  deeds[deed].open(subject);
}

function draw() {
  drawOutbox({ outbox, line: known.line, at: known.at, page: "/keeper", mend });
  if (news("said", known.said, known.goods.length))
    swap(
      $("said"),
      saidPart(
        known.said,
        (code) => known.item(code),
        (key) => known.heard(key),
      ),
    );
  const { line, why, stations } = known;
  const failed = !stations && (why || line === "offline" || line === "signin");
  if (stations) drawParts();
  else if (failed)
    swap(
      $("station"),
      h(
        "div",
        { class: "list-error", role: "alert", data: { code: why?.code ?? "" } },
        h("p", {}, why ? either(why) : line === "signin" ? t("请先登录。") : t("没有网络，本机也没有保存过内容。")),
        h("button", { type: "button", data: { key: "retry" }, onclick: () => known.load() }, t("重试")),
      ),
    );
  setText(
    $("goods-at"),
    known.goodsAt ? t("目录保存于 {time}，没有网络也能查。", { time: near(known.goodsAt, now()) }) : "",
  );
  $("state").dataset.status = line === "live" ? "live" : line === "connecting" ? "connecting" : "offline";
  setText($("state-text"), line === "live" ? `seq ${known.seq}` : line === "connecting" ? t("连接中") : t("连接中断"));
  if (stations) root.dataset.seq = String(known.seq);
  if (!stations && !failed) return;
  $("main").setAttribute("aria-busy", "false");
  root.dataset.ready = "1";
}

// --- going ------------------------------------------------------------------------------

/** What was sent may not be in what is shown yet. */
async function load() {
  await known.load();
  const before = settling.length;
  settling = settling.filter((one) => one.seq > known.seq);
  if (settling.length !== before) draw();
  if (settling.length && known.line === "live") setTimeout(load, SETTLE_MS);
}

bindScan();
if (!may("stock.settle"))
  for (const named of [$in(document, '.keeper-do [data-do="back"] > span'), $("back-heading")])
    setText(named, t("停发/退回")); // who keeps does not write off
for (const id of ["goods", "coming", "counts"])
  for (const close of $all($(id), "[data-close]"))
    close.addEventListener("click", () => $(id, HTMLDialogElement).close());
$("goods").addEventListener("close", () => {
  opened = null;
});
new ItemFinder($("find"), {
  items: () => known.goods,
  note: page.note,
  keep: false,
  scan: page.scan,
  chosen: (item, lot) => {
    if (item) openGoods(item, lot);
  },
});
const DO = {
  scan: () => page.scan(({ item, lot }) => openGoods(item, lot)),
  receive: () => go("receive"),
  issue: () => go("issue"),
  back: () => go("back"),
  coming: () => $("coming", HTMLDialogElement).showModal(),
  counts: () => $("counts", HTMLDialogElement).showModal(),
};
for (const [name, run] of Object.entries(DO))
  $in(document, `.keeper-do [data-do="${name}"]`).addEventListener("click", run);

outbox = new Outbox({
  who: user.account,
  changed: draw,
  /**
   * @param {Entry} entry
   * @param {Receipt | null} receipt
   */
  sent(entry, receipt) {
    known.wrote(receipt);
    settling.push({ entry, seq: receipt?.seq ?? 0 });
    const telling = entry.what === "stock-issue" || receipt?.receipt_number;
    if (receipt && telling)
      known.say({
        key: entry.key,
        what: entry.what,
        name: entry.name,
        at: entry.at,
        ...Object.fromEntries(TOLD.filter((name) => receipt[name] !== undefined).map((name) => [name, receipt[name]])),
      });
    else toast(t("{deed}已提交", { deed: deedOf(entry.what) }));
    load();
  },
});

$("sign-out").addEventListener("click", () => {
  known.left = true;
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
  known.line = "offline";
  draw();
});
navigator.serviceWorker?.register(`${base}/sw.js?page=keeper`, { scope: `${base}/keeper` }).catch(() => {}); // without it the page needs a network to open
draw();
load();
