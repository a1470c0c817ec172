import { base } from "./api.js";

const MARK = `pingzhan-duty${base}:`;

/** The last answer of somebody's, to show without a network; null if there is none. */
export function kept(account) {
  try {
    return JSON.parse(localStorage.getItem(MARK + account));
  } catch {
    return null;
  }
}

/** Keep an answer for `account`, and nobody else's. */
export function keep(account, at, answer) {
  try {
    forget(account);
    localStorage.setItem(MARK + account, JSON.stringify({ at, answer }));
  } catch {
    // full or forbidden: then there is nothing to show without a network, and no harm
  }
}

/** Drop what is kept of everybody but `account`. */
export function forget(account = "") {
  for (const name of Object.keys(localStorage)) if (name.startsWith(MARK) && name !== MARK + account) localStorage.removeItem(name);
}

/** After signing out this device knows nobody any more; what waits to be sent stays. */
export async function forgetAll() {
  forget();
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) await (await caches.open(name)).delete(`${base}/duty`);
}
