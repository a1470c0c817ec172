import { get } from "./api.js";
import { refuse, Sheet } from "./deciding.js";
import { $, $in } from "./dom.js";
import { time, unitWord } from "./fmt.js";
import { fresh } from "./following.js";
import { t } from "./i18n.js";
import { pathOf } from "./page.js";
import { Lines } from "./stock_lines.js";
import { can, itemName } from "./stock_parts.js";
import { again, made } from "./stock_sheets.js";
import { fillSelect, LOT_STATUSES, optionsOf, SCRAP_CAUSES, SETTABLE, word } from "./words.js";

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
              // Of another slip than the one it was opened on nothing was shown.
              recorded: subject.slip === corrects ? subject.recorded.adjust : 0,
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
          body: { count: slip, reason, expected: one.expected.keeper },
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
