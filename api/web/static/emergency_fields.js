import { $, $all, h } from "./dom.js";
import { hazardOf, levelOf, time } from "./fmt.js";

export const GRAVER = ["IV", "III", "II", "I"];
/** @param {string} id */
export const chosenIn = (id) => $all($(id), "input:checked", HTMLInputElement).map((box) => box.value);
export const codesIn = (text = "") => text.split(/[\s,，、]+/).filter(Boolean);
/** @param {string} select */
export const textOf = (select) => $(select, HTMLSelectElement).selectedOptions[0]?.textContent ?? "";

/**
 * @param {BoardContext} ctx
 * @param {string | number} hours
 */
export const hoursOn = (ctx, hours) => time(new Date(Date.parse(ctx.now()) + Number(hours) * 3600000), "full");

// --- one that is in force -----------------------------------------------------------

/** @param {Emergency} item */
const label = (item) => `${hazardOf(item)} ${levelOf(item.level)} · ${item.matter}`;

/**
 * @param {string} id
 * @param {string} act
 */
export const pathOf = (id, act) => `emergencies/${encodeURIComponent(id)}/${act}`;

/**
 * @param {string} select
 * @param {Emergency[]} list
 * @param {Emergency | undefined} emergency
 */
export function offer(select, list, emergency) {
  $(select).replaceChildren(
    ...list.map((item) => h("option", { value: item.id, selected: item.id === emergency?.id }, label(item))),
  );
}
