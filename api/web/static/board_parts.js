import { base } from "./api.js";
import { $, $in, h } from "./dom.js";
import { either, t } from "./i18n.js";
import { root } from "./page.js";

const AGAIN_MS = 4000;

/**
 * In a street the middle is for its own checklists: numbers stand at the sides.
 * @param {string} layout
 */
export function arrange(layout) {
  const street = layout === "street";
  const [left, mid, right] = ["left", "mid", "right"].map((name) => $in(document, `.col.${name}`));
  if (street) left.insertBefore($("strength"), $("kpis").nextSibling);
  else mid.prepend($("strength"));
  if (street) right.prepend($("supplies-panel"));
  else $("strength").after($("supplies-panel"));
}

/**
 * Say in the place of the board why there is none; `again`: asks for it once more.
 * @param {Failure} error
 * @param {() => unknown} again
 */
export function showProblem(error, again) {
  const box = $("problem");
  box.replaceChildren(
    h("h2", {}, error.status === 404 ? t("没有这个区域") : t("指挥屏取不到数据")),
    h("p", {}, either(error)),
    h("p", { class: "dim num" }, error.code),
    h(
      "p",
      { class: "actions" },
      h("button", { type: "button", class: "primary", id: "retry", onclick: () => again() }, t("重试")),
      h("a", { class: "button", href: `${base}/` }, t("回到首页")),
    ),
  );
  box.hidden = false;
  $("main").dataset.problem = "1";
  $("main").setAttribute("aria-busy", "false");
  root.dataset.ready = "1";
  // A refusal stays; a broken line or a fault of the server may be over in a moment.
  if (!error.status || error.status >= 500)
    setTimeout(() => {
      if (!box.hidden) again();
    }, AGAIN_MS);
}
