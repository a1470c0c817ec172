import { $all, $find, $in } from "./dom.js";

const MARK_REM = 0.62; // what each character of a mark takes of the room for a name
const LETTER_REM = { wide: 0.875, tight: 0.78 };
const NARROWEST = 0.6; // a name that would have to be narrower is not read by anybody
const LINE = 1.08; // its height, in its letters

/**
 * Long names are set smaller, then narrower; where there is no room for one there is none: a name that is cut, or lies on what
 * is beside it, is no name. What the cell is stays with those who point at it or do not see it.
 * `cell.room`, `cell.high` in rem, none for what is wide enough.
 * @param {Cell} cell
 */
export function fit(cell) {
  if (!cell.room) return;
  const signs = $find(cell, ".mark")?.textContent.length ?? 0;
  const room = cell.room - signs * MARK_REM;
  const letters = $in(cell, ".name").textContent.length;
  const high = cell.high ?? Number.POSITIVE_INFINITY;
  const tight = letters * LETTER_REM.wide > room || high < LETTER_REM.wide * LINE;
  const narrow = Math.min(1, room / (letters * LETTER_REM.tight));
  const low = high < LETTER_REM.tight * LINE;
  cell.classList.toggle("tight", tight);
  cell.classList.toggle("nameless", low || (tight && narrow < NARROWEST));
  cell.classList.toggle("bare", low || signs * MARK_REM > cell.room);
  cell.style.setProperty("--fit", tight ? Math.max(narrow, 0).toFixed(3) : "1");
}

/**
 * The name of a block leaves its level and its late steps free.
 * @param {HTMLElement} head
 */
export function fitHead(head) {
  const name = $in(head, ".name");
  head.style.removeProperty("--fit");
  if (name.scrollWidth > name.clientWidth)
    head.style.setProperty("--fit", (name.clientWidth / name.scrollWidth).toFixed(3));
}

/**
 * Measure every block of a map once it stands, then set its names.
 * @param {HTMLElement} map
 * @param {number} rem
 */
export function fitAll(map, rem) {
  const blocks = $all(map, ".columns .block").map((block) => {
    const grid = $in(block, ".cells");
    const [columns, rows] = ["--columns", "--rows"].map((name) => Number(block.style.getPropertyValue(name)));
    return { grid, room: (grid.clientWidth / columns - 5) / rem, high: (grid.clientHeight / rows - 2) / rem };
  });
  for (const head of $all(map, ".block-head")) fitHead(head);
  for (const { grid, room, high } of blocks)
    for (const cell of /** @type {Cell[]} */ ($all(grid, ".cell"))) {
      Object.assign(cell, { room, high });
      fit(cell);
    }
}
