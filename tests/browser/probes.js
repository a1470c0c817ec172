// What the tests ask a page; each is called with one argument.
({
  /** What a board says, without the times that pass meanwhile. */
  picture() {
    const all = (query, of) => [...document.querySelectorAll(query)].map(of);
    const text = (node) => node.innerText.replace(/\s+/g, " ").trim();
    const spot = (name) => (cell) => [cell.dataset[name], cell.dataset.mode, cell.hasAttribute("data-late"), cell.title, text(cell)];
    return {
      seq: document.documentElement.dataset.seq,
      banner: all("#banner .word, #banner .matter", text),
      kpis: all("#kpis .kpi", text),
      rows: all("#children tbody tr", (row) => [row.dataset.code, row.dataset.mode, text(row)]),
      tiles: all("#map [data-tile]", spot("tile")),
      blocks: all("#map [data-block]", spot("block")),
      late: all("#late li .what", text),
      sites: all("#sites .step", (step) => [step.dataset.step, step.dataset.state]),
      ticker: all("#ticker li", text),
    };
  },

  /** Texts and spoken names in the page's own language. */
  wording() {
    const found = [document.title];
    const foreign = (node) => node.closest("[lang]") !== document.documentElement;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent.closest("script, style, template") && !foreign(parent)) found.push(walker.currentNode.textContent);
    }
    for (const name of ["aria-label", "title", "placeholder"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) if (!foreign(element)) found.push(element.getAttribute(name));
    }
    return found;
  },

  /** By how much the page is wider and higher than its window. */
  scroll() {
    const root = document.documentElement;
    return [root.scrollWidth - root.clientWidth, root.scrollHeight - innerHeight];
  },

  /** What lies beyond the window and not in a box that scrolls. */
  beyond() {
    return [...document.querySelectorAll("body *")]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".scroll *, .hidden, .skip, svg *"))
      .map((node) => [node, node.getBoundingClientRect()])
      .filter(([, box]) => box.width && (box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1))
      .map(([node, box]) => `${node.tagName}#${node.id}.${node.className} ${box.left} ${box.right} ${box.bottom}`);
  },

  /** Words that are cut off without a sign. */
  clipped() {
    return [...document.querySelectorAll(".top *, .banner *, .kpi *, .bottom *, .panel > h2, .panel > h2 *, thead th, tbody th a, td .mode")]
      .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
      .filter((node) => getComputedStyle(node).display !== "inline" && getComputedStyle(node).textOverflow !== "ellipsis")
      .map((node) => `${node.tagName}.${node.className} ${node.textContent}`);
  },

  /** Controls lower than `least` px. */
  small(least) {
    const controls = "button, a[href], summary, input:not([type=checkbox], [type=radio]), select, textarea, .segments span, .checks label, .tick";
    return [...document.querySelectorAll(controls)]
      .filter((node) => node.checkVisibility() && !node.closest(".hidden, .skip, details:not([open]) > :not(summary)"))
      .map((node) => [node, node.getBoundingClientRect()])
      .filter(([, box]) => box.height && box.height < least - 0.6)
      .map(([node, box]) => `${node.tagName}#${node.id}.${node.className} ${box.height} ${node.textContent.slice(0, 20)}`);
  },

  /** What each list offers: where it asks, columns to sort by, values to filter by. */
  lists() {
    return [...document.querySelectorAll(".list")].filter((list) => list.checkVisibility() && list.querySelector("[data-format=csv]")).map((list) => ({
      path: `${new URL(list.querySelector("[data-format=csv]").href).pathname}?size=1`,
      sort: [...list.querySelectorAll(".list-sort")].map((button) => button.dataset.key.replace("sort-", "")),
      filters: [...list.querySelectorAll("select[id*='-f-']")].flatMap((select) =>
        [...select.options].map((option) => [select.id.replace(/^.*-f-/, "f."), option.value]).filter(([, value]) => value)),
    }));
  },

  /** Where the panels of a board begin. */
  lefts() {
    const panels = [...document.querySelectorAll(".board > .banner, .panel")].filter((one) => one.checkVisibility());
    return [...new Set(panels.map((one) => Math.round(one.getBoundingClientRect().left)))];
  },
})
