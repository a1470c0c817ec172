import { answerCard } from "./answer.js";
import { get } from "./api.js";
import { line, list, nothing, receiptPart, SEQ, View } from "./console.js";
import { refuse, Sheet, sayFailure } from "./deciding.js";
import { $, $all, h, setText } from "./dom.js";
import { count, hazardOf, levelOf, names, span } from "./fmt.js";
import { fresh } from "./following.js";
import { english, t } from "./i18n.js";
import { given, home, hrefOf, may, pathOf, user } from "./page.js";
import { AreaPicker } from "./picker.js";
import { ADDRESSED, badge, HAZARDS, ORDER_STATES, roleOf, SIGNING, word } from "./words.js";

const MINUTE_MS = 60000;
const PAST_SHOWN = 12;
const ISSUING = [...SIGNING, "street-staff"];

// --- addressed to me ---------------------------------------------------------------

new View("mine", {
  fetch: (signal) => get("orders/mine", fresh(), signal),
  render: ({ rows }) => {
    const open = rows.filter((row) => row.my_state !== "DONE" && row.state === "STANDING");
    const past = rows.filter((row) => !open.includes(row));
    setText($("mine-total"), open.length ? count(open.length) : "");
    $("mine-panel").hidden = !rows.length && may("order.issue"); // who only issues has nothing to answer
    return [
      open.length
        ? h(
            "ul",
            { class: "cards" },
            open.map((row) => answerCard(row)),
          )
        : nothing(t("没有等您办理的指令")),
      past.length > 0 &&
        h(
          "details",
          { class: "past-ones" },
          h("summary", {}, t("已了结{n}条", { n: past.length })),
          h(
            "ul",
            { class: "cards" },
            past.slice(0, PAST_SHOWN).map((row) => answerCard(row)),
          ),
        ),
    ];
  },
});

// --- all of them -------------------------------------------------------------------

/**
 * How many have acknowledged, as a bar with its numbers.
 * @param {Row} row
 */
const progress = (row) =>
  h(
    "span",
    { class: "share num" },
    h(
      "span",
      { class: "share-bar", "aria-hidden": "true" },
      h("i", { style: { width: `${row.recipients ? (row.acknowledged * 100) / row.recipients : 0}%` } }),
    ),
    `${count(row.acknowledged)} / ${count(row.recipients)}`,
  );

const all = list("all", {
  path: "orders",
  label: t("指令"),
  empty: t("还没有指令"),
  params: () => ({ area: home }),
  rowHref: (row) => hrefOf("orders", row.id),
  columns: [
    "title",
    "scope_names",
    "roles",
    { key: "acknowledged", kind: "text", render: progress },
    {
      key: "missing",
      render: (row) => (row.missing ? h("strong", { class: row.late ? "late-badge" : "" }, count(row.missing)) : "0"),
    },
    "done",
    {
      key: "state",
      render: (row) => [
        badge(ORDER_STATES, row.state),
        row.late && row.state === "STANDING" ? h("span", { class: "late-badge" }, t("逾期")) : null,
      ],
    },
    "issued_at",
    SEQ,
  ],
  filters: [
    "state",
    {
      column: "late",
      label: t("时限"),
      options: [
        { value: "true", label: t("逾期") },
        { value: "false", label: t("未逾期") },
      ],
    },
  ],
});

// --- issuing -----------------------------------------------------------------------

/** @type {Record<number, string>} */
const LEVELS = { 2: "province", 4: "city", 6: "district", 9: "street", 12: "community" };

/** The tree begins at the area the reader may give orders in; a role is held for a path, which is a code without its zeros. */
function rootOf() {
  const held = (user?.grants ?? []).find((grant) => ISSUING.includes(grant.role) && grant.area);
  return held
    ? { code: held.area.padEnd(12, "0"), name: held.area_name || held.area, level: LEVELS[held.path?.length] ?? "" }
    : { code: home, name: given.world?.name || home, level: "" };
}
const root = rootOf();
const picker = new AreaPicker($("issue-scope"), { root });
const rolesChosen = () => $all($("issue-roles"), "input:checked", HTMLInputElement).map((box) => box.value);
/** @param {string[]} list */
const joined = (list) => list.join(english ? ", " : "、");

$("issue-roles").replaceChildren(
  ...ADDRESSED.map((role) =>
    h("label", {}, h("input", { type: "checkbox", name: "roles", value: role }), h("span", {}, roleOf(role))),
  ),
);

const issue = new Sheet("issue", {
  check({ emergency, basis }) {
    if (!picker.scope.length) refuse("scope", t("请选择至少一个区域"));
    if (!rolesChosen().length) refuse("roles", t("请选择至少一类接收人"));
    if (!emergency && !basis) refuse("basis", t("不属于应急响应的须写明依据。"));
  },
  /** @returns {Restated} */
  restate(values) {
    /** @param {string} minutes */
    const limit = (minutes) => (Number(minutes) ? span(Number(minutes) * MINUTE_MS) : t("不限时"));
    const out = picker.excluded.length
      ? t("（不含{names}）", {
          names: names(
            picker.excluded.map((area) => area.name),
            8,
          ),
        })
      : "";
    /** @param {string} name */
    const chosen = (name) => $(`issue-${name}`, HTMLSelectElement).selectedOptions[0]?.textContent ?? "";
    return {
      sentence: t("将向{scope}{out}的{roles}下达指令“{title}”。", {
        scope: names(
          picker.scope.map((area) => area.name),
          8,
        ),
        out,
        roles: joined(rolesChosen().map(roleOf)),
        title: values.title,
      }),
      points: [
        [t("内容"), values.text],
        [t("签收时限"), limit(values.ack_minutes)],
        [t("办结时限"), limit(values.done_minutes)],
        values.emergency && [t("所属应急响应"), chosen("emergency")],
        values.corrects && [t("更正了"), chosen("corrects")],
        values.basis && [t("依据"), values.basis],
      ],
    };
  },
  target: ({ title, text, ack_minutes: ack, done_minutes: done, emergency = "", corrects = "", basis = "" }) => ({
    path: "orders",
    body: {
      title,
      text,
      scope: picker.scope.map((area) => area.code),
      excluded: picker.excluded.map((area) => area.code),
      roles: rolesChosen(),
      ack_minutes: Number(ack),
      done_minutes: Number(done),
      emergency,
      corrects,
      basis,
    },
  }),
  receipt: (answer) =>
    receiptPart(answer, [line(t("指令编号"), h("a", { href: hrefOf("orders", answer.order) }, answer.order))]),
  done: () => all.refresh(),
});

/**
 * @param {string} select
 * @param {string} none
 * @param {[value: string, label: string][]} rows
 */
const options = (select, none, rows) =>
  $(select).replaceChildren(
    h("option", { value: "" }, none),
    ...rows.map(([value, label]) => h("option", { value }, label)),
  );

/** What an order can belong to, and which one it can correct. */
async function fillChoices() {
  const [emergencies, orders] = await Promise.all([
    get("emergencies", { "f.state": "ACTIVE", size: 200 }),
    get("orders", { area: home, "f.state": "STANDING", size: 200 }),
  ]);
  options(
    "issue-emergency",
    t("不属于应急响应"),
    emergencies.rows.map((row) => [
      row.id,
      `${row.hazard_zh ? hazardOf(row) : word(HAZARDS, row.hazard)} ${levelOf(row.level)} · ${row.matter}`,
    ]),
  );
  options(
    "issue-corrects",
    t("不更正"),
    orders.rows.map((row) => [row.id, row.title]),
  );
}

/** @type {{ old: Row | null } | null} */ let wanted = null; // asked for while there was no line
addEventListener("online", () => wanted && openIssue(wanted.old));

/**
 * Open the form; `old`: the order it shall correct.
 * @param {Row | null} old
 */
async function openIssue(old) {
  try {
    await fillChoices();
  } catch (error) {
    if (!navigator.onLine) wanted = { old };
    return sayFailure(error);
  }
  wanted = null;
  /** @param {string} due */
  const minutes = (due) =>
    old?.[due] ? Math.max(1, Math.round((Date.parse(old[due]) - Date.parse(old.issued_at)) / MINUTE_MS)) : null;
  issue.open(old, {
    said: old ? t("更正“{title}”：原指令不再有效，接收人须重新签收。", { title: old.title }) : "",
    values: old
      ? {
          title: old.title,
          text: old.text,
          emergency: old.emergency ?? "",
          corrects: old.id,
          basis: old.basis ?? "",
          ack_minutes: minutes("ack_due_at") ?? 0,
          done_minutes: minutes("done_due_at") ?? 0,
        }
      : {},
  });
  for (const box of $("issue-roles").querySelectorAll("input")) box.checked = (old?.roles ?? []).includes(box.value);
  picker.open(old?.scope ?? []);
}

$("open-issue").hidden = !may("order.issue");
$("open-issue").addEventListener("click", () => openIssue(null));

const corrects = new URLSearchParams(location.search).get("corrects");
if (corrects && may("order.issue")) {
  const url = new URL(location.href);
  url.searchParams.delete("corrects");
  history.replaceState(null, "", url);
  get(pathOf("orders", corrects)).then(openIssue, sayFailure);
}
