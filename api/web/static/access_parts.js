import { h } from "./dom.js";

/**
 * A button in a row of a list; its key says what it does, then to which row.
 * @param {string} key
 * @param {string} label
 * @param {(event: MouseEvent & { currentTarget: HTMLButtonElement }) => unknown} run
 */
export const button = (key, label, run, kind = "") =>
  h("button", { type: "button", class: kind, data: { key, act: key.split(" ")[0] }, onclick: run }, label);

/**
 * The buttons of a row.
 * @param {...Child} parts
 */
export const actions = (...parts) => h("span", { class: "row-actions" }, parts);
