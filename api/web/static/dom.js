const SVG = "http://www.w3.org/2000/svg";

/**
 * The element of this id: the template has it. `kind`: what it is, where it must be more than any element.
 * @template {Element} [E=HTMLElement]
 * @param {string} id
 * @param {new () => E} [_kind]
 */
export const $ = (id, _kind) => /** @type {E} */ (/** @type {unknown} */ (document.getElementById(id)));

/**
 * The first element in `box` that fits: the template, or who built the box, has put it there.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} box
 * @param {string} selector
 * @param {new () => E} [_kind]
 */
export const $in = (box, selector, _kind) => /** @type {E} */ (box.querySelector(selector));

/**
 * The same where there may be none.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} box
 * @param {string} selector
 * @param {new () => E} [_kind]
 */
export const $find = (box, selector, _kind) => /** @type {E | null} */ (box.querySelector(selector));

/**
 * All elements in `box` that fit.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} box
 * @param {string} selector
 * @param {new () => E} [_kind]
 */
export const $all = (box, selector, _kind) => /** @type {E[]} */ ([...box.querySelectorAll(selector)]);

/**
 * What is written in, in a form or a part of one.
 * @param {ParentNode} box
 */
export const controlsIn = (box) => /** @type {Control[]} */ ([...box.querySelectorAll("input, select, textarea")]);

/**
 * True if somebody has begun to write in `box`.
 * @param {ParentNode} box
 */
export const writtenIn = (box) =>
  $all(box, "input, textarea", HTMLInputElement).some((field) => field.value !== field.defaultValue);

/** @param {Child} child */
const shows = (child) => child !== null && child !== undefined && child !== false;

/**
 * What is there of a list.
 * @template T
 * @param {readonly (T | false | null | undefined | "" | 0)[]} list
 */
export const present = (list) => /** @type {T[]} */ (list.filter(Boolean));

/**
 * Build an element. Text only ever becomes text nodes, so data cannot turn into markup.
 * @template {keyof Tags} Tag
 * @param {Tag} tag
 * @param {Props<Tags[Tag]>} [props]
 * @param {...Child} children
 */
export function h(tag, props = {}, ...children) {
  const element = /** @type {HTMLElement} */ (
    tag === "svg" || tag === "use" ? document.createElementNS(SVG, tag) : document.createElement(tag)
  );
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (typeof value !== "object") element.setAttribute(name, value === true ? "" : String(value));
    else if (name === "data") Object.assign(element.dataset, value);
    else for (const [key, part] of Object.entries(value)) element.style.setProperty(key, String(part));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.flat(3).filter(shows)));
  return /** @type {Tags[Tag]} */ (/** @type {unknown} */ (element));
}

/**
 * The mark of a mode or of a step's state (see _glyphs.html).
 * @param {string} name
 */
export function glyph(name) {
  return h("svg", { class: "glyph", "aria-hidden": "true" }, h("use", { href: `#g-${name}` }));
}

/**
 * Set a text that mostly stays as it is.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Show a change for a moment; the stylesheet leaves it out where motion is unwanted.
 * @param {HTMLElement} element
 */
export function flash(element) {
  element.classList.remove("flash");
  void element.offsetWidth; // restarts the animation of a row that changes twice
  element.classList.add("flash");
}

/**
 * The control with this `data-key` has the keyboard's focus again.
 * @param {ParentNode} box
 * @param {string | null | undefined} key
 */
export function refocus(box, key) {
  if (key) $find(box, `[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/**
 * The `data-key` of the control in `box` that has the keyboard's focus.
 * @param {Node} box
 */
export const focusKey = (box) =>
  document.activeElement instanceof HTMLElement && box.contains(document.activeElement)
    ? document.activeElement.dataset.key
    : null;

/**
 * Replace the children of `element`, keeping keyboard focus on the control with the same `data-key`.
 * @param {Element} element
 * @param {...Child} children
 */
export function swap(element, ...children) {
  const key = focusKey(element);
  element.replaceChildren(.../** @type {(Node | string)[]} */ (children.flat(3).filter(Boolean)));
  refocus(element, key);
}

/**
 * Tells, for each part of a page, whether its state has moved since it was last asked: nothing is drawn anew under a
 * finger on its way, or read out twice.
 */
export function watcher() {
  /** @type {Record<string, string>} */ const drawn = {};
  /** @type {(part: string, ...state: Json[]) => boolean} */
  return (part, ...state) => {
    const shown = JSON.stringify(state);
    const moved = drawn[part] !== shown;
    drawn[part] = shown;
    return moved;
  };
}

let toastTimer = 0;

/**
 * Say for some seconds what became of an action.
 * @param {string} text
 */
export function toast(text, bad = false) {
  const box = $("toast");
  box.textContent = text;
  box.dataset.bad = bad ? "1" : "";
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), bad ? 9000 : 5000);
}
