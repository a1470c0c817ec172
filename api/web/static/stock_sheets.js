import { get } from "./api.js";
import { drawer, line, receiptPart } from "./console.js";
import { refuse, Sheet } from "./deciding.js";
import { $, $all, h } from "./dom.js";
import { count, hazardOf, levelOf, many } from "./fmt.js";
import { controlOf } from "./forms.js";
import { t } from "./i18n.js";
import { Lines } from "./stock_lines.js";
import { amount, itemName, paperLink, passedOf, slipLink } from "./stock_parts.js";
import { Whom } from "./stock_whom.js";
import { fillSelect, optionsOf, SOURCES } from "./words.js";
export const again = () => drawer.again();
const bound = new Map();

/**
 * A dialog that is made when it is first wanted.
 * @param {string} name
 * @template T
 * @param {() => T} make
 * @returns {T}
 */
export function made(name, make) {
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
export const fixedOf = (rows) =>
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
export const receipt = (answer) =>
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
    fillSelect($("receive-source_kind"), optionsOf(SOURCES));
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
          body: { issue: one.slip, good: good === "yes", lines: parts.value(), reason, recorded: one.recorded.return },
        }),
      }),
    };
  });
  sheet.open(slip, { said: `${slip.slip} ${slip.station_name}` });
  lines.open(slip.station, fixedOf(slip.open ?? slip.lines));
}
