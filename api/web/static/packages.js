import { base, get } from "./api.js";
import { fresh, list, may, refuse, Sheet, saw, seqButton, View, whole } from "./console.js";
import { $, h, setText } from "./dom.js";
import { Finder, Line, SOUGHT } from "./find.js";
import { areaLevel, count, labelOf, shortName } from "./fmt.js";
import { either, t } from "./i18n.js";
import { kinds } from "./kinds.js";
import { personLink, postLink } from "./person.js";
import { part, table } from "./preview.js";
import { proposals } from "./proposal.js";
import { area, hrefFor } from "./scope.js";
import { bindTabs } from "./tabs.js";
import { badge, optionsOf, PACKAGE_STATES, PARTIES, word } from "./words.js";

const GAPS_SHOWN = 50;

/** @type {Kind[]} */
let known = []; // the kinds as the last answer told them
let chosenKind = "";

// --- one package -------------------------------------------------------------------

/**
 * Who has it: a person, a post and who acts on it, an organisation.
 * @param {Row} party
 */
function partyOf(party) {
  if (!party) return h("strong", { class: "none" }, t("无人"));
  if (party.kind === "person") return personLink(party.person ?? { ...party, available: true });
  if (party.kind === "post") return postLink(party.id, labelOf(party));
  return labelOf(party);
}

/** @type {Finder} */
let finder;
/** @type {Row} */
let subject;
const backups = new Line($("assign-backups"), { first: "B1" });

/**
 * The finder for the kind of party that is chosen.
 * @param {string} kind
 * @param {Row} row
 */
function seek(kind, row) {
  const offers =
    kind === "organisation" ? [{ id: `community:${row.area}`, label: t("{area}党组织", { area: row.area_name }) }] : [];
  finder = new Finder($("assign-party"), { what: SOUGHT[kind], label: t("责任人"), offers });
}

/** @param {Row} row */
const said = (row) => `${either(row, "kind")} · ${row.area_name} ${row.target_name}`;
const assign = new Sheet("assign", {
  check: () => finder.value ?? refuse("party", t("请选择责任人")),
  target({ party_kind: kind, reason }, row) {
    const to = { kind: row.kind, target: row.target, party: { kind, id: finder.id }, backups: backups.ids };
    return row.state === "GAP"
      ? { path: "packages/assign", body: { rows: [to], reason } }
      : { path: "packages/handover", body: { ...to, reason } };
  },
});
const release = new Sheet("release", {
  target: ({ reason }, row) => ({ path: "packages/release", body: { kind: row.kind, target: row.target, reason } }),
});

/** @param {Row} row */
function openAssign(row) {
  const parties = known.find((kind) => kind.id === row.kind)?.parties ?? Object.keys(PARTIES);
  $("assign-heading").textContent = row.state === "GAP" ? t("指派责任人") : t("移交包保责任");
  assign.open(row, { said: said(row) });
  $("assign-kind").replaceChildren(...parties.map((kind) => h("option", { value: kind }, word(PARTIES, kind))));
  subject = row;
  seek($("assign-kind", HTMLSelectElement).value, row);
  backups.open(row.backups ?? []);
}
$("assign-kind").addEventListener("change", () => seek($("assign-kind", HTMLSelectElement).value, subject));

/** @param {Row} row */
function actions(row) {
  if (!may("package.assign")) return "—";
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h(
      "button",
      {
        type: "button",
        class: kind,
        data: { act: name, key: `${name}-${row.id}` },
        "aria-label": `${label} ${row.target_name}`,
        onclick: run,
      },
      label,
    );
  return h(
    "span",
    { class: "row-actions" },
    row.state === "GAP"
      ? button("assign", t("指派"), () => openAssign(row), "primary")
      : [
          button("handover", t("移交"), () => openAssign(row)),
          button("release", t("解除"), () => release.open(row, { said: said(row) })),
        ],
  );
}

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

/**
 * @param {Row[]} rows
 * @param {number} total
 */
function gapsPart(rows, total) {
  const mine = chosenKind ? rows.filter((row) => row.kind === chosenKind) : rows;
  return [
    part("gaps", t("缺口清单"), mine, (all) => [
      table(
        t("缺口清单"),
        { label: t("对象"), text: (row) => row.target_name },
        [
          { label: t("状态"), text: (row) => badge(PACKAGE_STATES, row.state) },
          { label: t("类型"), text: (row) => either(row, "kind") },
          { label: t("社区"), text: (row) => row.area_name },
          { label: t("当前职责"), text: (row) => either(row, "duty") || "—" },
          { label: t("操作"), text: actions },
        ],
        all.slice(0, GAPS_SHOWN),
      ),
      total > Math.min(all.length, GAPS_SHOWN) &&
        h(
          "p",
          { class: "dim" },
          t("只列{n}项，共{total}项", { n: Math.min(all.length, GAPS_SHOWN), total: count(total) }),
          " ",
          h(
            "a",
            {
              href: `${base}/packages?${new URLSearchParams({ area, "f.state": "GAP", ...(chosenKind && { "f.kind": chosenKind }) })}#all`,
            },
            t("看全部缺口"),
          ),
        ),
    ]),
  ];
}

function coverage() {
  /** @type {Row} */
  let last;
  const view = new View("coverage", {
    fetch: async (signal) => whole(await get("packages/coverage", { area, ...fresh() }, signal)),
    render(answer) {
      last = answer;
      known = known.length ? known : answer.kinds;
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
        numbers.gaps + numbers.standing
          ? gapsPart(answer.gaps, numbers.gaps + numbers.standing)
          : h("p", { class: "empty" }, numbers.targets ? t("没有缺口") : t("这个区域没有包保对象")),
      ];
    },
  });
}

// --- all of them -------------------------------------------------------------------

const kindOptions = () => known.map((kind) => ({ value: kind.id, label: either(kind) }));

async function all() {
  await learned();
  list("packages", {
    path: "packages",
    label: t("包保责任"),
    empty: t("这个区域没有包保对象"),
    params: () => ({ area }),
    columns: [
      { key: "target_name", label: t("对象"), kind: "text", sortable: true },
      { key: "kind", label: t("类型"), kind: "text", sortable: true, render: (row) => either(row, "kind") },
      {
        key: "area_name",
        label: t("社区"),
        kind: "text",
        sortable: true,
        render: (row) => [row.area_name, h("small", { class: "dim" }, ` ${row.street_name ?? ""}`)],
      },
      {
        key: "state",
        label: t("状态"),
        kind: "text",
        sortable: true,
        render: (row) => badge(PACKAGE_STATES, row.state),
      },
      { key: "party", label: t("责任人"), kind: "text", render: (row) => partyOf(row.party) },
      {
        key: "backups",
        label: t("备份"),
        kind: "text",
        render: (row) =>
          row.backups?.length
            ? row.backups.map((/** @type {Row} */ one, /** @type {number} */ index) => [
                index > 0 && " ",
                personLink(one),
              ])
            : "—",
      },
      { key: "since", label: t("自"), kind: "time", sortable: true },
      { key: "duty", label: t("当前职责"), kind: "text", render: (row) => either(row, "duty") || "—" },
      { key: "seq", label: t("记录"), kind: "int", render: (row) => seqButton(row.seq) },
      ...(may("package.assign") ? [{ key: "do", label: t("操作"), kind: "text", render: actions }] : []),
    ],
    filters: [
      { column: "state", label: t("状态"), options: optionsOf(PACKAGE_STATES) },
      { column: "kind", label: t("类型"), options: kindOptions() },
    ],
  });
}

/** The kinds, asked for once: filters and forms are made of them. */
async function learned() {
  if (!known.length) {
    const answer = await get("packages/kinds").catch(() => null);
    saw({ head: answer?.seq });
    known = answer?.kinds ?? [];
  }
  return known;
}

learned();
bindTabs({
  coverage: [coverage, true],
  all: [all, true],
  proposal: [() => proposals(learned), may("package.assign")],
  kinds: [
    () =>
      kinds((rows) => {
        known = rows;
      }),
    true,
  ],
});
