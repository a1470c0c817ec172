const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** Build an element. Text only ever becomes text nodes, so data cannot turn into markup. */
export function h(tag, props = {}, ...children) {
  const element = tag === "svg" || tag === "use" ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, part] of Object.entries(value)) element.style.setProperty(key, part);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The mark of a mode or of a step's state (see _glyphs.html). */
export function glyph(name) {
  return h("svg", { class: "glyph", "aria-hidden": "true" }, h("use", { href: `#g-${name}` }));
}

/** Set a text that mostly stays as it is. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show a change for a moment; the stylesheet leaves it out where motion is unwanted. */
export function flash(element) {
  element.classList.remove("flash");
  void element.offsetWidth; // restarts the animation of a row that changes twice
  element.classList.add("flash");
}

/** Replace the children of `element`, keeping keyboard focus on the control with the same `data-key`. */
export function swap(element, ...children) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

let toastTimer = 0;

/** Say for some seconds what became of an action. */
export function toast(text, bad = false) {
  const box = $("toast");
  box.textContent = text;
  box.dataset.bad = bad ? "1" : "";
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), bad ? 9000 : 5000);
}
