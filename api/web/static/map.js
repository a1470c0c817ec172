import { $, flash, glyph, h, swap } from "./dom.js";
import { MODE_ORDER, hazardOf, levelOf, modeOf, shortName } from "./fmt.js";
import { t } from "./i18n.js";
import { arrange } from "./columns.js";
import { inForce } from "./state.js";

const narrow = matchMedia("(max-width: 1099px)");

/** What a block says to those who do not see it: name, mode, what is late, how many emergencies meet there. */
function spoken(place, late, several) {
  const plain = spokenMode(place, late);
  return several > 1 ? t("{place}，{n}个响应重叠", { place: plain, n: several }) : plain;
}

function spokenMode(place, late) {
  return late ? t("{name}，{mode}，逾期{n}步", { name: place.name, mode: modeOf(place.mode), n: late }) : t("{name}，{mode}", { name: place.name, mode: modeOf(place.mode) });
}

function paint(cell, place, late) {
  cell.dataset.mode = place.mode;
  cell.toggleAttribute("data-late", late > 0);
  const over = place.emergencies ?? [];
  cell.toggleAttribute("data-overlap", over.length > 1);
  cell.dataset.under = over.join(" ");
  cell.title = spoken(place, late, over.length);
  if (cell.tagName === "A") cell.setAttribute("aria-label", cell.title);
}

/** Long names are set smaller, then narrower: a name that is cut is no name. `room` in rem. */
function fit(cell, letters, room) {
  if (letters * 0.875 <= room) return;
  cell.classList.add("tight");
  cell.style.setProperty("--fit", Math.min(1, room / (letters * 0.78)).toFixed(3));
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

/** The heading of a block leads down; inside a fold, which is itself a control, it only names. */
function heading(child, ctx, folded = false) {
  const head = h(folded ? "span" : "a", { class: child.name.length > 6 ? "block-head long" : "block-head", href: folded ? null : ctx.href(child.code), data: { block: child.code } }, glyph(child.mode), h("span", { class: "name" }, child.name), h("span", { class: "late-badge num" }));
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
  #only = null; // the emergency whose scope is brought out

  constructor(box, ctx) {
    this.#box = box;
    this.#ctx = ctx;
    const again = (anyway) => {
      if (!this.#board) return;
      this.#build(anyway);
      this.#scopes();
    };
    new ResizeObserver(() => again(false)).observe(box);
    narrow.addEventListener("change", () => again(true));
  }

  legend(element) {
    element.replaceChildren(
      ...MODE_ORDER.map((mode) => h("span", { class: "key" }, h("i", { class: "swatch", data: { mode } }), modeOf(mode))),
      h("span", { class: "key" }, h("i", { class: "swatch", data: { mode: "PEACETIME", late: "" } }), t("有逾期")),
      h("span", { class: "key" }, h("i", { class: "swatch", data: { mode: "CONVERTING", overlap: "" } }), t("响应重叠")),
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
    this.#scopes();
  }

  /** One button for each emergency where several are in force: pressed, the map brings out its scope. */
  #scopes() {
    const list = inForce(this.#board);
    const box = $("scopes");
    const told = list.length > 1 && [...this.#board.children, ...this.#board.tiles].some((place) => place.emergencies);
    if (!told || !list.some((item) => item.id === this.#only)) this.#only = null;
    box.hidden = !told;
    const chip = (id, text, title) => h("button", { type: "button", "aria-pressed": String(this.#only === id), title, data: { key: `scope-${id}`, scope: id ?? "" }, onclick: () => { this.#only = id; this.#scopes(); } }, text);
    swap(box, told ? [chip(null, t("全部响应"), null), list.map((item, index) => chip(item.id, `${index + 1} · ${hazardOf(item)} ${levelOf(item.level)}`, item.matter))] : []);
    this.#box.toggleAttribute("data-only", this.#only !== null);
    for (const cell of this.#box.querySelectorAll("[data-under]")) cell.toggleAttribute("data-out", this.#only !== null && !cell.dataset.under.split(" ").includes(this.#only));
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
    const look = { head: 1.9 * rem, padding: 0.75 * rem, gap: 0.5 * rem, blockWidth: 10.5 * rem, cellWidth: 2.9 * rem, cellHeight: 1.4 * rem };
    const plan = arrange(children.map((child) => cellsOf.get(child.code).length), width, height, look);
    const room = (plan.cellWidth - 5) / rem;
    return [h("div", { class: "columns" }, ...plan.runs.map((run) => h("div", { class: "column" }, ...run.map((index) =>
      this.#block(children[index], cellsOf.get(children[index].code), plan.across, plan.rows[index], room)))))];
  }

  #block(child, cells, across, rows, room) {
    const columns = Math.max(1, Math.min(across, cells.length));
    const head = heading(child, this.#ctx);
    const headRoom = (room + 0.3) * across - 4.2; // mark and late badge take the rest
    const letters = child.name.length * (child.name.length > 6 ? 0.78 : 1.125);
    if (letters > headRoom) head.style.setProperty("--fit", (headRoom / letters).toFixed(3));
    return h("section", { class: "block", style: { "flex-grow": rows, "--columns": columns, "--rows": rows } },
      head,
      h("div", { class: "cells" }, ...cells.map((tile) => {
        const cell = tileCell(tile, this.#ctx);
        if (columns === across) fit(cell, shortName(tile.name).length, room);
        return cell;
      })));
  }

  #folded(child, cells) {
    return h("details", { class: "block" }, h("summary", {}, heading(child, this.#ctx, true)), h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx))));
  }
}
