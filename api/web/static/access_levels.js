import { get } from "./api.js";
import { View } from "./console.js";
import { Sheet } from "./deciding.js";
import { $, $all, h } from "./dom.js";
import { levelOf } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { LEVELS, roleOf, SIGNING } from "./words.js";

// --- authority and absences --------------------------------------------------------

/** @type {Level[]} */ let levels = [];
let shown = ""; // the version of the table on the page

/**
 * Who signs which level: one row for each.
 * @param {Answers["authority"]} answer
 */
function matrix(answer) {
  levels = answer.levels;
  shown = answer.expected;
  /** @param {string} level */
  const at = (level) => levels.find((entry) => entry.level === level) ?? { level, roles: [], chain: [] };
  const roles = [...new Set([...SIGNING, ...levels.flatMap((entry) => entry.roles.map((role) => role.role))])];
  return h(
    "div",
    { class: "rows-scroll", tabindex: "0", role: "group", "aria-label": t("签发权限") },
    h(
      "table",
      { class: "rows matrix", "aria-label": t("签发权限") },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("级别")),
          roles.map((role) => h("th", { scope: "col" }, roleOf(role))),
          h("th", { scope: "col" }, t("代行顺序")),
        ),
      ),
      h(
        "tbody",
        {},
        LEVELS.map((level) =>
          h(
            "tr",
            { data: { level } },
            h("th", { scope: "row" }, h("span", { class: "level-mark", data: { level } }, levelOf(level))),
            roles.map((role) =>
              at(level).roles.some((one) => one.role === role)
                ? h("td", { data: { role, signs: "1" } }, h("strong", {}, t("签发")))
                : h("td", { class: "dim", data: { role } }, "—"),
            ),
            h(
              "td",
              {},
              at(level).chain.length
                ? at(level)
                    .chain.map((one) => either(one) || roleOf(one.role))
                    .join(" → ")
                : "—",
            ),
          ),
        ),
      ),
    ),
  );
}

/** One level in the form: which roles sign, and who stands in, in order. */
class LevelEditor {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.level = element.dataset.level ?? "";
    /** @type {Set<string>} */
    this.roles = new Set();
    /** @type {string[]} */
    this.chain = [];
  }

  /** @param {Level} level */
  open({ roles, chain }) {
    this.roles = new Set(roles.map((one) => one.role));
    this.chain = chain.map((one) => one.role);
    this.draw();
  }

  draw() {
    /** @param {string} label */
    const named = (label) => `${levelOf(this.level)} ${label}`;
    /**
     * @param {number} index
     * @param {number} by
     */
    const move = (index, by) => {
      [this.chain[index], this.chain[index + by]] = [this.chain[index + by], this.chain[index]];
      this.draw();
    };
    const left = SIGNING.filter((role) => !this.chain.includes(role));
    const adder = h(
      "select",
      {
        "aria-label": named(t("加入代行顺序")),
        onchange: () => {
          if (adder.value) {
            this.chain.push(adder.value);
            this.draw();
          }
        },
      },
      h("option", { value: "" }, t("加入代行顺序")),
      left.map((role) => h("option", { value: role }, roleOf(role))),
    );
    this.element.replaceChildren(
      h(
        "div",
        { class: "picks" },
        SIGNING.map((role) => {
          const box = h("input", {
            type: "checkbox",
            value: role,
            onchange: ({ currentTarget }) => (currentTarget.checked ? this.roles.add(role) : this.roles.delete(role)),
          });
          box.checked = this.roles.has(role);
          return h("label", {}, box, h("span", {}, roleOf(role)));
        }),
      ),
      h(
        "ol",
        { class: "chain" },
        this.chain.map((role, index) =>
          h(
            "li",
            {},
            `${index + 1}. ${roleOf(role)}`,
            index > 0 &&
              h(
                "button",
                {
                  type: "button",
                  class: "quiet",
                  "aria-label": named(t("{role}提前", { role: roleOf(role) })),
                  onclick: () => move(index, -1),
                },
                "↑",
              ),
            h(
              "button",
              {
                type: "button",
                class: "quiet",
                "aria-label": named(t("移除{role}", { role: roleOf(role) })),
                onclick: () => {
                  this.chain.splice(index, 1);
                  this.draw();
                },
              },
              "×",
            ),
          ),
        ),
      ),
      left.length ? adder : "",
    );
  }

  value() {
    return { level: this.level, roles: SIGNING.filter((role) => this.roles.has(role)), chain: this.chain };
  }
}

export function authority() {
  new View("authority", { fetch: (signal) => get("authority", fresh(), signal), render: matrix });
  if (!may("authority.set")) return;
  const editors = $all(document, ".level-edit").map((element) => new LevelEditor(element));
  const edit = new Sheet("matrix", {
    target: ({ basis }, expected) => ({
      path: "authority",
      body: { levels: editors.map((editor) => editor.value()), basis, expected },
    }),
  });
  $("open-authority").hidden = false;
  $("open-authority").addEventListener("click", () => {
    edit.open(shown);
    for (const editor of editors)
      editor.open(
        levels.find((entry) => entry.level === editor.level) ?? { level: editor.level, roles: [], chain: [] },
      );
  });
}
