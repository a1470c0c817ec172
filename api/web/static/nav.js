import { $all, $find, $in } from "./dom.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";

/**
 * What waits behind each page of the navigation: {approvals, orders, alarms}; nothing waits behind what is not named.
 * @param {Record<string, number | undefined>} waiting
 */
export function showBadges(waiting) {
  let moved = false;
  for (const badge of $all(document, "#nav [data-badge]")) {
    const n = waiting[badge.dataset.badge ?? ""] ?? 0;
    const link = /** @type {HTMLAnchorElement} */ (badge.closest("a"));
    moved ||= badge.hidden === n > 0;
    badge.hidden = !n;
    badge.textContent = n > 999 ? "999+" : String(n);
    if (n)
      link.setAttribute(
        "aria-label",
        t("{page}，{n}项待处理", { page: $in(link, ".nav-word").textContent, n: count(n) }),
      );
    else link.removeAttribute("aria-label");
  }
  if (moved) bindNav(); // a badge that came or went has moved the links
}

/** Bring the page one is on into view where the row of links scrolls. */
export function bindNav() {
  const row = $find(document, "#nav ul");
  const here = row && $find(row, "[aria-current]");
  if (row && here) row.scrollLeft = Math.max(0, here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2);
}
