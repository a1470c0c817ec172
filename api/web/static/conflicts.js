import { $, h, swap } from "./dom.js";
import { count, hazardOf, levelOf } from "./fmt.js";
import { either, t } from "./i18n.js";
import { countedIn, few } from "./lists.js";

/**
 * Sites passed over because they hold a function that excludes the planned one (冲突).
 * @param {Board} board
 * @param {BoardContext} ctx
 */
export function renderConflicts(board, ctx) {
  const list = board.conflicts ?? [];
  const total = Math.max(board.conflicts_total ?? 0, list.length);
  $("conflicts-panel").hidden = !total;
  $("conflicts-total").textContent = count(total);
  /** @param {string} id */
  const named = (id) => {
    const emergency = board.emergencies.find((one) => one.id === id);
    return emergency && `${hazardOf(emergency)} ${levelOf(emergency.level)}`;
  };
  /** @param {Row} item */
  const conflict = (item) =>
    h(
      "li",
      { data: { conflict: item.site } },
      h(
        "p",
        {},
        h(
          "a",
          { class: "what", href: ctx.href(item.area), data: { key: `conflict-${item.site}-${item.emergency}` } },
          item.site_name,
        ),
      ),
      h(
        "p",
        { class: "dim small" },
        [named(item.emergency), t("未转为{function}", { function: either(item, "function") })]
          .filter(Boolean)
          .join(" · "),
      ),
      item.free && h("p", { class: "free" }, t("占用已解除"), " ", takeUp(item)),
    );
  /** @param {Row} item */
  const takeUp = (item) => {
    const emergency = board.emergencies.find((one) => one.id === item.emergency);
    return (
      emergency &&
      ctx.may.change(emergency) &&
      h(
        "button",
        {
          type: "button",
          class: "primary",
          data: { key: `take-up-${item.site}-${item.emergency}`, takeup: item.site },
          onclick: () => ctx.takeUp(emergency, [item]),
        },
        t("补下转换令"),
      )
    );
  };
  const what = {
    panel: "conflicts",
    title: t("功能冲突"),
    total,
    items: () => list.map(conflict),
    counted: countedIn(board, (place) => place.conflicts ?? 0),
    cut: t("只列{n}处，共{total}处", { n: list.length, total: count(total) }),
  };
  swap($("conflicts"), few(what, ctx));
}
