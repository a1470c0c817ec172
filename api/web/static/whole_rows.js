const beside = matchMedia("(min-width: 1100px)"); // below that a panel is as long as it needs
/** @type {Map<HTMLElement, string>} */ const boxes = new Map();

/**
 * Let a box that scrolls end below a row, never through one; the others are scrolled to.
 * @param {HTMLElement} box
 * @param {string} rows
 */
export function endAtRow(box, rows) {
  boxes.set(box, rows);
  box.style.maxHeight = "";
  if (!beside.matches || box.scrollHeight <= box.clientHeight) return;
  const top = box.getBoundingClientRect().top - box.scrollTop;
  const ends = [...box.querySelectorAll(rows)].map((row) => row.getBoundingClientRect().bottom - top);
  const whole = ends.filter((end) => end <= box.clientHeight).at(-1);
  if (whole) box.style.maxHeight = `${whole}px`;
}
addEventListener("resize", () => {
  for (const [box, rows] of boxes) endAtRow(box, rows);
});
