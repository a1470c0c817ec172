import { get } from "./api.js";
import { drawer, line, list, nothing, SEQ, until, View } from "./console.js";
import { refuse, Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { Line } from "./find.js";
import { count, near, span, titleOf } from "./fmt.js";
import { follow, fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { may, now } from "./page.js";
import { personLink } from "./person.js";
import { fillPost, openPost, stateOf, waits } from "./post.js";
import { area, scope } from "./scope.js";
import { bindTabs } from "./tabs.js";
import { triedPart } from "./whatif.js";
import { badge, fillSelect, optionsOf, POST_KINDS, POST_STATES } from "./words.js";

const ID = /^\d{6,12}[0-9a-z-]*-p-[0-9a-z-]+$/;
const CARDS_MOST = 12;

/** @param {Row} row */
const nameOf = (row) => [
  h("span", {}, row.name),
  row.name.includes(either(row, "kind")) ? null : h("small", { class: "dim" }, either(row, "kind")),
];
/** @param {Row} row */
const placeOf = (row) => [row.area_name, row.site_name].filter(Boolean).join(" · ");

// --- what stands empty -------------------------------------------------------------

/** @param {AbortSignal} signal */
const vacancies = (signal) => get("posts", { area, "f.state": "VACANT", sort: "rank", size: 50, ...fresh() }, signal);

/** @param {Row} row */
function card(row) {
  return h(
    "li",
    { class: "card-item vacant", data: { vacant: row.post, rank: row.rank } },
    h(
      "p",
      { class: "card-top" },
      badge(POST_STATES, "VACANT"),
      h(
        "button",
        {
          type: "button",
          class: "link said",
          data: { key: `vacant-${row.post}` },
          onclick: () => openPost(row.post, titleOf(row)),
        },
        titleOf(row),
      ),
    ),
    h(
      "dl",
      { class: "facts short" },
      line(
        t("原任"),
        personLink(row.before ?? row.holder, t("未定")),
        row.cause && row.cause !== row.before?.cause ? ` ${either(row, "cause")}` : null,
      ),
      h(
        "div",
        {},
        h("dt", {}, t("空缺")),
        h(
          "dd",
          { class: "num" },
          row.since
            ? t("自{time}，已{span}", {
                time: near(row.since, now()),
                span: span(Date.parse(now()) - Date.parse(row.since)),
              })
            : "—",
        ),
      ),
      h("div", {}, h("dt", {}, t("为何无人可顶")), h("dd", {}, triedPart(row.tried))),
    ),
    may("post.substitute") &&
      h(
        "p",
        { class: "card-do" },
        row.spare > 0 &&
          h(
            "button",
            { type: "button", class: "primary", data: { key: `again-${row.post}` }, onclick: () => fillPost(row) },
            t("现有{n}名B角可顶岗，指令转换", { n: count(row.spare) }),
          ),
        h(
          "button",
          {
            type: "button",
            class: row.spare > 0 ? "" : "primary",
            data: { key: `fill-${row.post}` },
            onclick: () => openPost(row.post, titleOf(row)),
          },
          t("处置"),
        ),
      ),
  );
}

new View("vacancies", {
  fetch: vacancies,
  render({ rows, total }) {
    setText($("vacancies-total"), total ? count(total) : "");
    $("vacancies-panel").dataset.vacant = total > 0 ? "1" : "0";
    if (!rows.length) return nothing(t("没有空缺的岗位"));
    return [
      h("ul", { class: "cards" }, rows.slice(0, CARDS_MOST).map(card)),
      total > CARDS_MOST &&
        h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: CARDS_MOST, total: count(total) })),
    ];
  },
});

// --- all of them -------------------------------------------------------------------

/** @param {Row} row */
function waiting(row) {
  const [first] = waits(row);
  if (!first) return "—";
  return [
    `${first[0]} `,
    until(first[1]),
    row.handover_left > 0 && h("span", { class: "dim" }, ` ${t("交接剩{n}项", { n: row.handover_left })}`),
  ];
}

function all() {
  list("posts", {
    path: "posts",
    label: t("岗位"),
    empty: t("还没有设岗"),
    params: () => ({ area }),
    rowKey: (row) => row.post,
    onOpen: (row) => openPost(row.post, titleOf(row)),
    columns: [
      { key: "name", render: nameOf },
      { key: "area_name", render: placeOf },
      { key: "state", render: stateOf },
      { key: "holder_label", render: (row) => personLink(row.holder) },
      {
        key: "acting_label",
        render: (row) =>
          row.acting
            ? row.acting.id === row.holder?.id
              ? t("A角")
              : personLink(row.acting)
            : h("strong", { class: "late-badge" }, t("无人")),
      },
      "since",
      { key: "accept_by", label: t("在途时限"), render: waiting },
      {
        key: "spare",
        render: (row) => (row.spare ? count(row.spare) : h("strong", {}, "0")),
      },
      SEQ,
    ],
    filters: [
      "state",
      { column: "kind", label: t("类型"), options: optionsOf(POST_KINDS) },
      {
        column: "demanded",
        label: t("预案要求"),
        options: [
          { value: "true", label: t("要求") },
          { value: "false", label: t("不要求") },
        ],
      },
    ],
  });
}

function risks() {
  list("risks", {
    path: "posts/single-points",
    label: t("单点风险"),
    empty: t("每个岗位都有可顶岗的B角"),
    prefix: "r.",
    params: () => ({ area }),
    rowKey: (row) => row.post,
    onOpen: (row) => openPost(row.post, titleOf(row)),
    columns: [
      { key: "name", render: nameOf },
      { key: "area_name", render: placeOf },
      { key: "holder_label", render: (row) => personLink(row.holder) },
      {
        key: "why",
        render: (row) =>
          h(
            "span",
            { class: "state-mark", data: { state: row.why === "shared" ? "OPEN" : "VACANT" } },
            either(row, "why") || row.why,
          ),
      },
      {
        key: "shared_with",
        render: (row) =>
          row.shared_with?.length
            ? h(
                "ul",
                { class: "tight" },
                row.shared_with.map((/** @type {string} */ name) => h("li", {}, name)),
              )
            : "—",
      },
      SEQ,
    ],
  });
}

// --- a new post --------------------------------------------------------------------

const people = new Line($("define-line"), { first: "A" });
const define = new Sheet("define", {
  check: () => people.ids.length || refuse("chain", t("请至少选择一人")),
  target: ({ area: code, site, kind, number, name, reach, reason }) => ({
    path: "posts",
    body: {
      posts: [
        {
          area: code,
          kind,
          chain: people.ids,
          ...(site && { site }),
          ...(number && { number: Number(number) }),
          ...(name && { name }),
          ...(reach && { reach }),
        },
      ],
      reason,
    },
  }),
});
fillSelect($("define-kind"), optionsOf(POST_KINDS));
$("open-define").hidden = !may("post.define");
$("open-define").addEventListener("click", async () => {
  define.open(null, { values: { area } });
  people.open();
  const board = await scope;
  $("define-sites").replaceChildren(...(board?.sites ?? []).map((site) => h("option", { value: site.id }, site.name)));
});

bindTabs({ all: [all, true], risks: [risks, true] });
follow(() => drawer.again()); // a look at a post is not recorded, unlike one at a person

const wanted = new URLSearchParams(location.search).get("post") ?? "";
if (ID.test(wanted)) openPost(wanted, "");
