import { base, get } from "./api.js";
import { list, SEQ, View } from "./console.js";
import { $, h, setText } from "./dom.js";
import { areaLevel, count, shortName } from "./fmt.js";
import { fresh, whole } from "./following.js";
import { either, t } from "./i18n.js";
import { kinds } from "./kinds.js";
import { actions, kindOptions, known, learn, learned, partyOf } from "./package_assigning.js";
import { may } from "./page.js";
import { part, table } from "./parts.js";
import { personLink } from "./person.js";
import { proposals } from "./proposal.js";
import { area, hrefFor } from "./scope.js";
import { bindTabs } from "./tabs.js";
import { badge, COVERAGE } from "./words.js";

const GAPS_SHOWN = 50;
let chosenKind = "";

// --- coverage ----------------------------------------------------------------------

/** @param {Row} one */
const of = (one) =>
  chosenKind ? (one.by_kind?.[chosenKind] ?? { targets: 0, covered: 0, standing: 0, gaps: 0 }) : one;

/**
 * How bad it is, by its word as well as by its colour.
 * @param {Row} row
 */
function gravity({ targets, gaps, standing }) {
  if (!targets) return "none";
  if (!gaps) return standing ? "standing" : "covered";
  return gaps * 4 >= targets ? "grave" : "some";
}

/** @param {Place} child */
function tile(child) {
  const numbers = of(child);
  const grade = gravity(numbers);
  /** @type {Words} */
  const words = { none: t("无对象"), covered: t("已齐"), standing: t("兜底{n}", { n: count(numbers.standing) }) };
  const inner = [
    h("span", { class: "name" }, shortName(child.name)),
    h("strong", { class: "num" }, words[grade] ?? t("缺{n}", { n: count(numbers.gaps) })),
    numbers.targets > 0 &&
      h("span", { class: "dim num" }, t("落实{a}/{n}", { a: count(numbers.covered), n: count(numbers.targets) })),
  ];
  const deeper = ["street", "community", "district", "city"].includes(child.level);
  return h(
    "li",
    { data: { child: child.code, gravity: grade, gaps: numbers.gaps } },
    deeper
      ? h(
          "a",
          {
            href: hrefFor(child.code),
            title: child.name,
            data: { key: `cover-${child.code}` },
            onclick: (event) => {
              event.currentTarget.href = hrefFor(child.code);
            },
          },
          inner,
        )
      : h("div", { title: child.name }, inner),
  );
}

/**
 * @param {Kind[]} kind
 * @param {() => unknown} again
 */
function chooseKind(kind, again) {
  /**
   * @param {string} id
   * @param {string} label
   */
  const button = (id, label) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(chosenKind === id),
        data: { key: `kind-${id}`, kind: id },
        onclick: () => {
          chosenKind = id;
          again();
        },
      },
      label,
    );
  return h(
    "div",
    { class: "kinds", role: "group", "aria-label": t("按类型看") },
    button("", t("全部类型")),
    kind.map((one) => button(one.id, either(one))),
  );
}

/** @param {Row} numbers */
function totals(numbers) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {number} value
   */
  const one = (name, label, value, strong = false) =>
    h(
      "div",
      { data: { total: name }, "data-some": strong && value > 0 },
      h("dt", {}, label),
      h("dd", { class: "num" }, count(value)),
    );
  return h(
    "dl",
    { class: "totals" },
    one("gaps", t("缺口"), numbers.gaps, true),
    one("standing", t("社区兜底"), numbers.standing),
    one("covered", t("已落实"), numbers.covered),
    one("targets", t("对象"), numbers.targets),
  );
}

const LISTS = {
  gaps: { state: "GAP", title: () => t("缺口清单"), more: () => t("看全部缺口") },
  standing: { state: "STANDING", title: () => t("兜底清单"), more: () => t("看全部兜底") },
};

/**
 * The first of the gaps, or of what the community stands in for; how many there are is what is counted above.
 * @param {"gaps" | "standing"} name
 * @param {Row[]} rows
 * @param {number} total
 */
function openPart(name, rows, total) {
  const { state, title, more } = LISTS[name];
  const mine = (chosenKind ? rows.filter((row) => row.kind === chosenKind) : rows).slice(0, GAPS_SHOWN);
  const address = new URLSearchParams({ area, "f.state": state, ...(chosenKind && { "f.kind": chosenKind }) });
  const content = (/** @type {Row[]} */ some) => [
    table(
      title(),
      { label: t("对象"), text: (row) => row.target_name },
      [
        { label: t("状态"), text: (row) => badge(COVERAGE, row.state) },
        { label: t("类型"), text: (row) => either(row, "kind") },
        { label: t("社区"), text: (row) => row.area_name },
        { label: t("当前职责"), text: (row) => either(row, "duty") || "—" },
        { label: t("操作"), text: actions },
      ],
      some,
    ),
    total > some.length &&
      h(
        "p",
        { class: "dim" },
        t("只列{n}项，共{total}项", { n: some.length, total: count(total) }),
        " ",
        h("a", { href: `${base}/packages?${address}#all` }, more()),
      ),
  ];
  return part(name, title(), mine, content, total);
}

function coverage() {
  /** @type {Row} */ let last;
  const view = new View("coverage", {
    fetch: async (signal) => whole(await get("packages/coverage", { area, ...fresh() }, signal)),
    render(answer) {
      last = answer;
      if (!known.length) learn(answer.kinds);
      const numbers = of(answer.total);
      setText($("coverage-mode"), answer.mode === "PEACETIME" ? t("平时职责生效") : t("战时职责生效"));
      return [
        chooseKind(answer.kinds, () => {
          view.show(last);
        }),
        totals(numbers),
        answer.children.length
          ? h(
              "section",
              {},
              h("h3", { class: "section-title" }, areaLevel(answer.children[0].level)),
              h("ul", { class: "coverage" }, answer.children.map(tile)),
            )
          : null,
        numbers.gaps
          ? openPart("gaps", answer.gaps, numbers.gaps)
          : h("p", { class: "empty" }, numbers.targets ? t("没有缺口") : t("这个区域没有包保对象")),
        openPart("standing", answer.standing ?? [], numbers.standing),
      ];
    },
  });
}

async function all() {
  await learned();
  list("packages", {
    path: "packages",
    label: t("包保责任"),
    empty: t("这个区域没有包保对象"),
    params: () => ({ area }),
    columns: [
      "target_name",
      { key: "kind", label: t("类型"), kind: "text", sortable: true, render: (row) => either(row, "kind") },
      {
        key: "area_name",
        render: (row) => [row.area_name, h("small", { class: "dim" }, ` ${row.street_name ?? ""}`)],
      },
      "state",
      { key: "party_label", render: (row) => partyOf(row.party) },
      {
        key: "backup_labels",
        render: (row) =>
          row.backups?.length
            ? row.backups.map((/** @type {Row} */ one, /** @type {number} */ index) => [
                index > 0 && " ",
                personLink(one),
              ])
            : "—",
      },
      "since",
      { key: "duty_zh", render: (row) => either(row, "duty") || "—" },
      SEQ,
      ...(may("package.assign") ? [{ key: "do", label: t("操作"), kind: "text", render: actions }] : []),
    ],
    filters: ["state", { column: "kind", label: t("类型"), options: kindOptions() }],
  });
}

learned();
bindTabs({
  coverage: [coverage, true],
  all: [all, true],
  proposal: [() => proposals(learned), may("package.assign")],
  kinds: [() => kinds(learn), true],
});
