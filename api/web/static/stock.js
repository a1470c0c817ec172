import { get } from "./api.js";
import { drawer, list, SEQ } from "./console.js";
import { counts } from "./counts.js";
import { decide, decisionOf } from "./decide.js";
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
import { amount, can, expiry, itemLink, itemName, shortNames, stationLink, statusMark } from "./stock_parts.js";
import { bindTabs } from "./tabs.js";
import { trace } from "./trace.js";

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
      "name",
      "area_name",
      { key: "mode", render: modeMark },
      {
        key: "keeper_label",
        render: (row) => (row.keeper_label ? row.keeper_label : h("strong", { class: "none" }, t("无专管员"))),
      },
      {
        key: "short",
        render: (row) =>
          row.short ? [some(row.short, "none"), h("small", { class: "dim" }, shortNames(row.short_items))] : "0",
      },
      { key: "expiring", render: (row) => some(row.expiring) },
      { key: "coming", render: (row) => some(row.coming) },
      { key: "missing", render: (row) => some(row.missing, "none") },
      "items",
      SEQ,
    ],
    filters: ["mode"],
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
      "station_name",
      { key: "name", render: itemLink },
      "category",
      {
        key: "available",
        render: (row) =>
          h("strong", { class: row.state === "SHORT" ? "none" : null }, amount(row.available, row, row.available_said)),
      },
      "state",
      { key: "minimum", render: (row) => (row.minimum ? count(row.minimum) : "—") },
      "on_hand",
      "reserved",
      "on_hold",
      "expiring",
      "coming",
      "place",
      SEQ,
    ],
    filters: ["category", "state"],
  });
}

/**
 * Stop every lot of the maker's batch, or let them out again (按厂家批号召回).
 * @param {Row} row
 */
function recallButton(row) {
  const [batch, stopped] = [row.batch || row.lot, row.status === "recalled"];
  const given = { item: row.item, batch, status: stopped ? "approved" : "recalled" };
  const said = stopped
    ? t("{item} 厂家批号{batch}：解除召回，各站的全部批次可以发放。", { item: itemName(row), batch })
    : t("{item} 厂家批号{batch}：各站的全部批次停用，以后收到的也一样。", { item: itemName(row), batch });
  return h(
    "button",
    {
      type: "button",
      data: { act: "recall", key: `recall-${row.station}-${row.item}-${row.lot}` },
      onclick: () => decide("stock.recall", { given, said }),
    },
    stopped ? t("按厂家批号解除") : decisionOf("stock.recall"),
  );
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
    can.recall() && recallButton(row),
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
        render: (row) => h("span", { class: "hash" }, row.lot),
      },
      { key: "name", render: itemLink },
      {
        key: "station_name",
        render: (row) => stationLink(row.station, row.station_name),
      },
      { key: "status", render: statusMark },
      { key: "expires", label: t("有效期至"), render: (row) => expiry(row, now()) },
      {
        key: "on_hand",
        render: (row) => amount(row.on_hand, row, row.on_hand_said),
      },
      "reserved",
      "batch",
      SEQ,
      { key: "do", label: t("操作"), kind: "text", render: lotActions },
    ],
    filters: ["status"],
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
