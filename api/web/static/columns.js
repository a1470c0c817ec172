/*
 * Where blocks of equal cells go: in order, down columns of one width, so that a place is always found at the same spot
 * and every cell of the map has about the same size. Pure arithmetic, no DOM.
 */

/** @typedef {{ cost: number, cuts: number[] }} Split the least cost of a prefix, and where its runs begin */

/**
 * Split `heights` in order into `columns` runs that differ as little as can be (least sum of squares).
 * @param {number[]} heights
 * @param {number} columns
 */
function split(heights, columns) {
  const sums = [0];
  for (const height of heights) sums.push(sums[sums.length - 1] + height);
  /**
   * @param {number} from
   * @param {number} to
   */
  const cost = (from, to) => (sums[to] - sums[from]) ** 2;
  /** @type {Split[]} */ let best = sums.map((_, to) => ({ cost: cost(0, to), cuts: [0] }));
  for (let column = 1; column < columns; column += 1) {
    best = sums.map((_, to) => {
      /** @type {Split} */ let least = { cost: Infinity, cuts: [] };
      for (let from = column; from < to; from += 1) {
        const whole = best[from].cost + cost(from, to);
        if (whole < least.cost) least = { cost: whole, cuts: [...best[from].cuts, from] };
      }
      return to > column ? least : { cost: Infinity, cuts: [] };
    });
  }
  const { cuts } = best[best.length - 1];
  return cuts.map((from, index) =>
    Array.from({ length: (cuts[index + 1] ?? heights.length) - from }, (_, step) => from + step),
  );
}

/**
 * Choose columns and cells a row for blocks of `cells` (numbers of cells) in a box of `width` × `height` px.
 * `look`: px of a block's heading, padding and gap, the least width of a block, and the size a cell would like to have.
 * Returns the runs of blocks, cells a row (`across`), and the size of a cell.
 * @param {number[]} cells
 * @param {number} width
 * @param {number} height
 * @param {{ head: number, padding: number, gap: number, blockWidth: number, cellWidth: number, cellHeight: number }} look
 */
export function arrange(cells, width, height, look) {
  /** @type {{ score: number, runs: number[][], across: number, rows: number[], cellWidth: number, cellHeight: number }} */
  let best = { score: -Infinity, runs: [], across: 2, rows: [], cellWidth: 0, cellHeight: 0 };
  const most = Math.max(1, Math.min(cells.length, Math.floor((width + look.gap) / (look.blockWidth + look.gap))));
  for (let columns = 1; columns <= most; columns += 1) {
    const inner = (width - (columns - 1) * look.gap) / columns - look.padding;
    for (let across = 2; across <= 16; across += 1) {
      const overhead = (look.head + look.padding + look.gap) / look.cellHeight;
      const rows = cells.map((count) => Math.max(1, Math.ceil(count / across)));
      const runs = split(
        rows.map((count) => count + overhead),
        columns,
      );
      const sizes = runs.map(
        (run) =>
          (height - run.length * (look.head + look.padding) - (run.length - 1) * look.gap) /
          run.reduce((sum, index) => sum + rows[index], 0),
      );
      const cellHeight = Math.min(...sizes);
      const cellWidth = inner / across;
      const score = Math.min(cellWidth / look.cellWidth, cellHeight / look.cellHeight, 2);
      if (score > best.score + 0.001) best = { score, runs, across, rows, cellWidth, cellHeight };
    }
  }
  return best;
}
