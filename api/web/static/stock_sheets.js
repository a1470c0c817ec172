import { get } from "./api.js";
import { drawer, fresh, line, momentOf, pathOf, receiptPart, refuse, Sheet } from "./console.js";
import { $, $all, $in, h } from "./dom.js";
import { Finder, SOUGHT } from "./find.js";
import { count, hazardOf, levelOf, many, time, unitWord } from "./fmt.js";
import { controlOf } from "./forms.js";
import { t } from "./i18n.js";
import { area } from "./scope.js";
import { Lines } from "./stock_lines.js";
import { amount, can, itemName, paperLink, passedOf, STATION, slipLink } from "./stock_parts.js";
import { LOT_STATUSES, RECIPIENTS, SCRAP_CAUSES, SETTABLE, SHORTFALL_CAUSES, STOCK_SOURCES } from "./stock_words.js";
import { fillSelect, optionsOf, word } from "./words.js";

const FREE = ["area", "squad", "household", "person", "site", "step"]; // the others have pages of their own
const again = () => drawer.again();
const bound = new Map();

/**
 * A dialog that is made when it is first wanted.
 * @param {string} name
 * @template T
 * @param {() => T} make
 * @returns {T}
 */
function made(name, make) {
  if (!bound.has(name)) bound.set(name, make());
  return bound.get(name);
}

/** @param {Row} row */
const itemRow = (row) => ({
  code: row.item ?? row.code,
  name: row.name,
  name_en: row.name_en,
  label: itemName(row),
  unit: row.unit,
});
/**
 * Lines that are given: what is left of each is what stands there.
 * @param {Row[]} rows
 */
const fixedOf = (rows) =>
  rows.map((one) => ({
    fixed: true,
    row: {
      ...itemRow(one),
      label: [itemName(one), one.lot && t("批次{lot}", { lot: one.lot })].filter(Boolean).join(" · "),
    },
    quantity: one.quantity,
    lot: one.lot,
  }));
/**
 * @param {string} name
 * @param {string} box
 */
const ticked = (name, box) => controlOf($(`${name}-form`, HTMLFormElement), box).checked;

/**
 * What a slip says of each line, and which lots to take.
 * @param {Row[] | undefined} lines
 */
function linesPart(lines) {
  return lines?.length
    ? h(
        "ul",
        { class: "tight picked" },
        lines.map((one) =>
          h(
            "li",
            { data: { picked: one.lot ?? one.item } },
            h("strong", {}, itemName(one)),
            " ",
            one.lot ? h("span", { class: "lot-mark" }, t("批次{lot}", { lot: one.lot })) : null,
            " ",
            one.asked === undefined
              ? amount(one.quantity, one)
              : t("要{a}，留{b}，缺{c}", { a: count(one.asked), b: count(one.reserved), c: count(one.short) }),
            (one.picks ?? []).map((/** @type {Row} */ pick) =>
              h("span", { class: "lot-mark" }, t("批次{lot}", { lot: pick.lot }), ` ${count(pick.quantity)}`),
            ),
            passedOf(one.passed),
          ),
        ),
      )
    : null;
}

/** @param {Receipt} answer */
const receipt = (answer) =>
  h(
    "div",
    { class: "stack" },
    answer.receipt_number &&
      h(
        "p",
        { class: "gift", data: { gift: answer.receipt_number } },
        t("捐赠收据 {n}，查询码", { n: answer.receipt_number }),
        " ",
        h("strong", { class: "hash" }, answer.receipt_code),
      ),
    receiptPart(answer, [line(t("单号"), slipLink(answer.id)), line(t("批次"), (answer.lots ?? []).join(" "))]),
    linesPart(answer.lines),
    passedOf(answer.passed),
    /^[rist]-/.test(answer.id) && h("p", {}, paperLink(answer.id)),
  );

// --- receiving ---------------------------------------------------------------------

function sourceFields() {
  const kind = $("receive-source_kind", HTMLSelectElement).value;
  for (const part of $all($("receive-form"), "[data-source]"))
    part.hidden = !(part.dataset.source ?? "").split(" ").includes(kind);
}

async function emergencies() {
  const { rows } = await get("emergencies", { "f.state": "ACTIVE", size: 50 }).catch(() => ({ rows: [] }));
  fillSelect($("receive-emergency"), [
    { value: "", label: t("请选择") },
    ...rows.map((row) => ({ value: row.id, label: `${hazardOf(row)} ${levelOf(row.level)} ${row.matter}` })),
  ]);
}

/**
 * 入库: bought, given, requisitioned, or there when the station was opened.
 * @param {Row} station
 * @param {{ offers?: Found[] }} [how]
 */
export function openReceive(station, { offers = [] } = {}) {
  const { sheet, lines } = made("receive", () => {
    const parts = new Lines($("receive-lines"), { fields: ["batch", "expires", "made", "lot"] });
    fillSelect($("receive-source_kind"), optionsOf(STOCK_SOURCES));
    $("receive-source_kind").addEventListener("change", sourceFields);
    return {
      lines: parts,
      sheet: new Sheet("receive", {
        receipt,
        done: again,
        check(values) {
          parts.check();
          if (values.source_kind === "donation" && !values.donor_name) refuse("donor_name", t("请填写"));
          if (values.source_kind === "requisition" && !values.emergency) refuse("emergency", t("请选择"));
          if (["purchase", "requisition"].includes(values.source_kind) && !values.source_id)
            refuse("source_id", t("请填写"));
        },
        target(
          { source_kind: kind, source_id: id, donor_name: name, donor_phone: phone, document, emergency, reason },
          subject,
        ) {
          const donor =
            kind === "donation"
              ? { donor: { name, phone, organisation: ticked("receive", "donor_organisation") } }
              : {};
          return {
            path: "stock/receive",
            body: {
              station: subject.station,
              source: { kind, id: kind === "donation" ? "" : id },
              ...donor,
              document,
              ...(kind === "requisition" && { emergency }),
              lines: parts.value(),
              reason,
            },
          };
        },
      }),
    };
  });
  sheet.open(station, { said: t("{station}：收货登记", { station: station.station_name }) });
  lines.open(station.station, [], offers);
  sourceFields();
  emergencies();
}

// --- handing out -------------------------------------------------------------------

/** Whom goods are for: a kind, and who of it. */
class Whom {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.person = new Finder($(`${name}-person`), { what: SOUGHT.person, label: t("领用人") });
    fillSelect(
      $(`${name}-to_kind`),
      optionsOf(RECIPIENTS).filter((one) => FREE.includes(one.value)),
    );
    $(`${name}-to_kind`).addEventListener("change", () => this.show());
  }

  show() {
    const person = $(`${this.name}-to_kind`, HTMLSelectElement).value === "person";
    $(`${this.name}-person`).hidden = !person;
    $(`${this.name}-to_id`).hidden = person;
  }

  open() {
    this.person.set(null);
    $(`${this.name}-to_id`, HTMLInputElement).value = area;
    this.show();
  }

  /** @param {Values} values */
  value({ to_kind: kind, to_id: id }) {
    return { kind, id: kind === "person" ? (this.person.value?.id ?? "") : id };
  }

  /** @param {Values} values */
  check(values) {
    if (!this.value(values).id) refuse("to_id", t("请填写"));
  }
}

/**
 * 出库 and 预留: the lots that expire first are taken; who is told, which and why others not.
 * @param {string} name
 * @param {string} path
 * @param {string} word
 */
function outSheet(name, path, word) {
  return made(name, () => {
    const lines = new Lines($(`${name}-lines`), { lots: name === "issue" ? "any" : "" });
    const whom = new Whom(name);
    return {
      lines,
      whom,
      sheet: new Sheet(name, {
        receipt,
        done: again,
        check(values) {
          whom.check(values);
          lines.check();
        },
        target: (values, subject) => ({
          path,
          body: {
            station: subject.station,
            [word]: whom.value(values),
            lines: lines.value(),
            whole: !ticked(name, "part"),
            ...(subject.reservation && { reservation: subject.reservation }),
            reason: values.reason,
          },
        }),
      }),
    };
  });
}

/**
 * @param {ReturnType<typeof outSheet>} dialog
 * @param {Row} station
 * @param {OpenOptions} options
 */
function openOut({ sheet, lines, whom }, station, { presets = [], offers = [], ...more }) {
  sheet.open({ ...station, ...more }, { said: station.station_name });
  whom.open();
  lines.open(station.station, presets, offers);
}

/**
 * @param {Row} station
 * @param {OpenOptions} [options]
 */
export const openIssue = (station, options = {}) => openOut(outSheet("issue", "stock/issue", "to"), station, options);
/**
 * @param {Row} station
 * @param {OpenOptions} [options]
 */
export const openReserve = (station, options = {}) =>
  openOut(outSheet("reserve", "stock/reserve", "purpose"), station, options);

/**
 * 预留释放.
 * @param {Row} row
 */
export const openRelease = (row) =>
  made(
    "release",
    () =>
      new Sheet("release", {
        target: ({ reason }, one) => ({
          path: "stock/release",
          body: { station: one.station, reservation: one.reservation, reason },
        }),
        done: again,
      }),
  ).open(row, {
    said: t("{item} 预留{n}，释放后可供他人领用。", { item: itemName(row), n: many(row.quantity, row.unit) }),
  });

/**
 * 退回: of an issue, to the shelf or to be scrapped.
 * @param {Row} slip
 */
export function openReturn(slip) {
  const { sheet, lines } = made("return", () => {
    const parts = new Lines($("return-lines"), { fixed: true, quantityLabel: t("退回数量") });
    return {
      lines: parts,
      sheet: new Sheet("return", {
        check: () => parts.check(),
        done: again,
        target: ({ good, reason }, one) => ({
          path: "stock/return",
          body: { issue: one.slip, good: good === "yes", lines: parts.value(), reason },
        }),
      }),
    };
  });
  sheet.open(slip, { said: `${slip.slip} ${slip.station_name}` });
  lines.open(slip.station, fixedOf(slip.open ?? slip.lines));
}

// --- putting right -----------------------------------------------------------------

/**
 * 报废: always a lot, and why.
 * @param {Row} station
 * @param {OpenOptions} [options]
 */
export function openScrap(station, options = {}) {
  const { sheet, lines } = made("scrap", () => {
    const parts = new Lines($("scrap-lines"), { lots: "one", exact: true });
    fillSelect($("scrap-cause"), optionsOf(SCRAP_CAUSES));
    return {
      lines: parts,
      sheet: new Sheet("scrap", {
        check: () => parts.check(),
        done: again,
        target: ({ cause, reason }, subject) => ({
          path: "stock/scrap",
          body: { station: subject.station, cause, lines: parts.value(), reason },
        }),
      }),
    };
  });
  sheet.open(station, { said: station.station_name });
  lines.open(station.station, options.presets ?? []);
}

/**
 * 账面更正: names the slip it corrects; both stay.
 * @param {Row} station
 * @param {OpenOptions} [options]
 */
export function openAdjust(station, options = {}) {
  const { sheet, lines } = made("adjust", () => {
    const parts = new Lines($("adjust-lines"), {
      lots: "one",
      exact: true,
      single: true,
      quantityLabel: t("更正数量"),
    });
    return {
      lines: parts,
      sheet: new Sheet("adjust", {
        check: () => parts.check(),
        done: again,
        target({ direction, corrects, reason }, subject) {
          const [{ item, lot, quantity }] = parts.value();
          return {
            path: "stock/adjust",
            body: {
              station: subject.station,
              item,
              lot,
              change: direction === "less" ? -quantity : quantity,
              corrects,
              reason,
            },
          };
        },
      }),
    };
  });
  sheet.open(station, { said: station.station_name, values: { corrects: options.corrects ?? "" } });
  lines.open(station.station, options.presets ?? []);
}

/**
 * 批次状态: of a lot here, or wherever it is.
 * @param {Row} row
 */
export const openStatus = (row) =>
  made("status", () => {
    fillSelect($("status-status"), optionsOf(SETTABLE));
    if (!can.recall()) $in($("status-where"), "[value=all]").remove();
    return new Sheet("status", {
      target: ({ status, where, reason }, lot) => ({
        path: "stock/status",
        body: { station: where === "all" ? "" : lot.station, item: lot.item, lot: lot.lot, status, reason },
      }),
      done: again,
    });
  }).open(row, {
    said: t("{item} 批次{lot}（{station}），现为：{status}", {
      item: itemName(row),
      lot: row.lot,
      station: row.station_name,
      status: word(LOT_STATUSES, row.status),
    }),
    values: { status: row.own || "approved" },
  });

const LEVELS = ["min", "reorder", "target"];

/**
 * 库存定额: least, reorder, target, in peacetime and in an emergency.
 * @param {Row} row
 */
export const openLevels = (row) =>
  made("levels", () => {
    /**
     * @param {Values} values
     * @param {string} mode
     */
    const three = (values, mode) => LEVELS.map((name) => Number(values[`${mode}_${name}`]));
    return new Sheet("levels", {
      check(values) {
        for (const mode of ["peace", "war"]) {
          const [least, reorder, target] = three(values, mode);
          if (least > reorder) refuse(`${mode}_reorder`, t("补货点不能低于下限"));
          if (reorder > target) refuse(`${mode}_target`, t("目标不能低于补货点"));
        }
      },
      target: (values, one) => ({
        path: pathOf("stations", one.station, "levels"),
        body: {
          rows: [{ item: one.item, peace: three(values, "peace"), war: three(values, "war") }],
          reason: values.reason,
        },
      }),
      done: again,
    });
  }).open(row, {
    said: `${itemName(row)}（${unitWord(row.unit)}） · ${row.station_name}`,
    values: Object.fromEntries(
      ["peace", "war"].flatMap((mode) => LEVELS.map((name, index) => [`${mode}_${name}`, row[mode]?.[index] ?? 0])),
    ),
  });

/**
 * 库位.
 * @param {Row} row
 */
export const openPlace = (row) =>
  made(
    "place",
    () =>
      new Sheet("place", {
        target: ({ place, reason }, one) => ({
          path: pathOf("stations", one.station, "place"),
          body: { item: one.item, place, reason },
        }),
        done: again,
      }),
  ).open(row, { said: `${itemName(row)} · ${row.station_name}`, values: { place: row.place ?? "" } });

/**
 * 专人交接: whoever takes over answers for what a closed count found.
 * @param {Row} station
 */
export async function openCustody(station) {
  const sheet = made(
    "custody",
    () =>
      new Sheet("custody", {
        check: ({ count: slip }) => slip || refuse("count", t("请先盘点：交接以一次已关闭的盘点为准")),
        target: ({ count: slip, reason }, one) => ({
          path: pathOf("stations", one.station, "custody"),
          body: { count: slip, reason },
        }),
        done: again,
      }),
  );
  const { rows } = await get("slips", {
    "f.station": station.station,
    "f.kind": "count",
    "f.state": "CLOSED",
    size: 20,
    ...fresh(),
  }).catch(() => ({ rows: [] }));
  sheet.open(station, { said: t("{station}：您将成为专管员，对盘点结果负责。", { station: station.station_name }) });
  fillSelect(
    $("custody-count"),
    rows.length
      ? rows.map((row) => ({ value: row.slip, label: `${row.slip} · ${time(row.at, "short")}` }))
      : [{ value: "", label: t("没有已关闭的盘点") }],
  );
}

// --- from station to station -------------------------------------------------------

/** @type {Finder} */
let destination;

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
          body: { lines: parts.value(), complete: complete === "yes", reason },
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
          body: { cause, owner, lines: parts.value(), reason },
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
          body: { lines: parts.value(), ...more(values), reason: values.reason },
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
