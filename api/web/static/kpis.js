import { $in, glyph, h } from "./dom.js";
import { convertedOf, count, share } from "./fmt.js";
import { english, t } from "./i18n.js";

const SITES = ["CONVERTING", "EMERGENCY", "RECOVERING", "PEACETIME"];

/** @param {Row} counts */
function tiles({ sites, steps, areas }) {
  const done = share(steps);
  return [
    ...SITES.map((mode) => ({
      key: mode,
      mode,
      label: t("{mode}阵地", { mode: convertedOf(mode) }),
      value: count(sites[mode]),
      unit: english ? t("处") : "",
    })),
    {
      key: "done",
      label: t("步骤完成率"),
      value: done === null ? "—" : String(done),
      unit: done === null ? "" : "%",
      note: steps.total ? `${count(steps.done)} / ${count(steps.total)}` : t("没有清单"),
    },
    {
      key: "open",
      label: t("未完成步骤"),
      value: count(steps.open),
      note: steps.open ? t("已接令 {n}", { n: count(steps.acknowledged) }) : "",
    },
    { key: "late", label: t("逾期步骤"), value: count(steps.late), late: steps.late > 0 },
    { key: "areas", label: t("所辖区域"), value: count(areas) },
  ];
}

/**
 * Show numbers under their names; only another choice of numbers builds the tiles anew.
 * @param {HTMLElement} box
 * @param {Tile[]} list
 */
export function paintTiles(box, list) {
  const keys = list.map((tile) => tile.key).join(" ");
  if (box.dataset.tiles !== keys) {
    box.dataset.tiles = keys;
    box.replaceChildren(
      ...list.map((tile) =>
        h(
          "div",
          { class: "kpi", data: { kpi: tile.key } },
          h("p", { class: "label" }, tile.mode && glyph(tile.mode), h("span", {})),
          h("p", { class: "value num" }, h("b", {}), h("small", {})),
          h("p", { class: "note num" }),
        ),
      ),
    );
  }
  list.forEach((tile, index) => {
    const one = /** @type {HTMLElement} */ (box.children[index]);
    one.toggleAttribute("data-late", Boolean(tile.late));
    one.toggleAttribute("data-bad", Boolean(tile.bad));
    if (tile.mode) one.dataset.mode = tile.mode;
    one.toggleAttribute("data-zero", tile.value === "0" || tile.value === "—");
    $in(one, ".label span").textContent = tile.label;
    $in(one, "b").textContent = tile.value;
    one.toggleAttribute("data-long", tile.value.length > 5);
    $in(one, "small").textContent = tile.unit ?? "";
    $in(one, ".note").textContent = tile.note ?? "";
  });
}

/**
 * The numbers that are read from across the room.
 * @param {HTMLElement} box
 * @param {Board} board
 */
export const renderKpis = (box, board) => paintTiles(box, tiles(board.counts));
