import { base, post } from "./api.js";
import { $, $all, $in } from "./dom.js";
import { checkFields, controlOf, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { bindLanguage } from "./i18n.js";
import { forgetAll } from "./kept.js";

/**
 * Where to go after sign-in: only ever a page of this service. A member's own is 值守.
 * @param {string} role
 */
function nextPage(role) {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  const start = role === "member" ? `${base}/duty` : `${base}/`;
  try {
    const url = new URL(wanted, location.origin);
    const own = wanted.startsWith("/") && url.origin === location.origin && !url.pathname.startsWith("//");
    const chosen = own && !url.pathname.endsWith("/login") && url.pathname + url.search;
    if (chosen && chosen !== `${base}/`) return chosen;
  } catch {
    // an address that cannot be read is no address
  }
  return start;
}

const form = $("login", HTMLFormElement);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!checkFields(form)) return;
  await whileBusy(form.querySelectorAll("button"), async () => {
    try {
      const { role } = await post("session", valuesOf(form), { keep401: true });
      location.assign(nextPage(role));
    } catch (error) {
      showRefusal(form, error);
      controlOf(form, "password").select();
    }
  });
});

for (const button of $all(document, "button[data-account]", HTMLButtonElement)) {
  button.addEventListener("click", () => {
    controlOf(form, "account").value = button.dataset.account ?? "";
    controlOf(form, "password").value = button.dataset.password ?? "";
    for (const other of $all(document, "button[data-account]", HTMLButtonElement))
      other.setAttribute("aria-pressed", String(other === button));
    $in(form, "[type=submit]", HTMLButtonElement).focus();
  });
}

// Without a way back somebody has signed out: the next one is told nothing of them.
if (!new URLSearchParams(location.search).has("next")) forgetAll();
bindLanguage();
document.documentElement.dataset.ready = "1";
