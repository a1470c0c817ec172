import { base } from "./api.js";

const MARK = `pingzhan-duty${base}:`;
const PAGES = ["/duty", "/keeper"];

/**
 * @param {string} account
 * @param {string} what
 */
const nameOf = (account, what) => MARK + account + (what ? `:${what}` : "");

/**
 * @param {string} name
 * @param {string} account
 */
const of = (name, account) => name === MARK + account || name.startsWith(`${MARK}${account}:`);

/**
 * The last answer of somebody's, to show without a network; null if there is none. `what`: of which of their things.
 * @param {string} account
 */
export function kept(account, what = "") {
  try {
    return JSON.parse(localStorage.getItem(nameOf(account, what)) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Keep an answer for `account`, and nobody else's.
 * @param {string} account
 * @param {string} at
 * @param {Json} answer
 */
export function keep(account, at, answer, what = "") {
  try {
    forget(account);
    localStorage.setItem(nameOf(account, what), JSON.stringify({ at, answer }));
  } catch {
    // full or forbidden: then there is nothing to show without a network, and no harm
  }
}

/** Drop what is kept of everybody but `account`. */
export function forget(account = "") {
  for (const name of Object.keys(localStorage))
    if (name.startsWith(MARK) && !(account && of(name, account))) localStorage.removeItem(name);
}

/** After signing out this device knows nobody any more; what waits to be sent stays. */
export async function forgetAll() {
  forget();
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) for (const page of PAGES) await (await caches.open(name)).delete(base + page);
}
