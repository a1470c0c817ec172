import { momentOf, refuse, Sheet } from "./deciding.js";
import { $, $in } from "./dom.js";
import { Finder } from "./find.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { pathOf } from "./page.js";
import { Lines } from "./stock_lines.js";
import { STATION } from "./stock_parts.js";
import { again, fixedOf, made, receipt } from "./stock_sheets.js";
import { fillSelect, optionsOf, SHORTFALL_CAUSES } from "./words.js";

// --- from station to station -------------------------------------------------------

/** @type {Finder} */ let destination;

/**
 * 调拨发运: goods leave; with an order they are what it says. `order`: a slip of kind order.
 * @param {Row} station
 * @param {{ order?: Row | null }} [how]
 */
export function openShip(station, { order = null } = {}) {
  const { sheet, lines } = made("ship", () => {
    const parts = new Lines($("ship-lines"), { lots: "any" });
    destination = new Finder($("ship-to"), { what: STATION, label: t("发往哪个站") });
    return {
      lines: parts,
      sheet: new Sheet("ship", {
        receipt,
        done: again,
        check(_values, subject) {
          if (subject.order) return;
          if (!destination.value) refuse("to", t("请选择物资站"));
          parts.check();
        },
        target({ expected_at: at, carrier, reason }, subject) {
          const what = subject.order
            ? { to: subject.order.to_station, order: subject.order.slip }
            : { to: destination.id, lines: parts.value() };
          return {
            path: "transfers/ship",
            body: { station: subject.station, ...what, ...(at && { expected_at: momentOf(at) }), carrier, reason },
          };
        },
      }),
    };
  });
  const said = order
    ? t("按指令{order}：{from}发往{to}", { order: order.slip, from: station.station_name, to: order.to_name })
    : t("{station}：发出调拨", { station: station.station_name });
  sheet.open({ ...station, order }, { said });
  for (const name of ["to", "lines"]) $in($("ship-form"), `[data-field="${name}"]`).hidden = order !== null;
  destination.set(null);
  lines.open(station.station);
}

/**
 * 调拨到货: what was unloaded; if that is all there was, what is missing is a discrepancy.
 * @param {Row} slip
 */
export function openArrive(slip) {
  const { sheet, lines } = made("arrive", () => {
    const parts = new Lines($("arrive-lines"), { fixed: true, quantityLabel: t("实到数量") });
    return {
      lines: parts,
      sheet: new Sheet("arrive", {
        done: again,
        target: ({ complete, reason }, one) => ({
          path: pathOf("transfers", one.slip, "arrive"),
          body: { lines: parts.value(), complete: complete === "yes", reason, recorded: one.recorded.arrive },
        }),
      }),
    };
  });
  sheet.open(slip, {
    said: t("{slip}：{from}发往{to}", { slip: slip.slip, from: slip.station_name, to: slip.to_name }),
  });
  lines.open(slip.to_station, fixedOf(slip.open));
}

/**
 * 差异销账: by somebody who neither sent nor received it.
 * @param {Row} slip
 */
export function openClose(slip) {
  const { sheet, lines } = made("close", () => {
    const parts = new Lines($("close-lines"), { fixed: true, quantityLabel: t("销账数量") });
    fillSelect($("close-cause"), optionsOf(SHORTFALL_CAUSES));
    return {
      lines: parts,
      sheet: new Sheet("close", {
        check: () => parts.check(),
        done: again,
        target: ({ cause, owner, reason }, one) => ({
          path: pathOf("transfers", one.slip, "close"),
          body: { cause, owner, lines: parts.value(), reason, recorded: one.recorded.close },
        }),
      }),
    };
  });
  sheet.open(slip, {
    said: t("{slip}：{from}发往{to}，缺{n}", {
      slip: slip.slip,
      from: slip.station_name,
      to: slip.to_name,
      n: count(slip.left),
    }),
    values: { owner: slip.owner ?? "" },
  });
  lines.open(slip.to_station, fixedOf(slip.open));
}

/**
 * 调拨取消: nothing was sent yet.
 * @param {Row} slip
 */
export const openCancel = (slip) =>
  made(
    "cancel",
    () =>
      new Sheet("cancel", {
        target: ({ reason }, one) => ({ path: pathOf("transfers", one.slip, "cancel"), body: { reason } }),
        done: again,
      }),
  ).open(slip, { said: t("{slip}：{from}发往{to}", { slip: slip.slip, from: slip.station_name, to: slip.to_name }) });

// --- requisitioned goods -----------------------------------------------------------

/**
 * @param {string} name
 * @param {string} verb
 * @param {(values: Values) => Row} more
 */
function requisitionSheet(name, verb, more) {
  return made(name, () => {
    const parts = new Lines($(`${name}-lines`), { fixed: true });
    return {
      lines: parts,
      sheet: new Sheet(name, {
        check: (values) => {
          parts.check();
          more(values);
        },
        done: again,
        target: (values, one) => ({
          path: pathOf("requisitions", one.slip, verb),
          body: { lines: parts.value(), ...more(values), reason: values.reason, recorded: one.recorded.settle },
        }),
      }),
    };
  });
}

/**
 * @param {{ sheet: Sheet, lines: Lines }} dialog
 * @param {Row} row
 */
function openRequisition({ sheet, lines }, row) {
  sheet.open(row, {
    said: t("{owner}：{slip} {station}", {
      owner: row.party_name ?? row.party_id ?? "",
      slip: row.slip,
      station: row.station_name,
    }),
  });
  lines.open(row.station, fixedOf(row.open));
}

/**
 * 征用归还.
 * @param {Row} row
 */
export const openGiveBack = (row) =>
  openRequisition(
    requisitionSheet("giveback", "give-back", () => ({})),
    row,
  );

/**
 * 征用补偿. `yuan` is told in fen.
 * @param {Row} row
 */
export const openCompensate = (row) =>
  openRequisition(
    requisitionSheet("compensate", "compensate", ({ yuan, document }) => {
      if (!/^\d{1,10}(\.\d{1,2})?$/.test(yuan)) refuse("yuan", t("请填写金额，最多两位小数"));
      const [whole, part = ""] = yuan.split(".");
      return { fen: Number(whole) * 100 + Number(part.padEnd(2, "0")), document };
    }),
    row,
  );
