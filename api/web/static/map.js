import { flash, glyph, h } from "./dom.js";
import { MODE_ORDER, modeOf, shortName } from "./fmt.js";
import { t } from "./i18n.js";
import { arrange } from "./shelves.js";

const narrow = matchMedia("(max-width: 1023px)");

/** What a block says to those who do not see it: name, mode, what is late. */
function spoken(place, late) {
  return late ? t("{name}，{mode}，逾期{n}步", { name: place.name, mode: modeOf(place.mode), n: late }) : t("{name}，{mode}", { name: place.name, mode: modeOf(place.mode) });
}

function paint(cell, place, late) {
  cell.dataset.mode = place.mode;
  cell.toggleAttribute("data-late", late > 0);
  cell.title = spoken(place, late);
  cell.setAttribute("aria-label", cell.title);
}

function tileCell(tile, ctx) {
  const cell = h("a", { class: "cell", href: ctx.href(tile.code), data: { tile: tile.code } }, h("span", { class: "name" }, shortName(tile.name)));
  paint(cell, tile, tile.late);
  return cell;
}

/** A child without children of its own to show: a larger cell with its numbers. */
function childCell(child, ctx) {
  const cell = h("a", { class: "cell large", href: ctx.href(child.code), data: { tile: child.code } }, h("span", { class: "name" }, shortName(child.name)), h("span", { class: "num done" }));
  paintChild(cell, child);
  return cell;
}

function paintChild(cell, child) {
  const { done, total, late } = child.counts.steps;
  paint(cell, child, late);
  cell.querySelector(".done").textContent = total ? `${done}/${total}` : "";
}

function heading(child, ctx) {
  const head = h("a", { class: "block-head", href: ctx.href(child.code), data: { block: child.code } }, glyph(child.mode), h("span", { class: "name" }, child.name), h("span", { class: "late-badge num" }));
  paintHead(head, child);
  return head;
}

function paintHead(head, child) {
  const late = child.counts.steps.late;
  paint(head, child, late);
  head.querySelector("use").setAttribute("href", `#g-${child.mode}`);
  const badge = head.querySelector(".late-badge");
  badge.textContent = late ? `!${late}` : "";
  badge.hidden = !late;
}

/** The tile map (方块图): a block for each child, a cell for each grandchild. */
export class TileMap {
  #box;
  #ctx;
  #drawn = "";
  #board = null;

  constructor(box, ctx) {
    this.#box = box;
    this.#ctx = ctx;
    new ResizeObserver(() => this.#board && this.#build()).observe(box);
    narrow.addEventListener("change", () => this.#board && this.#build(true));
  }

  legend(element) {
    element.replaceChildren(
      ...MODE_ORDER.map((mode) => h("span", { class: "key" }, h("i", { class: "swatch", data: { mode } }), modeOf(mode))),
      h("span", { class: "key" }, h("i", { class: "swatch", data: { mode: "PEACETIME", late: "" } }), t("有逾期")),
    );
  }

  render(board, touched, whole) {
    this.#board = board;
    this.#build(whole);
    for (const child of board.children) {
      if (!touched.children.has(child.code)) continue;
      const head = this.#box.querySelector(`[data-block="${child.code}"]`);
      if (head) paintHead(head, child);
      const large = this.#box.querySelector(`.large[data-tile="${child.code}"]`);
      if (large) this.#change(large, child.mode, child.counts.steps.late, () => paintChild(large, child));
    }
    for (const tile of board.tiles) {
      if (!touched.tiles.has(tile.code)) continue;
      const cell = this.#box.querySelector(`[data-tile="${tile.code}"]`);
      if (cell) this.#change(cell, tile.mode, tile.late, () => paint(cell, tile, tile.late));
    }
  }

  #change(cell, mode, late, work) {
    const same = cell.dataset.mode === mode && cell.hasAttribute("data-late") === late > 0;
    work();
    if (!same) flash(cell);
  }

  #build(anyway = false) {
    const { children, tiles, area, at } = this.#board;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [width, height] = [this.#box.clientWidth, this.#box.clientHeight];
    const codes = [area.code, at, children.map((child) => child.code), tiles.map((tile) => tile.code)];
    const key = JSON.stringify(narrow.matches ? [codes, "narrow"] : [codes, width, tiles.length ? height : 0]);
    if (!anyway && key === this.#drawn) return;
    this.#drawn = key;
    const parts = tiles.length ? this.#blocks(rem, width, height) : [h("div", { class: "cells plain" }, ...children.map((child) => childCell(child, this.#ctx)))];
    this.#box.replaceChildren(...parts);
  }

  #blocks(rem, width, height) {
    const { children, tiles } = this.#board;
    const cellsOf = new Map(children.map((child) => [child.code, []]));
    for (const tile of tiles) cellsOf.get(tile.parent)?.push(tile);
    if (narrow.matches) return children.map((child) => this.#folded(child, cellsOf.get(child.code)));
    const label = (child) => (child.name.length * 1.125 + 3.6) * rem;
    const look = { head: 2.1 * rem, padding: 0.75 * rem, gap: 0.5 * rem, cellWidth: 3.1 * rem, cellHeight: 1.75 * rem };
    const plan = arrange(children.map((child) => ({ cells: cellsOf.get(child.code).length, label: label(child) })), width, height, look);
    const letters = Math.max(2, Math.floor((plan.cellWidth - 0.4 * rem) / (0.875 * rem)));
    return plan.runs.map((run) =>
      h("div", { class: "shelf" }, ...run.map((index) => {
        const cells = cellsOf.get(children[index].code);
        const columns = Math.max(1, Math.min(plan.columns[index], cells.length));
        return h("section", { class: "block", style: { "flex-grow": plan.columns[index], "--columns": columns, "--rows": plan.rows } },
          heading(children[index], this.#ctx),
          h("div", { class: "cells" }, ...cells.map((tile) => {
            const cell = tileCell(tile, this.#ctx);
            if (cells.length > columns && shortName(tile.name).length > letters) cell.classList.add("tight");
            return cell;
          })));
      })));
  }

  #folded(child, cells) {
    return h("details", { class: "block" }, h("summary", {}, heading(child, this.#ctx)), h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx))));
  }
}
