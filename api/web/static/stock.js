import { get } from "./api.js";
import { drawer, list, seqButton } from "./console.js";
import { counts } from "./counts.js";
import { Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { count } from "./fmt.js";
import { follow } from "./following.js";
import { t } from "./i18n.js";
import { now, pathOf } from "./page.js";
import { requisitions } from "./requisitions.js";
import { area, scope } from "./scope.js";
import { openSlip } from "./slip.js";
import { slips, transfers } from "./slips.js";
import { modeMark, openStation } from "./station.js";
import { openStatus } from "./stock_fixing.js";
import { amount, can, expiry, itemLink, shortNames, stationLink, statusMark } from "./stock_parts.js";
import { bindTabs } from "./tabs.js";
import { trace } from "./trace.js";
import { badge, CATEGORIES, LOT_STATUSES, MODES, optionsOf, SHELF_STATES, word } from "./words.js";

const STATION = /^\d{9,12}[0-9a-z-]*-s[1-9]\d*$/;
const SLIP = /^[rixabstc]-[0-9a-f]{10}$/;
const query = new URLSearchParams(location.search);

// --- one station or all of the area ------------------------------------------------

const asked = query.get("only") ?? "";
const only = STATION.test(asked) ? asked : "";
const community = only.split("-")[0].padEnd(12, "0");
const params = () => (only ? { area: community, station: only } : { area });
const slipsOf = () => (only ? { area: community, "f.station": only } : { area });
const around = () => ({ area: only ? community : area }); // also what is on its way here

async function sayOnly() {
  if (!only) return;
  $("only").hidden = false;
  const all = new URL(location.href);
  all.searchParams.delete("only");
  $("only-all").addEventListener("click", () => {
    location.assign(`${all.pathname}${all.search}${location.hash}`);
  });
  const station = await get(pathOf("stations", only)).catch(() => null);
  setText($("only-name"), t("只看{station}", { station: station?.station.station_name ?? only }));
}

// --- stations ----------------------------------------------------------------------

/** @param {number} n */
const some = (n, kind = "") => (n ? h("strong", { class: kind || null }, count(n)) : "0");

function stations() {
  list("stations", {
    path: "stations",
    label: t("物资站"),
    empty: t("这个区域还没有启用物资站"),
    params: () => ({ area }),
    rowKey: (row) => row.station,
    onOpen: (row) => openStation(row.station, row.station_name),
    columns: [
      { key: "name", label: t("物资站"), kind: "text", sortable: true },
      { key: "area_name", label: t("区域"), kind: "text", sortable: true },
      { key: "mode", label: t("状态"), kind: "text", render: modeMark },
      {
        key: "keeper_label",
        label: t("专管员"),
        kind: "text",
        render: (row) => (row.keeper_label ? row.keeper_label : h("strong", { class: "none" }, t("无专管员"))),
      },
      {
        key: "short",
        label: t("短缺"),
        kind: "int",
        sortable: true,
        render: (row) =>
          row.short ? [some(row.short, "none"), h("small", { class: "dim" }, shortNames(row.short_items))] : "0",
      },
      { key: "expiring", label: t("临期"), kind: "int", render: (row) => some(row.expiring) },
      { key: "coming", label: t("在途"), kind: "int", render: (row) => some(row.coming) },
      { key: "missing", label: t("差异"), kind: "int", sortable: true, render: (row) => some(row.missing, "none") },
      { key: "items", label: t("品种"), kind: "int", sortable: true },
      { key: "seq", label: t("记录"), kind: "int", render: (row) => seqButton(row.seq) },
    ],
    filters: [{ column: "mode", label: t("状态"), options: optionsOf(MODES) }],
  });
}

const opening = new Sheet("enable", {
  target: ({ site, post, reason }) => ({ path: "stations", body: { site, reason, ...(post && { post }) } }),
  done: (answer) => openStation(answer.id),
});
$("open-enable").hidden = !can.open();
$("open-enable").addEventListener("click", async () => {
  opening.open();
  const board = await scope;
  $("enable-sites").replaceChildren(...(board?.sites ?? []).map((site) => h("option", { value: site.id }, site.name)));
});

// --- what they hold ----------------------------------------------------------------

function stock() {
  list("stock", {
    path: "stock",
    label: t("库存"),
    empty: t("还没有库存"),
    prefix: "k.",
    params,
    onOpen: (row) => openStation(row.station, row.station_name),
    columns: [
      { key: "station_name", label: t("物资站"), kind: "text", sortable: true },
      { key: "name", label: t("品名"), kind: "text", sortable: true, render: itemLink },
      { key: "category", label: t("类别"), kind: "text", render: (row) => word(CATEGORIES, row.category) },
      {
        key: "available",
        label: t("可用"),
        kind: "int",
        sortable: true,
        render: (row) =>
          h("strong", { class: row.state === "SHORT" ? "none" : null }, amount(row.available, row, row.available_said)),
      },
      { key: "state", label: t("定额"), kind: "text", sortable: true, render: (row) => badge(SHELF_STATES, row.state) },
      { key: "minimum", label: t("下限"), kind: "int", render: (row) => (row.minimum ? count(row.minimum) : "—") },
      { key: "on_hand", label: t("在库"), kind: "int", sortable: true },
      { key: "reserved", label: t("预留"), kind: "int" },
      { key: "on_hold", label: t("不可用"), kind: "int" },
      { key: "expiring", label: t("临期"), kind: "int" },
      { key: "coming", label: t("在途"), kind: "int" },
      { key: "place", label: t("库位"), kind: "text" },
      { key: "seq", label: t("记录"), kind: "int", render: (row) => seqButton(row.seq) },
    ],
    filters: [
      { column: "category", label: t("类别"), options: optionsOf(CATEGORIES) },
      { column: "state", label: t("定额"), options: optionsOf(SHELF_STATES) },
    ],
  });
}

/** @param {Row} row */
function lotActions(row) {
  return h(
    "span",
    { class: "row-actions" },
    can.keep() &&
      h(
        "button",
        {
          type: "button",
          data: { act: "status", key: `status-${row.station}-${row.item}-${row.lot}` },
          "aria-label": t("设定批次{lot}的状态", { lot: row.lot }),
          onclick: () => openStatus(row),
        },
        t("状态"),
      ),
    h(
      "a",
      { class: "button", href: `?${new URLSearchParams({ area, trace: `${row.item}/${row.lot}` })}#trace` },
      t("追溯"),
    ),
  );
}

function lots() {
  list("lots", {
    path: "stock/lots",
    label: t("批次"),
    empty: t("还没有批次"),
    prefix: "l.",
    params,
    columns: [
      {
        key: "lot",
        label: t("批次"),
        kind: "text",
        sortable: true,
        render: (row) => h("span", { class: "hash" }, row.lot),
      },
      { key: "name", label: t("品名"), kind: "text", sortable: true, render: itemLink },
      {
        key: "station_name",
        label: t("物资站"),
        kind: "text",
        sortable: true,
        render: (row) => stationLink(row.station, row.station_name),
      },
      { key: "status", label: t("状态"), kind: "text", sortable: true, render: statusMark },
      { key: "expires", label: t("有效期至"), kind: "text", sortable: true, render: (row) => expiry(row, now()) },
      {
        key: "on_hand",
        label: t("在库"),
        kind: "int",
        sortable: true,
        render: (row) => amount(row.on_hand, row, row.on_hand_said),
      },
      { key: "reserved", label: t("预留"), kind: "int" },
      { key: "batch", label: t("生产批号"), kind: "text" },
      { key: "seq", label: t("记录"), kind: "int", render: (row) => seqButton(row.seq) },
      { key: "do", label: t("操作"), kind: "text", render: lotActions },
    ],
    filters: [{ column: "status", label: t("状态"), options: optionsOf(LOT_STATUSES) }],
  });
}

sayOnly();
bindTabs({
  stations: [stations, true],
  stock: [stock, true],
  lots: [lots, true],
  slips: [() => slips(slipsOf), true],
  transfers: [() => transfers(around), true],
  counts: [() => counts(slipsOf), true],
  requisitions: [() => requisitions(around), true],
  trace: [trace, true],
});
follow(() => drawer.again());

/** What an address asks to be shown at once: `#<station>`, `?station=`, `?slip=`. */
function showAsked() {
  const { hash } = location;
  const station = STATION.test(hash.slice(1)) ? hash.slice(1) : (query.get("station") ?? "");
  const slip = query.get("slip") ?? "";
  if (STATION.test(station)) openStation(station);
  else if (SLIP.test(slip)) openSlip(slip);
}
showAsked();
// What this page can show itself is shown here; a new tab or window is opened as anywhere.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const { look, at = "" } = link ? link.dataset : {};
  if (!link || !look || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (look === "station") openStation(at, link.textContent);
  else openSlip(at);
});
addEventListener("hashchange", () => {
  if (STATION.test(location.hash.slice(1))) openStation(location.hash.slice(1));
});
