import { $ } from "./dom.js";

/**
 * The tabs of a page (页签), the chosen one named in its address; each begins when it is first looked at.
 * `all`: name → [what begins it, whether the reader may see it]
 */
export function bindTabs(all) {
  const open = Object.keys(all).filter((name) => all[name][1]);
  const begun = new Set();
  const wanted = () => (open.includes(location.hash.slice(1)) ? location.hash.slice(1) : open[0]);

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

  const go = (name, focus) => {
    history.replaceState(history.state, "", `#${name}`);
    show(name, focus);
  };
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.addEventListener("click", () => go(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) go(open[(open.indexOf(tab.dataset.tab) + step + open.length) % open.length], true);
      else if (event.key === "Home") go(open[0], true);
      else if (event.key === "End") go(open.at(-1), true);
    });
  }
  addEventListener("hashchange", () => show(wanted()));
  show(wanted());
  return go;
}
