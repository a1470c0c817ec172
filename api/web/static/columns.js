/*
 * Where blocks of equal cells go: in order, down columns of one width, so that a place is always found at the same spot
 * and every cell of the map has about the same size. Pure arithmetic, no DOM.
 */

/** Split `heights` in order into `columns` runs that differ as little as can be (least sum of squares). */
function split(heights, columns) {
  const sums = [0];
  for (const height of heights) sums.push(sums.at(-1) + height);
  const cost = (from, to) => (sums[to] - sums[from]) ** 2;
  let best = sums.map((_, to) => ({ cost: cost(0, to), cuts: [0] }));
  for (let column = 1; column < columns; column += 1) {
    best = sums.map((_, to) => {
      let least = { cost: Infinity, cuts: [] };
      for (let from = column; from < to; from += 1) {
        const whole = best[from].cost + cost(from, to);
        if (whole < least.cost) least = { cost: whole, cuts: [...best[from].cuts, from] };
      }
      return to > column ? least : { cost: Infinity, cuts: [] };
    });
  }
  const { cuts } = best.at(-1);
  return cuts.map((from, index) =>
    Array.from({ length: (cuts[index + 1] ?? heights.length) - from }, (_, step) => from + step),
  );
}

/**
 * Choose columns and cells a row for blocks of `cells` (numbers of cells) in a box of `width` × `height` px.
 * `look`: px of a block's heading, padding and gap, the least width of a block, and the size a cell would like to have.
 * Returns the runs of blocks, cells a row (`across`), and the size of a cell.
 */
export function arrange(cells, width, height, look) {
  let best = null;
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
      if (!best || score > best.score + 0.001) best = { score, runs, across, rows, cellWidth, cellHeight };
    }
  }
  return best;
}
