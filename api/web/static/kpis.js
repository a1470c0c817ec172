import { glyph, h } from "./dom.js";
import { count, modeOf, share } from "./fmt.js";
import { english, t } from "./i18n.js";

const SITES = ["CONVERTING", "EMERGENCY", "RECOVERING", "PEACETIME"];

function tiles({ sites, steps, areas }) {
  const done = share(steps);
  return [
    ...SITES.map((mode) => ({ key: mode, mode, label: t("{mode}阵地", { mode: modeOf(mode) }), value: count(sites[mode]), unit: english ? t("处") : "" })),
    { key: "done", label: t("步骤完成率"), value: done === null ? "—" : String(done), unit: done === null ? "" : "%", note: steps.total ? `${count(steps.done)} / ${count(steps.total)}` : t("没有清单") },
    { key: "open", label: t("未完成步骤"), value: count(steps.open), note: steps.open ? t("已接令 {n}", { n: count(steps.acknowledged) }) : "" },
    { key: "late", label: t("逾期步骤"), value: count(steps.late), late: steps.late > 0 },
    { key: "areas", label: t("所辖区域"), value: count(areas) },
  ];
}

/** The numbers that are read from across the room. */
export function renderKpis(box, board) {
  if (box.children.length !== 8 || !box.querySelector("[data-kpi]")) {
    box.replaceChildren(...tiles(board.counts).map((tile) =>
      h("div", { class: "kpi", data: { kpi: tile.key } },
        h("p", { class: "label" }, tile.mode && glyph(tile.mode), h("span", {}, tile.label)),
        h("p", { class: "value num" }, h("b", {}), h("small", {})),
        h("p", { class: "note num" }))));
  }
  for (const tile of tiles(board.counts)) {
    const box1 = box.querySelector(`[data-kpi="${tile.key}"]`);
    box1.toggleAttribute("data-late", Boolean(tile.late));
    if (tile.mode) box1.dataset.mode = tile.mode;
    box1.toggleAttribute("data-zero", tile.value === "0");
    box1.querySelector("b").textContent = tile.value;
    box1.toggleAttribute("data-long", tile.value.length > 5);
    box1.querySelector("small").textContent = tile.unit ?? "";
    box1.querySelector(".note").textContent = tile.note ?? "";
  }
}
