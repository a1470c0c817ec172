import { $, $all } from "./dom.js";

/**
 * The tabs of a page (页签), the chosen one named in its address; each begins when it is first looked at.
 * `all`: name → [what begins it, whether the reader may see it]
 * @param {Record<string, [begin: () => unknown, may: boolean]>} all
 */
export function bindTabs(all) {
  const open = Object.keys(all).filter((name) => all[name][1]);
  const begun = new Set();
  const wanted = () => (open.includes(location.hash.slice(1)) ? location.hash.slice(1) : open[0]);

  /** @param {string} name */
  function show(name, focus = false) {
    for (const other of Object.keys(all)) {
      const tab = $(`tab-${other}`);
      const chosen = other === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.hidden = !open.includes(other);
      $(`panel-${other}`).hidden = !chosen;
      if (chosen && focus) tab.focus();
    }
    if (!begun.has(name)) {
      begun.add(name);
      all[name][0]();
    }
  }

  /**
   * @param {string} name
   * @param {boolean} [focus]
   */
  const go = (name, focus) => {
    history.replaceState(history.state, "", `#${name}`);
    show(name, focus);
  };
  for (const tab of $all(document, "[data-tab]")) {
    const own = tab.dataset.tab ?? "";
    tab.addEventListener("click", () => go(own));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
      if (step) go(open[(open.indexOf(own) + step + open.length) % open.length], true);
      else if (event.key === "Home") go(open[0], true);
      else if (event.key === "End") go(open[open.length - 1], true);
    });
  }
  addEventListener("hashchange", () => show(wanted()));
  show(wanted());
  return go;
}
