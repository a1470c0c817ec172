import { get, signIn } from "./api.js";
import { h } from "./dom.js";
import { saveDrafts } from "./drafts.js";
import { t } from "./i18n.js";

let over = false;

/** Sign in, unless that was done in another window already. */
function again() {
  saveDrafts();
  get("session", {}, undefined, { keep401: true }).then(() => location.reload(), signIn);
}

const strip = () =>
  h(
    "div",
    { class: "strip ended", role: "alert", data: { ended: "" } },
    h("strong", {}, t("登录已失效")),
    h("span", {}, t("画面不再更新；已填写的内容留在本机，登录后可继续")),
    h("button", { type: "button", onclick: again }, t("重新登录")),
  );

// The session is over (登录已失效): nobody is taken away from what they are writing.
document.addEventListener("signed-out", (event) => {
  event.preventDefault();
  saveDrafts();
  // What lies open on top of the page says so too.
  for (const box of [document.body, ...document.querySelectorAll("dialog[open]")])
    if (!box.querySelector(":scope > .ended")) box.prepend(strip());
  over = true;
});
addEventListener("pagehide", () => over && saveDrafts());
