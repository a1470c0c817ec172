import { base, post } from "./api.js";
import { $ } from "./dom.js";
import { checkFields, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { bindLanguage } from "./i18n.js";

/** Where to go after sign-in: only ever a page of this service. */
function nextPage() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  try {
    const url = new URL(wanted, location.origin);
    const own = wanted.startsWith("/") && url.origin === location.origin && !url.pathname.startsWith("//");
    if (own && !url.pathname.endsWith("/login")) return url.pathname + url.search;
  } catch {
    // an address that cannot be read is no address
  }
  return `${base}/`;
}

const form = $("login");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!checkFields(form)) return;
  await whileBusy(form.querySelectorAll("button"), async () => {
    try {
      await post("session", valuesOf(form), { keep401: true });
      location.assign(nextPage());
    } catch (error) {
      showRefusal(form, error);
      form.elements.password.select();
    }
  });
});

for (const button of document.querySelectorAll("button[data-account]")) {
  button.addEventListener("click", () => {
    form.elements.account.value = button.dataset.account;
    form.elements.password.value = button.dataset.password;
    for (const other of document.querySelectorAll("button[data-account]")) other.setAttribute("aria-pressed", String(other === button));
    form.querySelector("[type=submit]").focus();
  });
}

bindLanguage();
document.documentElement.dataset.ready = "1";
