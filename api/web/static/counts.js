import { failureOf, get } from "./api.js";
import { drawer, line, list, SEQ, seqButton } from "./console.js";
import { lineRow, needs, others } from "./count_lines.js";
import { act, refuse, Sheet } from "./deciding.js";
import { $, $all, $in, h, swap } from "./dom.js";
import { Finder } from "./find.js";
import { count, time } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { pathOf } from "./page.js";
import { inAddress } from "./person.js";
import { can, ITEM, paperLink, stationLink } from "./stock_parts.js";
import { badge, fillSelect, optionsOf, SLIP_STATES, VARIANCE_CAUSES } from "./words.js";

const again = () => drawer.again();
/** @type {ReturnType<typeof makeSheets>} */ let sheets;
/** @type {Found[]} */ let chosen = [];
/** @type {Finder} */ let finder;

// --- beginning one -----------------------------------------------------------------

function drawChosen() {
  swap(
    $("opening-chosen"),
    chosen.length
      ? chosen.map((one) =>
          h(
            "li",
            { data: { item: one.id } },
            one.label,
            " ",
            h(
              "button",
              {
                type: "button",
                class: "quiet",
                "aria-label": t("移除{name}", { name: one.label }),
                onclick: () => {
                  chosen = chosen.filter((other) => other !== one);
                  drawChosen();
                },
              },
              "×",
            ),
          ),
        )
      : h("li", { class: "dim" }, t("全部物资")),
  );
}

export function bindSheets() {
  sheets ??= makeSheets();
  return sheets;
}

function makeSheets() {
  finder = new Finder($("opening-find"), {
    what: ITEM,
    label: t("只盘某些物资"),
    onChoose(one) {
      if (one && !chosen.some((other) => other.id === one.id)) chosen.push(one);
      finder.set(null);
      drawChosen();
    },
  });
  fillSelect($("settle-cause"), optionsOf(VARIANCE_CAUSES));
  return {
    open: new Sheet("opening", {
      target: ({ reason }, station) => ({
        path: "counts",
        body: { station: station.station, ...(chosen.length && { items: chosen.map((one) => one.id) }), reason },
      }),
      done: (answer) => openCount(answer.id),
    }),
    settle: new Sheet("settle", {
      target: ({ cause, reason }, one) => ({
        path: pathOf("counts", one.slip, "settle"),
        body: { item: one.item, lot: one.lot, cause, reason },
      }),
      done: again,
    }),
    end: new Sheet("ending", {
      target: ({ reason }, row) => ({ path: pathOf("counts", row.slip, "close"), body: { reason } }),
      done: again,
    }),
  };
}

/**
 * 盘点: blind, of everything or of some.
 * @param {Row} station
 */
export function openCounting(station) {
  const { open } = bindSheets();
  open.open(station, { said: station.station_name });
  chosen = [];
  drawChosen();
}

/**
 * What was written of the sheet; what is left empty is counted later.
 * @param {HTMLFormElement} form
 */
function written(form) {
  const inputs = $all(form, "[data-moves]", HTMLInputElement).filter(
    (input) => input.value !== "" || input.validity.badInput,
  );
  if (!inputs.length) refuse("lines", t("请至少填写一行"));
  return inputs.map((input) => {
    if (!/^\d{1,10}$/.test(input.value)) {
      input.setAttribute("aria-invalid", "true");
      refuse("lines", t("请填写整数，0 表示没有"));
    }
    return {
      item: input.dataset.item,
      lot: input.dataset.lot,
      counted: Number(input.value),
      moves: Number(input.dataset.moves),
    };
  });
}

/**
 * @param {SubmitEvent & { target: HTMLFormElement }} event
 * @param {Row} row
 */
async function send(event, row) {
  event.preventDefault();
  const form = event.target;
  const note = $in(form, ".form-error");
  note.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  let lines;
  try {
    lines = written(form);
  } catch (error) {
    note.textContent = either(failureOf(error).fields?.[0] ?? {});
    note.hidden = false;
    return;
  }
  const receipt = await act(/** @type {HTMLButtonElement} */ (event.submitter), pathOf("counts", row.slip, "lines"), {
    lines,
  });
  if (!receipt) return;
  form.reset();
  again();
}

/** @param {Row} row */
function countPart(row) {
  const sheets = bindSheets();
  const left = row.lines.filter((/** @type {Row} */ one) => !one.done).length;
  const open = row.state === "OPEN";
  return [
    h(
      "p",
      { class: "tags" },
      badge(SLIP_STATES, row.state),
      h("span", { class: "dim" }, t("共{n}行，还有{k}行", { n: count(row.lines.length), k: count(left) })),
      seqButton(row.seq),
    ),
    h(
      "p",
      { class: "drawer-acts" },
      paperLink(row.slip, t("打印盘点表")),
      open &&
        can.keep() &&
        h(
          "button",
          {
            type: "button",
            data: { act: "ending" },
            class: left ? "" : "primary",
            onclick: () => sheets.end.open(row, { said: row.slip }),
          },
          t("关闭盘点"),
        ),
    ),
    h(
      "dl",
      { class: "facts" },
      line(t("物资站"), stationLink(row.station, row.station_name)),
      line(t("时间"), time(row.at, "full")),
      line(t("经手人"), row.by_label),
    ),
    open && h("p", { class: "dim" }, t("盲盘：填写实际数量，不显示账面。不一致的由另一人复盘。")),
    h(
      "form",
      { method: "post", novalidate: true, onsubmit: (event) => send(event, row) },
      h("p", { class: "form-error", role: "alert", hidden: true }),
      h(
        "ul",
        { class: "count-lines" },
        row.lines.map((/** @type {Row} */ one) => lineRow(one, row, sheets.settle)),
      ),
      open &&
        can.keep() &&
        row.lines.some((/** @type {Row} */ one) => needs(one) && !others(one)) &&
        h("p", { class: "card-do" }, h("button", { type: "submit", class: "primary" }, t("提交已填各行"))),
    ),
  ];
}

/**
 * One count (盘点表).
 * @param {string} id
 */
export function openCount(id) {
  inAddress("slip", id);
  drawer.openPart(
    t("盘点 {id}", { id }),
    async () => {
      await get("slips", { size: 1, ...fresh() }); // as fresh as our own last decision
      const { count: row, lines } = await get(pathOf("counts", id));
      return countPart({ ...row, lines });
    },
    () => inAddress("slip", ""),
  );
}

/**
 * All of them.
 * @param {() => Params} params
 */
export function counts(params) {
  list("counts", {
    path: "slips",
    label: t("盘点"),
    empty: t("还没有盘点"),
    prefix: "c.",
    params: () => ({ ...params(), "f.kind": "count" }),
    rowKey: (row) => row.slip,
    onOpen: (row) => openCount(row.slip),
    columns: [
      {
        key: "slip",
        render: (row) => h("span", { class: "hash" }, row.slip),
      },
      "state",
      {
        key: "station_name",
        render: (row) => stationLink(row.station, row.station_name),
      },
      "by_label",
      "at",
      SEQ,
    ],
    filters: [{ column: "state", options: optionsOf(SLIP_STATES, ["OPEN", "CLOSED"]) }],
  });
}
