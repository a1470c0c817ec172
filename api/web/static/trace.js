import { get, queryOf } from "./api.js";
import { line, seqButton, View } from "./console.js";
import { $, $in, h } from "./dom.js";
import { historyPart } from "./facts.js";
import { count, near } from "./fmt.js";
import { fresh } from "./following.js";
import { controlOf } from "./forms.js";
import { either, t } from "./i18n.js";
import { now } from "./page.js";
import { inAddress } from "./person.js";
import { area } from "./scope.js";
import {
  amount,
  expiry,
  itemLink,
  itemName,
  partyOf,
  slipLink,
  stationLink,
  statusMark,
  whoOf,
} from "./stock_parts.js";
import { SLIP_KINDS, SOURCES, word } from "./words.js";

const SLIP = /^[a-z]-[0-9a-f]{10}$/;
const LOTS_MOST = 6; // of a slip, followed to their ends

/**
 * What the box says: a slip's number, or an item's code and a lot of it (a label may be scanned into it).
 * @param {string} text
 */
function asked(text) {
  const plain = text.trim().replace(/^PZ1:/, "");
  if (SLIP.test(plain)) return { slip: plain };
  const [item, lot = ""] = plain.split(/[/\s]+/);
  return item && lot ? { item, lot } : null;
}

/** @param {Wanted} wanted */
const said = (wanted) => wanted.slip ?? `${wanted.item}/${wanted.lot}`;
/** @param {Wanted} wanted */
const traceHref = (wanted) => `?${queryOf({ area, trace: said(wanted) })}#trace`;

/**
 * One link of the chain: what moved, from where to where, on which slip, by whom, and the fact that says so.
 * @param {Row} one
 * @param {string} slip
 */
function link(one, slip) {
  const who = [
    one.to_name && `→ ${one.to_name}`,
    one.asked_by && t("{area}申领", { area: one.asked_by }),
    one.delivered_to && t("送达{place}", { place: one.delivered_to }),
  ].filter(Boolean);
  return h(
    "li",
    { data: { seq: one.seq, slip: one.slip, from: one.source, to: one.destination }, "data-here": one.slip === slip },
    h(
      "p",
      { class: "card-top" },
      h("span", { class: "num" }, near(one.at, now())),
      h(
        "strong",
        { class: "said" },
        stationLink(one.station, one.station_name),
        "  ",
        `${either(one, "source")} → ${either(one, "destination")}`,
      ),
      h("b", { class: "num" }, amount(one.quantity, one)),
      seqButton(one.seq),
    ),
    h(
      "p",
      { class: "dim" },
      [one.kind ? `${word(SLIP_KINDS, one.kind)} ` : "", slipLink(one.slip)],
      one.party_id ? [" · ", either(one, "party"), " ", whoOf(one.party_id, one.party_name)] : null,
      who.map((part) => ` · ${part}`),
      one.by_label ? ` · ${one.by_label}` : null,
    ),
  );
}

/**
 * @param {string} title
 * @param {string} name
 * @param {Row[]} moves
 * @param {string} none
 * @param {string} slip
 */
function chain(title, name, moves, none, slip) {
  return h(
    "section",
    { data: { way: name } },
    h("h3", { class: "drawer-title" }, title, h("span", { class: "count num" }, count(moves.length))),
    moves.length
      ? h(
          "ol",
          { class: "trace" },
          moves.map((one) => link(one, slip)),
        )
      : h("p", { class: "empty" }, none),
  );
}

/**
 * A lot from where it came to everywhere it went, and where all of it is now.
 * @param {Row} lot
 */
function lotPart(lot, slip = "") {
  const moves = lot.movements ?? [];
  /** @param {Row} one */
  const came = (one) => one.source in SOURCES;
  const balances = lot.balances.filter((/** @type {Row} */ one) => !(one.account in SOURCES));
  return h(
    "section",
    { class: "panel", data: { lot: `${lot.item}/${lot.lot}` } },
    h("h2", {}, itemLink(lot), " ", h("span", { class: "lot-mark" }, t("批次{lot}", { lot: lot.lot }))),
    h(
      "dl",
      { class: "totals" },
      balances.map((/** @type {Row} */ one) =>
        h(
          "div",
          { data: { total: one.account } },
          h("dt", {}, either(one)),
          h("dd", { class: "num" }, count(one.quantity)),
        ),
      ),
    ),
    h(
      "dl",
      { class: "facts" },
      line(t("来源"), either(lot, "origin"), ` ${whoOf(lot.origin_id, lot.origin_name)}`, " ", slipLink(lot.slip)),
      line(t("生产批号"), lot.batch),
      line(t("有效期至"), expiry(lot, now())),
      line(
        t("现在"),
        lot.held.length > 0 &&
          h(
            "ul",
            { class: "tight" },
            lot.held.map((/** @type {Row} */ one) =>
              h(
                "li",
                { data: { held: one.station } },
                stationLink(one.station, one.station_name),
                " ",
                amount(one.on_hand, one, one.on_hand_said),
                " ",
                statusMark(one),
              ),
            ),
          ),
      ),
    ),
    chain(t("从哪里来"), "back", moves.filter(came), t("没有更早的记录"), slip),
    chain(
      t("到哪里去"),
      "ahead",
      moves.filter((/** @type {Row} */ one) => !came(one)),
      t("还没有离开"),
      slip,
    ),
    lot.history && historyPart(lot.history),
  );
}

/** @param {Row} slip */
function slipPart(slip) {
  return h(
    "section",
    { class: "panel", data: { slip: slip.slip } },
    h("h2", {}, word(SLIP_KINDS, slip.kind), " ", slipLink(slip.slip)),
    h(
      "dl",
      { class: "facts" },
      line(t("物资站"), stationLink(slip.station, slip.station_name)),
      line(t("发往"), slip.to_station && stationLink(slip.to_station, slip.to_name)),
      line(t("来源 / 去向"), slip.party_kind && partyOf(slip)),
      line(t("经手人"), slip.by_label),
    ),
  );
}

/** @param {Row} answer */
function render(answer) {
  if (!answer.asked)
    return h("p", { class: "empty" }, t("输入物资编码和批次，或一张单据的单号：从捐赠、采购到发放，两头都能查到。"));
  const slip = answer.asked.slip ?? "";
  const rest = answer.lots.filter((/** @type {Row} */ lot) => !lot.movements);
  return h(
    "div",
    { class: "stack", data: { traced: said(answer.asked) } },
    slip ? slipPart(answer.slip) : null,
    answer.lots.filter((/** @type {Row} */ lot) => lot.movements).map((/** @type {Row} */ lot) => lotPart(lot, slip)),
    rest.length > 0 &&
      h(
        "ul",
        { class: "tight" },
        rest.map((/** @type {Row} */ lot) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: traceHref({ item: lot.item, lot: lot.lot }) },
              `${itemName(lot)} ${t("批次{lot}", { lot: lot.lot })}`,
            ),
          ),
        ),
      ),
  );
}

/**
 * Ask for a lot; for a slip, also for the whole way of the first lots on it.
 * @param {Wanted | null} wanted
 * @param {AbortSignal} signal
 */
async function follow(wanted, signal) {
  if (!wanted) return { asked: null };
  const { seq } = await get("stock/movements", { size: 1, ...fresh() }, signal); // as fresh as our own last decision
  const answer = await get("stock/trace", wanted, signal);
  if (!wanted.slip) return { asked: wanted, lots: [answer], head: seq };
  const [first, rest] = [answer.lots.slice(0, LOTS_MOST), answer.lots.slice(LOTS_MOST)];
  const ways = await Promise.all(
    first.map((/** @type {Row} */ { item, lot }) => get("stock/trace", { item, lot }, signal)),
  );
  return { asked: wanted, slip: answer.slip, lots: [...ways, ...rest], head: seq };
}

/** 追溯: from a gift to the doorstep, and from a doorstep back to who gave it. */
export function trace() {
  let wanted = asked(new URLSearchParams(location.search).get("trace") ?? "");
  const form = $("trace-form", HTMLFormElement);
  const box = controlOf(form, "what");
  if (wanted) box.value = box.defaultValue = said(wanted);
  const view = new View("trace-room", { fetch: (signal) => follow(wanted, signal), render });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const note = $in(form, ".field-error");
    wanted = asked(box.value);
    note.hidden = wanted !== null || !box.value.trim();
    note.textContent = t("写成“编码/批次”，或一个单号");
    box.toggleAttribute("aria-invalid", !note.hidden);
    inAddress("trace", wanted ? said(wanted) : "");
    view.load();
  });
}
