// What of the board's head and map lies on what is beside it, or is cut.
() => {
  const faults = [];
  const text = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const shown = (element) => element && getComputedStyle(element).display !== "none";
  const meet = (a, b) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  for (const head of document.querySelectorAll("#map .block-head")) {
    const name = text(head.querySelector(".name"));
    for (const other of head.querySelectorAll(".mark, .late-badge"))
      if (shown(other) && other.textContent && meet(name, other.getBoundingClientRect()))
        faults.push(`${head.textContent} lies on ${other.textContent}`);
    if (name.right > head.getBoundingClientRect().right + 1) faults.push(`${head.textContent} is cut`);
  }
  for (const cell of document.querySelectorAll("#map .cell")) {
    const box = cell.getBoundingClientRect();
    for (const part of cell.querySelectorAll(".name, .mark")) {
      if (!shown(part) || !part.textContent) continue;
      const said = text(part);
      const blank = said.height * 0.15; // a font's line is higher than its letters
      const out =
        said.left < box.left - 1 ||
        said.right > box.right + 1 ||
        said.top + blank < box.top - 1 ||
        said.bottom - blank > box.bottom + 1;
      if (out) faults.push(`${cell.title}: ${part.textContent} leaves its tile`);
    }
  }
  const tools = document.querySelector(".top .tools").firstElementChild.getBoundingClientRect();
  for (const link of document.querySelectorAll(".top .nav a"))
    if (shown(link.parentElement) && meet(link.getBoundingClientRect(), tools)) faults.push(link.textContent);
  return faults;
}
