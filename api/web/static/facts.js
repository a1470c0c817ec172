import { drawer } from "./console.js";
import { h } from "./dom.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { factItem, nothingHere } from "./lists.js";
import { now } from "./page.js";

/**
 * What has happened to one thing (记录), newest first: each opens in full, and can be corrected there.
 * @param {Row[]} [facts]
 */
export const historyPart = (facts = []) => [
  h("h3", { class: "drawer-title" }, t("记录"), h("span", { class: "count num" }, count(facts.length))),
  facts.length
    ? h(
        "ol",
        { class: "fact-list" },
        facts.map((fact) => factItem(fact, { openFact: (at) => drawer.openFact(at) }, now())),
      )
    : nothingHere(t("还没有记录")),
];
