import { newKey, post } from "./api.js";
import { checkin, entry } from "./checkin.js";
import { claims } from "./claims.js";
import { line, list, receiptPart, SEQ } from "./console.js";
import { momentOf, refuse, Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { count, labelOf, names, time } from "./fmt.js";
import { servedOf } from "./hours.js";
import { t } from "./i18n.js";
import { openings } from "./openings.js";
import { may } from "./page.js";
import { openPerson, postLink, stageOf, stateOf } from "./person.js";
import { prints } from "./qr.js";
import { roster } from "./roster.js";
import { area, scope } from "./scope.js";
import { bindTabs } from "./tabs.js";
import { renderWhatIf } from "./whatif.js";
import { boxesOf, CAUSES, fillSelect, optionsOf, SKILLS, tickedIn, word } from "./words.js";

const ID = /^h-[0-9a-f]{12}$/;
const FORESEEN_MS = 60000; // a cascade through thousands of people takes its time
const POSTS_SHOWN = 2;
const NAMED_MOST = 12;

/** @type {List | undefined} */ let people;
/** @type {Row[]} */ let chosen = [];

// --- deciding about several --------------------------------------------------------

/** @param {string} text */
const pasted = (text) => [...new Set(text.split(/[\s,，、;；]+/).filter(Boolean))];

/**
 * @param {Values} values
 * @param {Row[]} rows
 */
const meant = (values, rows) => [...new Set([...(rows ?? []).map((row) => row.id), ...pasted(values.ids ?? "")])];
/** @param {Row[]} rows */
const said = (rows) =>
  rows.length ? t("已选{n}人：{names}", { n: count(rows.length), names: names(rows.map(labelOf), NAMED_MOST) }) : "";
const drop = () => people?.unchoose();

/**
 * @param {Values} values
 * @param {Row[]} rows
 * @param {boolean} whatIf
 */
function asked({ cause, until, reason, ...values }, rows, whatIf) {
  return { people: meant(values, rows), cause, reason, what_if: whatIf, ...(until && { until: momentOf(until) }) };
}

const unavailable = new Sheet("unavailable", {
  check(values, rows) {
    const bad = pasted(values.ids).find((id) => !ID.test(id));
    if (bad) refuse("ids", t("“{id}”不是人员编号", { id: bad }));
    if (!meant(values, rows).length) refuse("ids", t("请选择或粘贴至少一人"));
  },
  foresee: async (values, rows) =>
    renderWhatIf(await post("people/unavailable", asked(values, rows, true), { key: newKey(), limitMs: FORESEEN_MS })),
  restate: (values, rows) => ({
    sentence: t("将登记{n}人不可用（{cause}），下列岗位和包保责任随之一次调整。", {
      n: count(meant(values, rows).length),
      cause: word(CAUSES, values.cause),
    }),
    points: [
      [t("预计至"), values.until ? time(momentOf(values.until), "full") : t("不确定")],
      [t("理由"), values.reason],
    ],
  }),
  target: (values, rows) => ({ path: "people/unavailable", body: asked(values, rows, false) }),
  receipt: (answer) =>
    h(
      "div",
      { class: "stack" },
      receiptPart(answer, [line(t("登记"), t("{n}人", { n: count(answer.people) }))]),
      answer.counts && renderWhatIf(answer),
    ),
  done: drop,
});

const available = new Sheet("available", {
  target: ({ reason }, rows) => ({
    path: "people/available",
    body: { people: rows.map((/** @type {Row} */ row) => row.id), reason },
  }),
  done: drop,
});

fillSelect($("unavailable-cause"), optionsOf(CAUSES));
const ctx = {
  /** @param {Row[]} rows */
  unavailable: (rows) => unavailable.open(rows, { said: said(rows) }),
  /** @param {Row[]} rows */
  available: (rows) =>
    available.open(rows, { said: `${said(rows)} ${t("恢复可用后不会自动回到原岗位，须另行归位。")}` }),
  /** @param {Row} row */
  checkin: (row) => entry(row),
};

/**
 * What can be done with those who are ticked.
 * @param {Row[]} rows
 */
function bar(rows) {
  chosen = rows;
  $("chosen").hidden = !rows.length;
  setText($("chosen-said"), t("已选{n}人", { n: count(rows.length) }));
  $("chosen-unavailable", HTMLButtonElement).disabled = !rows.some((row) => row.available);
  $("chosen-available", HTMLButtonElement).disabled = !rows.some((row) => !row.available);
}

// --- the roster --------------------------------------------------------------------

/** @param {Row} row */
function duties(row) {
  const posts = row.posts ?? [];
  const more = posts.length - POSTS_SHOWN;
  return [
    posts
      .slice(0, POSTS_SHOWN)
      .map((/** @type {Row} */ one, /** @type {number} */ index) => [
        index > 0 && h("br"),
        postLink(one.post, one.name),
      ]),
    more > 0 && ` +${more}`,
    row.packages > 0 &&
      h("span", { class: "dim" }, posts.length ? " · " : "", t("包保{n}", { n: count(row.packages) })),
    !posts.length && !row.packages && "—",
  ].flat(3);
}

function showPeople() {
  people = list("people", {
    path: "people",
    label: t("人员名册"),
    empty: t("名册还是空的，请先导入。"),
    params: () => ({ area }),
    onOpen: (row) => openPerson(row.id, labelOf(row), ctx),
    ...(may("people.availability") && { onChoose: bar, choosable: (row) => !row.state }),
    columns: [
      { key: "label", render: labelOf },
      "phone",
      "unit_name",
      "community_name",
      "skills",
      { key: "cause", label: t("可用"), render: stateOf },
      {
        key: "stage",
        render: (row) => [
          stageOf(row),
          row.provisional ? h("span", { class: "state-mark", data: { state: "OPEN" } }, t("临时")) : null,
        ],
      },
      { key: "posts", label: t("岗位与包保"), kind: "text", render: duties },
      { key: "minutes", label: t("已认定时长"), render: servedOf },
      SEQ,
    ],
    filters: [
      {
        column: "available",
        label: t("可用"),
        options: [
          { value: "true", label: t("可用") },
          { value: "false", label: t("不可用") },
        ],
      },
      "cause",
      "stage",
      {
        column: "provisional",
        label: t("登记"),
        options: [
          { value: "false", label: t("在册") },
          { value: "true", label: t("临时") },
        ],
      },
    ],
  });
}

// --- walk-ups ----------------------------------------------------------------------

const walkup = new Sheet("walkup", {
  target: ({ community, name, phone, source }) => ({
    path: "people/walkups",
    body: { community, name, phone, source, skills: tickedIn($("walkup-skills")) },
  }),
  done: (answer) => openPerson(answer.person, "", ctx),
});
$("walkup-skills").replaceChildren(...boxesOf("skills", SKILLS));
$("open-walkup").hidden = !may("checkin.record");
$("open-walkup").addEventListener("click", async () => {
  walkup.open();
  const board = await scope;
  if (board?.area.level === "community") $("walkup-community", HTMLInputElement).value = board.area.code;
});
$("open-unavailable").hidden = !may("people.availability");
$("open-unavailable").addEventListener("click", () => ctx.unavailable(chosen));
$("chosen-unavailable").addEventListener("click", () => ctx.unavailable(chosen.filter((row) => row.available)));
$("chosen-available").addEventListener("click", () => ctx.available(chosen.filter((row) => !row.available)));
$("chosen-none").addEventListener("click", drop);

bindTabs({
  roster: [showPeople, true],
  checkin: [checkin, true],
  hours: [claims, may("view.people")],
  openings: [openings, true],
  qr: [prints, may("view.people")],
  import: [roster, may("people.import") || may("view.people")],
});

const wanted = new URLSearchParams(location.search).get("person") ?? "";
if (ID.test(wanted)) openPerson(wanted, "", ctx);
