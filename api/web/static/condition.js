import { $, h } from "./dom.js";
import { time } from "./fmt.js";
import { either, t } from "./i18n.js";

/**
 * How the service itself stands (系统状况), if something is the matter: what, since when, and what to do.
 * @param {Row} said
 */
export function showCondition(said) {
  const strip = $("condition");
  strip.hidden = said.state === "ok";
  strip.dataset.state = said.state;
  strip.replaceChildren(
    ...(strip.hidden
      ? []
      : [
          h("strong", {}, said.state === "down" ? t("系统故障") : t("系统提醒")),
          h("span", {}, either(said)),
          h("span", { class: "num" }, t("自 {time} 起", { time: time(said.since, "full") })),
        ]),
  );
}
