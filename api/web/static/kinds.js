import { get } from "./api.js";
import { line, View } from "./console.js";
import { refuse, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { count, names } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import {
  boxesOf,
  FUNCTIONS,
  fillSelect,
  optionsOf,
  PACKAGE_PARTIES,
  PACKAGE_TARGETS,
  SKILLS,
  tickedIn,
  word,
} from "./words.js";

const TEXTS = ["zh", "en", "peace_zh", "peace_en", "war_zh", "war_en"];
/** @type {Kind[]} */ let rows = [];
let shown = ""; // the version of the kinds that stand on the page
let opened = ""; // and the one that stood there when the form was opened

/** @param {Kind} kind */
const changed = (kind) =>
  rows.some((one) => one.id === kind.id) ? rows.map((one) => (one.id === kind.id ? kind : one)) : [...rows, kind];

/**
 * What the API takes of a kind; an answer may say more.
 * @param {Row} kind
 * @returns {Kind}
 */
const plain = (kind) => ({
  id: kind.id,
  ...Object.fromEntries(TEXTS.map((name) => [name, kind[name] ?? ""])),
  target: kind.target,
  parties: kind.parties,
  load: kind.load,
  functions: kind.functions ?? [],
  skill: kind.skill ?? "",
});

/**
 * @param {Kind} kind
 * @param {(kind: Kind) => unknown} edit
 * @param {(kind: Kind) => unknown} drop
 */
function card(kind, edit, drop) {
  return h(
    "li",
    { class: "card-item", data: { kind: kind.id } },
    h(
      "p",
      { class: "card-top" },
      h("strong", { class: "said" }, either(kind)),
      h("span", { class: "hash dim" }, kind.id),
    ),
    h(
      "dl",
      { class: "facts short" },
      line(
        t("对象"),
        word(PACKAGE_TARGETS, kind.target),
        kind.functions?.length
          ? h("span", { class: "dim" }, ` ${names(kind.functions.map((one) => word(FUNCTIONS, one)))}`)
          : null,
      ),
      line(t("可由谁包"), names(kind.parties.map((one) => word(PACKAGE_PARTIES, one)))),
      line(t("每人最多"), t("{n}项", { n: count(kind.load) })),
      line(t("优先技能"), kind.skill && word(SKILLS, kind.skill)),
      line(t("平时职责"), either(kind, "peace")),
      line(t("战时职责"), either(kind, "war")),
    ),
    may("package.kinds") &&
      h(
        "p",
        { class: "card-do" },
        h("button", { type: "button", data: { key: `edit-${kind.id}` }, onclick: () => edit(kind) }, t("修改")),
        h("button", { type: "button", data: { key: `drop-${kind.id}` }, onclick: () => drop(kind) }, t("删除")),
      ),
  );
}

/**
 * The kinds of packages (包保类型), which differ from place to place; `told`: the rows, whenever they are known anew.
 * @param {(rows: Kind[]) => void} told
 */
export function kinds(told) {
  const path = "packages/kinds";
  const edit = new Sheet("kind", {
    check: () => {
      if (!tickedIn($("kind-parties")).length) refuse("parties", t("请至少选择一项"));
    },
    target: ({ load, reason, target, skill, ...texts }) => ({
      path,
      body: {
        kinds: changed(
          plain({
            ...texts,
            target,
            skill,
            load: Number(load),
            parties: tickedIn($("kind-parties")),
            functions: target === "site" ? tickedIn($("kind-functions")) : [],
          }),
        ).map(plain),
        reason,
        expected: opened,
      },
    }),
  });
  const drop = new Sheet("drop", {
    target: ({ reason }, kind) => ({
      path,
      body: { kinds: rows.filter((one) => one.id !== kind.id).map(plain), reason, expected: opened },
    }),
  });
  fillSelect($("kind-target"), optionsOf(PACKAGE_TARGETS));
  fillSelect($("kind-skill"), [{ value: "", label: t("不限") }, ...optionsOf(SKILLS)]);
  $("kind-parties").replaceChildren(...boxesOf("parties", PACKAGE_PARTIES));
  $("kind-functions").replaceChildren(...boxesOf("functions", FUNCTIONS));
  /**
   * @param {HTMLElement} element
   * @param {string[]} wanted
   */
  const tick = (element, wanted) => {
    for (const box of element.querySelectorAll("input")) box.checked = wanted.includes(box.value);
  };
  /** @param {Kind | null} kind */
  const open = (kind) => {
    const { parties: _parties, functions: _functions, ...values } = kind ? plain(kind) : {};
    opened = shown;
    edit.open(kind, { said: kind ? either(kind) : "", values });
    $("kind-id", HTMLInputElement).readOnly = kind !== null;
    tick($("kind-parties"), kind?.parties ?? ["person"]);
    tick($("kind-functions"), kind?.functions ?? []);
  };
  $("open-kind").hidden = !may("package.kinds");
  $("open-kind").addEventListener("click", () => open(null));
  new View("kinds", {
    fetch: (signal) => get(path, fresh(), signal),
    render(answer) {
      rows = answer.kinds;
      shown = answer.expected;
      told(rows);
      return h(
        "ul",
        { class: "cards" },
        rows.map((kind) =>
          card(kind, open, (one) => {
            opened = shown;
            drop.open(one, { said: t("{kind}：这一类的对象不再需要责任人。", { kind: either(one) }) });
          }),
        ),
      );
    },
  });
}
