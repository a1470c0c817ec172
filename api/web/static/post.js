import { get } from "./api.js";
import { drawer, line, seqButton, until } from "./console.js";
import { refuse, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { historyPart } from "./facts.js";
import { Finder, Line } from "./find.js";
import { labelOf, near, time, titleOf } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { may, now, pathOf } from "./page.js";
import { inAddress, personLink } from "./person.js";
import { badge, FAILED_TESTS, PASSED_TESTS, POST_LATE, POST_STATES, word } from "./words.js";

/**
 * What waits on a post, the nearest first: [name, by when].
 * @param {Row} row
 */
export const waits = (row) =>
  [
    [t("接岗时限"), row.accept_by],
    [t("交接时限"), row.handover_by],
    [t("追认时限"), row.ratify_by],
    [t("平安报到时限"), row.safety_by],
  ]
    .filter(([, by]) => by)
    .sort((a, b) => Date.parse(a[1]) - Date.parse(b[1]));

/** @param {Row} row */
export const stateOf = (row) => [
  badge(POST_STATES, row.state),
  ...(row.late ?? []).map((/** @type {string} */ name) => h("span", { class: "late-badge" }, word(POST_LATE, name))),
];
/** @param {Row} place */
const placeOf = (place) => (place ? `B${place}` : "A");

// --- decisions ---------------------------------------------------------------------

const again = () => drawer.again();
/** @type {Finder} */ let named; // whom to appoint
/** @type {Line} */ let order; // the line behind a post
/** @type {ReturnType<typeof makeSheets>} */ let sheets;

function bindSheets() {
  sheets ??= makeSheets();
  return sheets;
}

function makeSheets() {
  /**
   * @param {Row} row
   * @param {string} verb
   */
  const path = (row, verb) => pathOf("posts", row.post, verb);
  /** @param {string} verb */
  const reasoned = (verb) =>
    new Sheet(verb, { target: ({ reason }, row) => ({ path: path(row, verb), body: { reason } }), done: again });
  // What is replaced is named as it was shown when the form was opened.
  named = new Finder($("appoint-person"), { label: t("任命谁") });
  order = new Line($("chain-line"), { first: "A" });
  return {
    substitute: new Sheet("substitute", {
      target: ({ person, reason }, row) => ({
        path: path(row, "substitute"),
        body: { reason, expected: row.expected.acting, ...(person && { person }) },
      }),
      done: again,
    }),
    ratify: reasoned("ratify"),
    return: new Sheet("return", {
      target: ({ reason }, row) => ({
        path: path(row, "return"),
        body: { reason, expected: row.expected.acting },
      }),
      done: again,
    }),
    appoint: new Sheet("appoint", {
      check: () => named.value ?? refuse("person", t("请选择任命谁")),
      target: ({ reason }, row) => ({
        path: path(row, "appoint"),
        body: { person: named.id, reason, expected: row.expected.holder },
      }),
      done: again,
    }),
    chain: new Sheet("chain", {
      check: () => order.ids.length || refuse("chain", t("请至少选择一人")),
      target: ({ reason }, row) => ({
        path: path(row, "chain"),
        body: { chain: order.ids, reason, expected: row.expected.line },
      }),
      done: again,
    }),
  };
}

/**
 * Who can be ordered to act: the next in line, or somebody of it by name.
 * @param {Row} row
 */
function openSubstitute(row) {
  /** @param {Row} one */
  const out = (one) =>
    [placeOf(one.place), labelOf(one.person), one.able ? "" : t("（不符合）")].filter(Boolean).join(" ");
  const line = row.chain.filter((/** @type {Row} */ one) => one.person.id !== row.acting?.id);
  $("substitute-who").replaceChildren(
    h("option", { value: "" }, t("下一顺位")),
    ...line.map((/** @type {Row} */ one) => h("option", { value: one.person.id }, out(one))),
  );
  sheets.substitute.open(row, {
    said: row.acting
      ? t("{post}：现由{name}履职。", { post: row.name, name: labelOf(row.acting) })
      : t("{post}：现无人履职。", { post: row.name }),
  });
}

/**
 * Who could act: the able first, the nearest first, the others with the test they fail.
 * @param {Row} row
 * @returns {Promise<Row[]>}
 */
async function candidatesOf(row) {
  if (!may("view.people")) return [];
  const { rows } = await get(pathOf("posts", row.post, "candidates"), fresh());
  return rows;
}

/** @param {Row} one */
const whyOf = (one) =>
  [
    one.able ? `✓ ${t("可任此岗")}` : `✗ ${either(one, "failed")}`,
    one.place_in_line === null ? "" : placeOf(one.place_in_line),
    either(one, "distance"),
    ...one.acts_on.map((/** @type {Row} */ other) => t("在{post}履职", { post: other.name })),
  ]
    .filter(Boolean)
    .join(" · ");
/** @param {Row} one */
const offered = (one) => ({ id: one.person.id, label: labelOf(one.person), note: whyOf(one) });

/** @param {Row[]} rows */
const proposed = (rows) =>
  rows.length > 0 && [
    h("h3", { class: "drawer-title" }, t("可任人选"), h("span", { class: "dim" }, t("符合的在前，近的在前"))),
    h(
      "ol",
      { class: "line-of", id: "candidates" },
      rows.map((one) =>
        h(
          "li",
          { data: { candidate: one.person.id, could: one.able ? "1" : "0" } },
          h("strong", {}, personLink(one.person)),
          h("small", { class: "dim" }, ` ${whyOf(one)}`),
        ),
      ),
    ),
  ];

/**
 * Have somebody of the line act on a vacant post: the form is there with one click.
 * @param {Row} row
 */
export async function fillPost(row) {
  const whole = await get(pathOf("posts", row.post), fresh());
  bindSheets();
  openSubstitute(whole);
}

/** @param {Row} row */
function actions(row) {
  const own = bindSheets();
  const said = titleOf(row);
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h("button", { type: "button", class: kind, data: { act: name, key: `do-${name}` }, onclick: run }, label);
  const away = row.holder && row.acting?.id !== row.holder.id;
  const parts = [
    ...(may("post.substitute")
      ? [
          button("substitute", t("指令转换"), () => openSubstitute(row), row.state === "VACANT" ? "primary" : ""),
          row.ratify_by && button("ratify", t("追认"), () => own.ratify.open(row, { said }), "primary"),
          away && row.holder.available && button("return", t("A角归位"), () => own.return.open(row, { said })),
          button("appoint", t("正式任命"), () => {
            own.appoint.open(row, { said });
            named.offer([]);
            named.set(null);
            candidatesOf(row).then(
              (rows) => named.offer(rows.map(offered)),
              () => {},
            );
          }),
        ]
      : []),
    may("post.substitute") &&
      button("chain", t("调整名单"), () => {
        own.chain.open(row, { said });
        order.open(row.chain.map((/** @type {Row} */ one) => one.person ?? one));
      }),
  ].filter(Boolean);
  return parts.length > 0 && h("p", { class: "drawer-acts" }, parts);
}

// --- one post ----------------------------------------------------------------------

/** @param {Row} one */
function tests(one) {
  return h(
    "ul",
    { class: "tests" },
    Object.entries(one.tests).map(([key, passed]) => {
      const name = key.replace(/_/g, "-");
      if (!passed && name !== one.failed) return null; // not looked at any more
      return h(
        "li",
        { data: { test: name, passed: passed ? "1" : "0" } },
        h("span", { "aria-hidden": "true" }, passed ? "✓" : "✗"),
        word(passed ? PASSED_TESTS : FAILED_TESTS, name),
      );
    }),
    one.failed &&
      !(one.failed.replace(/-/g, "_") in one.tests) &&
      h(
        "li",
        { data: { test: one.failed, passed: "0" } },
        h("span", { "aria-hidden": "true" }, "✗"),
        word(FAILED_TESTS, one.failed),
      ),
  );
}

/** @param {Row} row */
function chain(row) {
  if (!row.chain?.length) return h("p", { class: "empty" }, t("名单是空的。"));
  return h(
    "ol",
    { class: "line-of" },
    row.chain.map((/** @type {Row} */ one) =>
      h(
        "li",
        { data: { person: one.person.id, able: one.able ? "1" : "0" } },
        h(
          "p",
          { class: "card-top" },
          h("b", {}, placeOf(one.place)),
          h("strong", {}, personLink(one.person)),
          one.person.id === row.acting?.id &&
            h("span", { class: "state-mark", data: { state: "ACTIVE" } }, t("现履职")),
          one.acts_on
            .filter((/** @type {Row} */ other) => other.post !== row.post)
            .map((/** @type {Row} */ other) =>
              h("span", { class: "state-mark", data: { state: "OPEN" } }, t("在{post}履职", { post: other.name })),
            ),
        ),
        tests(one),
      ),
    ),
  );
}

/** @param {Row} sheet */
function handover(sheet) {
  /** @param {Row} one */
  const item = (one) =>
    h(
      "li",
      { data: { item: one.item, taken: one.taken_at ? "1" : "0" } },
      h(
        "p",
        { class: "card-top" },
        h("strong", {}, either(one)),
        one.taken_at
          ? h(
              "span",
              { class: "state-mark", data: { state: "DONE" } },
              t("{name}于{time}确认", { name: one.taken_by_name || "—", time: near(one.taken_at, now()) }),
            )
          : h("span", { class: "state-mark", data: { state: "OPEN" } }, t("未确认")),
      ),
      one.lines?.length
        ? h(
            "ul",
            { class: "tight" },
            one.lines.map((/** @type {Row} */ text) => h("li", {}, either(text))),
          )
        : h("p", { class: "dim" }, t("没有事项")),
      one.taken_at && one.count !== null && h("p", {}, t("清点数：{n}", { n: one.count })),
      one.note && h("p", { class: "dim" }, one.note),
    );
  return [
    h("h3", { class: "drawer-title" }, t("交接单"), seqButton(sheet.seq)),
    h(
      "dl",
      { class: "facts" },
      line(t("交接"), personLink(sheet.from, t("无人")), " → ", personLink(sheet.to)),
      line(t("方式"), either(sheet, "how")),
      line(t("转换时间"), time(sheet.at, "full")),
    ),
    h("ul", { class: "handover" }, sheet.items.map(item)),
  ];
}

/**
 * @param {Row} row
 * @param {Row[]} candidates
 */
function postPart(row, candidates) {
  return [
    h(
      "p",
      { class: "tags" },
      stateOf(row),
      row.demanded && h("span", { class: "state-mark", data: { state: "OPEN" } }, t("预案要求")),
      seqButton(row.seq),
    ),
    actions(row),
    h(
      "dl",
      { class: "facts" },
      line(t("类型"), either(row, "kind")),
      line(t("区域"), row.area_name),
      line(t("阵地"), row.site_name),
      line(t("A角"), personLink(row.holder, t("未定"))),
      line(
        t("现履职"),
        row.acting
          ? [personLink(row.acting), either(row, "how") && h("span", { class: "dim" }, ` ${either(row, "how")}`)]
          : h("strong", { class: "late-badge" }, t("无人")),
      ),
      line(t("自"), row.since && time(row.since, "full")),
      waits(row).map(([label, by]) => line(label, until(by))),
      line(t("编号"), h("span", { class: "hash" }, row.post)),
    ),
    h(
      "h3",
      { class: "drawer-title" },
      t("AB角名单与资格"),
      h("span", { class: "dim" }, t("可顶岗{n}人", { n: row.spare })),
    ),
    chain(row),
    proposed(candidates),
    row.handover && handover(row.handover),
    historyPart(row.history),
  ];
}

/**
 * One post in full (岗位详情): who is in line, what was handed over, what happened.
 * @param {string} id
 * @param {string} name
 */
export function openPost(id, name) {
  inAddress("post", id);
  drawer.openPart(
    name || t("岗位"),
    async () => {
      const row = await get(pathOf("posts", id), fresh());
      $("drawer-title").textContent = titleOf(row);
      const candidates = row.state === "VACANT" ? await candidatesOf(row).catch(() => []) : [];
      return postPart(row, candidates);
    },
    () => inAddress("post", ""),
  );
}
