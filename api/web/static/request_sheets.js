import { get } from "./api.js";
import { drawer } from "./console.js";
import { momentOf, refuse, Sheet } from "./deciding.js";
import { $ } from "./dom.js";
import { Finder } from "./find.js";
import { t } from "./i18n.js";
import { pathOf } from "./page.js";
import { LEAVES } from "./request_words.js";
import { Lines } from "./stock_lines.js";
import { STATION } from "./stock_parts.js";
import { amount, itemName } from "./supply.js";
import { fillSelect } from "./words.js";

const again = () => drawer.again();

// --- decisions ---------------------------------------------------------------------

/**
 * @param {Row} row
 * @param {string} verb
 */
const path = (row, verb) => pathOf("requests", row.id, verb);
/** @param {string} reason */
const said = (reason) => (reason ? { reason } : {});
/** @param {Row} row */
export const about = (row) =>
  `${row.area_name} · ${row.lines.map((/** @type {Row} */ one) => `${itemName(one)} ${amount(one.quantity, one.unit)}`).join(t("、"))}`;
/** @param {string} name */
const simple = (name) =>
  new Sheet(name, { target: ({ reason }, row) => ({ path: path(row, name), body: { reason } }), done: again });
/** @type {Record<string, Sheet>} */
export const sheets = { refuse: simple("refuse"), withdraw: simple("withdraw") };

const asked = new Lines($("ask-lines"), {});
sheets.ask = new Sheet("ask", {
  check: () => asked.check(),
  target({ area: code, squad, to, needed_by: by, priority: urgent, reason }) {
    return {
      path: "requests",
      body: {
        area: code,
        squad,
        lines: asked.value(),
        priority: Number(urgent),
        to: to || code,
        ...(by && { needed_by: momentOf(by) }),
        reason,
      },
    };
  },
});

const granted = new Lines($("triage-lines"), { fixed: true });
/** @type {Finder} */ let server; // which station serves it
sheets.triage = new Sheet("triage", {
  check() {
    if (!server.value) refuse("station", t("请选择由哪个物资站供应"));
    granted.check();
  },
  target: ({ priority: urgent, reason }, row) => ({
    path: path(row, "triage"),
    body: { station: server.id, priority: Number(urgent), lines: granted.value(), reason },
  }),
  done: again,
});
export const deliver = new Sheet("deliver", {
  target: ({ proof, reason }, { row, slip }) => ({
    path: path(row, "deliver"),
    body: { slip, proof, ...said(reason) },
  }),
  done: again,
});
/** @param {string} name */
const send = (name) =>
  new Sheet(name, { target: ({ reason }, row) => ({ path: path(row, name), body: said(reason) }), done: again });
Object.assign(sheets, {
  allocate: send("allocate"),
  dispatch: send("dispatch"),
  confirm: new Sheet("confirm", {
    target: ({ reason }, { row, slip }) => ({ path: path(row, "confirm"), body: { slip, ...said(reason) } }),
    done: again,
  }),
});

/**
 * Stations near the place, so that most need not be sought.
 * @param {Row} row
 */
export async function openTriage(row) {
  const { rows } = await get("stations", { area: row.area, size: 8 }).catch(() => ({ rows: [] }));
  server = new Finder($("triage-station"), { what: STATION, label: t("物资站"), offers: rows.map(STATION.row) });
  sheets.triage.open(row, { said: about(row), values: { priority: row.priority } });
  granted.open(
    "",
    row.lines.map((/** @type {Row} */ one) => ({
      fixed: true,
      row: { code: one.item, label: itemName(one), unit: one.unit, packagings: one.packagings ?? [] },
      quantity: one.quantity,
    })),
  );
  server.set(
    row.station ? { id: row.station, label: row.station_name } : rows.length === 1 ? STATION.row(rows[0]) : null,
  );
}

/**
 * Where it can be brought: the place that asks, or one in it.
 * @param {string} code
 */
async function places(code) {
  const { areas } = await get(`areas/${encodeURIComponent(code)}/children`).catch(() => ({ areas: [] }));
  fillSelect($("ask-to"), [
    { value: "", label: t("就送到本居村") },
    ...areas.map((one) => ({ value: one.code, label: one.name })),
  ]);
}

/** @param {Board} board */
export async function openAsk(board) {
  const own = LEAVES.has(board.area.level) ? [board.area] : board.children.filter((one) => LEAVES.has(one.level));
  sheets.ask.open(null, { values: { priority: "3" } });
  fillSelect(
    $("ask-area"),
    own.map((one) => ({ value: one.code, label: one.name })),
  );
  asked.open("");
  if (own.length) places(own[0].code);
  else fillSelect($("ask-to"), []);
}
$("ask-area").addEventListener("change", () => places($("ask-area", HTMLSelectElement).value));
