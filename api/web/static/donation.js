import { get } from "./api.js";
import { $, h, swap } from "./dom.js";
import { time } from "./fmt.js";
import { checkFields, controlOf, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { bindLanguage, either, t } from "./i18n.js";
import { amount, itemName } from "./supply.js";

const form = $("donation", HTMLFormElement);

/**
 * Where the goods of a line are: every one of them is somewhere.
 * @param {Row} one
 */
function whereabouts(one) {
  const places = [
    [t("在物资站，待用"), one.shelf, "shelf"],
    [t("正在运往其他物资站"), one.transit, "transit"],
    ...one.uses.map((/** @type {Row} */ use) => [
      t("已用于{kind}", { kind: [use.street_name, either(use)].filter(Boolean).join(" · ") }),
      use.quantity,
      "used",
    ]),
    [t("账物不符，正在查"), one.given - one.shelf - one.transit - one.used - one.gone, "missing"],
    [t("已报废或损失"), one.gone, "lost"],
  ].filter(([, n]) => n > 0);
  /** @param {number} n */
  const share = (n) => `${Math.round((n * 1000) / one.given) / 10}%`;
  return h(
    "section",
    { class: "gift-line", data: { item: one.item } },
    h(
      "h3",
      {},
      itemName(one),
      " ",
      h("span", { class: "num" }, amount(one.given, one.unit)),
      one.corrected && h("small", { class: "dim" }, ` ${t("（登记数量已更正）")}`),
    ),
    h(
      "div",
      { class: "gift-bar", "aria-hidden": "true" },
      places.map(([, n, kind]) => h("i", { data: { kind }, style: { width: share(n) } })),
    ),
    h(
      "ul",
      { class: "gift-places" },
      places.map(([label, n, kind]) =>
        h(
          "li",
          { data: { kind } },
          h("i", { data: { kind }, "aria-hidden": "true" }),
          h("span", {}, label),
          h("b", { class: "num" }, amount(n, one.unit)),
        ),
      ),
    ),
  );
}

/** @param {Answers["donations"]} answer */
function render(answer) {
  return [
    h("h2", { id: "gift-title", tabindex: "-1" }, t("捐赠收据第{n}号", { n: answer.number })),
    h(
      "p",
      { class: "dim" },
      [t("{time}收到", { time: time(answer.at, "short") }), answer.station_name].filter(Boolean).join(" · "),
    ),
    answer.lines.map(whereabouts),
    h("p", { class: "dim small" }, t("数字由不可更改的记录实时算出，不含任何人的姓名。")),
  ];
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!checkFields(form)) return;
  await whileBusy(form.querySelectorAll("button"), async () => {
    try {
      const answer = await get("donations", valuesOf(form), undefined, { keep401: true });
      swap($("gift-room"), render(answer));
      $("gift").hidden = false;
      $("gift-title").focus();
    } catch (error) {
      $("gift").hidden = true;
      showRefusal(form, error);
    }
  });
});

const given = new URLSearchParams(location.search); // a receipt's QR names both
for (const name of ["number", "code"]) controlOf(form, name).value = given.get(name) ?? "";
if (given.get("number") && given.get("code")) form.requestSubmit();
bindLanguage();
document.documentElement.dataset.ready = "1";
