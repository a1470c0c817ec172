/*
 * Where blocks of equal cells go: in order, on shelves of one height, so that a place is always found at the same spot
 * and every cell of the map has about the same size. Pure arithmetic, no DOM.
 */

/** Split `widths` in order into at most `shelves` runs; the widest run is as narrow as it can be. */
function split(widths, shelves) {
  const fits = (most) => {
    const runs = [[]];
    let used = 0;
    widths.forEach((width, index) => {
      if (used + width > most && runs.at(-1).length) {
        runs.push([]);
        used = 0;
      }
      runs.at(-1).push(index);
      used += width;
    });
    return runs;
  };
  let low = Math.max(...widths);
  let high = widths.reduce((sum, width) => sum + width, 0);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle).length <= shelves) high = middle;
    else low = middle + 1;
  }
  return { runs: fits(low), widest: low };
}

/**
 * Choose the shelves for `blocks` ({cells, label}: number of cells, width of the heading in px) in a box.
 * `look`: px of heading, padding, gap, and the size a cell would like to have.
 */
export function arrange(blocks, width, height, look) {
  let best = null;
  for (let shelves = 1; shelves <= Math.min(8, blocks.length); shelves += 1) {
    for (let rows = 1; rows <= 14; rows += 1) {
      const columns = blocks.map((block) => Math.max(Math.ceil(block.cells / rows), Math.ceil((block.label + look.padding) / look.cellWidth)));
      const { runs, widest } = split(columns, shelves);
      const fullest = Math.max(...runs.map((run) => run.length));
      const cellWidth = (width - fullest * look.padding - (fullest - 1) * look.gap) / widest;
      const cellHeight = (height - runs.length * (look.head + look.padding) - (runs.length - 1) * look.gap) / (runs.length * rows);
      const score = Math.min(cellWidth / look.cellWidth, cellHeight / look.cellHeight, 1.6);
      if (!best || score > best.score + 0.001) best = { score, runs, columns, rows, cellWidth, cellHeight };
    }
  }
  return best;
}
