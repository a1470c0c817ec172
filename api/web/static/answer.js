import { line, until } from "./console.js";
import { act } from "./deciding.js";
import { h } from "./dom.js";
import { near } from "./fmt.js";
import { controlOf } from "./forms.js";
import { either, t } from "./i18n.js";
import { hrefOf, may, now, pathOf } from "./page.js";
import { ANSWER_STATES, badge, roleOf } from "./words.js";

/**
 * An order addressed to the reader (下达给我的指令): one thumb answers it.
 * @param {Row} row
 */
export function answerCard(row, { open = false } = {}) {
  const answered = row.my_state !== "OPEN";
  /** @param {SubmitEvent & { target: HTMLFormElement }} event */
  const send = (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    const note = controlOf(event.target, "note")?.value.trim() ?? "";
    const mine = { area: row.as_area, role: row.as_role };
    const body = button.value === "done" ? { ...mine, note } : mine;
    // The form is emptied first: a card somebody writes in is not drawn again.
    act(button, pathOf("orders", row.id, button.value), body).then((receipt) => {
      if (receipt) event.target.reset();
    });
  };
  const due = answered ? row.done_due_at : row.ack_due_at;
  return h(
    "li",
    { class: "card-item answer", data: { order: row.id, as: `${row.as_area}/${row.as_role}`, myState: row.my_state } },
    h(
      "p",
      { class: "card-top" },
      badge(ANSWER_STATES, row.my_state),
      open
        ? h("strong", { class: "said" }, row.title)
        : h("a", { class: "said", href: hrefOf("orders", row.id), data: { key: `mine-${row.id}` } }, row.title),
    ),
    h("p", { class: "order-body" }, row.text),
    h(
      "dl",
      { class: "facts short" },
      line(t("下达"), `${row.by_name} · ${either(row, "role")} · ${near(row.issued_at, now())}`),
      line(t("以何身份"), `${row.as_area_name} · ${roleOf(row.as_role)}`),
      row.my_state === "DONE" ? null : line(answered ? t("办结时限") : t("签收时限"), until(due)),
    ),
    row.my_state !== "DONE" && row.state === "STANDING" && may("order.answer")
      ? h(
          "form",
          { class: "answer-form", method: "post", novalidate: true, onsubmit: send },
          h("p", { class: "form-error", role: "alert", hidden: true }),
          answered
            ? h(
                "label",
                { class: "note" },
                t("办理情况（选填）"),
                h("input", { name: "note", type: "text", maxlength: "500", data: { key: `note-${row.id}` } }),
              )
            : null,
          h(
            "div",
            { class: "thumbs" },
            answered
              ? null
              : h(
                  "button",
                  { type: "submit", value: "acknowledge", class: "primary big", data: { key: `ack-${row.id}` } },
                  t("签收"),
                ),
            h(
              "button",
              {
                type: "submit",
                value: "done",
                class: answered ? "primary big" : "big",
                data: { key: `done-${row.id}` },
              },
              t("办结"),
            ),
          ),
        )
      : null,
  );
}
