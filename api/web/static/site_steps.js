import { Attempt } from "./api.js";
import { $, $all, $in, glyph, h, setText } from "./dom.js";
import { near, span, stateOf } from "./fmt.js";
import { clearErrors, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { either, t } from "./i18n.js";

/** @type {Map<string, Attempt>} */
const attempts = new Map(); // outlive the card, so that a repeat after a broken line keeps its key

/**
 * @param {number} seq
 * @param {string} key
 * @param {BoardContext} ctx
 */
function seqButton(seq, key, ctx) {
  return h(
    "button",
    {
      type: "button",
      class: "seq num",
      data: { key },
      "aria-label": t("打开事实 {seq}", { seq }),
      onclick: () => ctx.openFact(seq),
    },
    `#${seq}`,
  );
}

/**
 * @param {string} label
 * @param {Row | null} mark
 * @param {string} key
 * @param {BoardContext} ctx
 */
function who(label, mark, key, ctx) {
  if (!mark) return null;
  return h(
    "p",
    { class: "small" },
    h("span", { class: "dim" }, `${label} `),
    h("span", { class: "num" }, near(mark.at, ctx.now())),
    ` ${mark.by?.name ?? mark.by} `,
    seqButton(mark.seq, key, ctx),
  );
}

/**
 * @param {string} dueAt
 * @param {boolean} late
 * @param {string} now
 */
function remaining(dueAt, late, now) {
  const left = Date.parse(dueAt) - Date.parse(now);
  if (late) return `! ${t("逾期{span}", { span: span(left) })}`;
  return left < 0 ? t("已到期") : t("剩{span}", { span: span(left) });
}

/**
 * @param {Row} step
 * @param {string} now
 */
function due(step, now) {
  if (step.state === "DONE") return h("span", { class: "dim num" }, near(step.due_at, now));
  return [
    h("span", { class: "num" }, near(step.due_at, now)),
    h(
      "span",
      { class: step.late ? "late-badge num" : "dim num small", data: { left: step.due_at } },
      remaining(step.due_at, step.late, now),
    ),
  ];
}

/**
 * Move what is left for each step on, and nothing else of the cards.
 * @param {string} now
 */
export function tickSites(now) {
  for (const cell of $all($("sites"), "[data-left]"))
    setText(cell, remaining(cell.dataset.left ?? "", cell.classList.contains("late-badge"), now));
}

/**
 * A site may do the same step for two emergencies.
 * @param {Site} site
 * @param {Row} step
 */
const keyOf = (site, step) => [site.id, step.emergency, step.id].filter(Boolean).join("-");

/**
 * @param {Site} site
 * @param {Row} step
 * @param {BoardContext} ctx
 */
function actions(site, step, ctx) {
  if (step.state === "DONE" || !ctx.may.step(site)) return null;
  const id = keyOf(site, step);
  const attempt = attempts.get(id) ?? new Attempt();
  attempts.set(id, attempt);
  const form = h(
    "form",
    {
      class: "step-form",
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        const action = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value ?? "complete";
        clearErrors(form);
        await whileBusy(form.querySelectorAll("button"), async () => {
          try {
            const path = `sites/${encodeURIComponent(site.id)}/steps/${encodeURIComponent(step.id)}/${action}`;
            const receipt = await attempt.send(
              path,
              { basis: "", reason: "", ...(step.emergency && { emergency: step.emergency }), ...valuesOf(form) },
              ctx.seq(),
            );
            $in(form, "details", HTMLDetailsElement).open = false;
            ctx.stored(receipt);
          } catch (error) {
            showRefusal(form, error);
          }
        });
      },
    },
    h(
      "div",
      { class: "buttons" },
      step.state === "OPEN" &&
        h(
          "button",
          {
            type: "submit",
            value: "acknowledge",
            data: { key: `ack-${id}` },
            "aria-label": t("接令：{step}", { step: either(step) }),
          },
          t("接令"),
        ),
      h(
        "button",
        {
          type: "submit",
          value: "complete",
          class: "primary",
          data: { key: `done-${id}` },
          "aria-label": t("完成：{step}", { step: either(step) }),
        },
        t("完成"),
      ),
    ),
    h(
      "details",
      { class: "why" },
      h("summary", {}, t("附依据")),
      h(
        "label",
        { data: { field: "basis" } },
        t("依据"),
        h("input", { name: "basis", maxlength: 300 }),
        h("span", { class: "field-error", hidden: true }),
      ),
      h(
        "label",
        { data: { field: "reason" } },
        t("说明"),
        h("input", { name: "reason", maxlength: 500 }),
        h("span", { class: "field-error", hidden: true }),
      ),
    ),
    h("p", { class: "form-error", role: "alert", hidden: true }),
  );
  return form;
}

/**
 * @param {Site} site
 * @param {Row} step
 * @param {BoardContext} ctx
 */
function stepItem(site, step, ctx) {
  const id = keyOf(site, step);
  return h(
    "li",
    {
      class: "step",
      data: {
        step: step.id,
        state: step.state,
        ...(step.late && { late: "" }),
        ...(step.emergency && { emergency: step.emergency }),
      },
    },
    h(
      "span",
      { class: "step-state", title: stateOf(step.state) },
      glyph(step.state),
      h("span", { class: "hidden" }, stateOf(step.state)),
    ),
    h(
      "div",
      { class: "what" },
      h("p", {}, either(step), !step.mandatory && h("span", { class: "dim small" }, ` ${t("（可选）")}`)),
      h("p", { class: "dim small" }, either(step, "owner") || step.owner),
    ),
    h("div", { class: "due" }, due(step, ctx.now())),
    h(
      "div",
      { class: "marks" },
      step.done ? null : who(t("已接令"), step.acknowledged, `a-${id}`, ctx),
      who(t("已完成"), step.done, `d-${id}`, ctx),
      who(t("已更正"), step.corrected, `c-${id}`, ctx),
    ),
    h("div", { class: "do" }, actions(site, step, ctx)),
  );
}

/**
 * @param {Site} site
 * @param {Row[]} all
 * @param {string} phase
 * @param {string} title
 * @param {BoardContext} ctx
 */
function checklist(site, all, phase, title, ctx) {
  const steps = all.filter((step) => step.phase === phase);
  if (!steps.length) return null;
  const done = steps.filter((step) => step.state === "DONE");
  const open = steps.filter((step) => step.state !== "DONE");
  /** @param {Row[]} some */
  const listed = (some) =>
    h(
      "ol",
      { class: "steps" },
      some.map((step) => stepItem(site, step, ctx)),
    );
  // What is to do comes first: late, then as the playbook has it; what is done is folded away beside it.
  const first = [...open.filter((step) => step.late), ...open.filter((step) => !step.late)];
  return [
    h("h4", {}, title, h("span", { class: "num dim" }, ` ${done.length}/${steps.length}`)),
    first.length > 0 && listed(first),
    done.length > 0 &&
      h(
        "details",
        { class: "steps-done", open: !first.length },
        h("summary", {}, t("已完成{n}步", { n: done.length })),
        listed(done),
      ),
  ];
}

/**
 * @param {Site} site
 * @param {Row[]} steps
 * @param {BoardContext} ctx
 */
export const checklists = (site, steps, ctx) => [
  checklist(site, steps, "convert", t("转换清单"), ctx),
  checklist(site, steps, "recover", t("恢复清单"), ctx),
];
