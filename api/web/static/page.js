import { base } from "./api.js";
import { $ } from "./dom.js";

export const root = document.documentElement;
const began = Number(document.body.dataset.kept) || Date.now(); // a page kept for want of a network is as old as that (sw.js)

/** @type {Given} */
export const given = JSON.parse($("page-data").textContent);
export const { user, home, id } = given;

/**
 * True if some role of the reader's allows this somewhere; the server decides again.
 * @param {string} action
 */
export const may = (action) => (user?.may ?? []).includes(action);

/** The world's clock: a drill's runs faster than ours. */
export const now = () => new Date(given.clock.now_ms + (Date.now() - began) * given.clock.factor).toISOString();

/** @param {...string} parts */
export const pathOf = (...parts) => parts.map(encodeURIComponent).join("/");
/** @param {...string} parts */
export const hrefOf = (...parts) => `${base}/${pathOf(...parts)}`;
