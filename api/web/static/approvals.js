import { get } from "./api.js";
import { line, list, nothing, SEQ, until, View } from "./console.js";
import { Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { count, levelOf, names, near } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { hrefOf, may, now, pathOf } from "./page.js";
import { badge, GLASS_STATES, LEVELS } from "./words.js";

const MOST = 200;
const levels = LEVELS.map((level) => ({ value: level, label: levelOf(level) }));
/** @param {string} level */
const levelMark = (level) => h("span", { class: "level-mark", data: { level } }, levelOf(level));

/**
 * A proposal as a card: what, how grave, who, until when.
 * @param {Row} row
 * @param {string} label
 */
function card(row, label) {
  return h(
    "li",
    { class: "card-item", data: { proposal: row.id, level: row.level } },
    h("p", { class: "card-top" }, row.level && levelMark(row.level), h("strong", { class: "said" }, either(row))),
    h(
      "dl",
      { class: "facts short" },
      line(t("提议人"), `${row.proposer_name || row.proposer} · ${either(row, "role")}`),
      line(
        t("范围"),
        names(
          (row.places ?? []).map((/** @type {Row} */ place) => place.name),
          6,
        ),
      ),
      line(t("依据"), row.basis),
      line(t("到期"), until(row.expires_at), h("span", { class: "dim num" }, ` ${near(row.expires_at, now())}`)),
    ),
    h(
      "p",
      { class: "card-do" },
      h("a", { class: "button primary", href: hrefOf("approvals", row.id), data: { key: `open-${row.id}` } }, label),
    ),
  );
}

/**
 * @param {string} name
 * @param {Row[]} rows
 * @param {(row: Row) => Child} draw
 * @param {string} empty
 */
function queue(name, rows, draw, empty) {
  setText($(`${name}-total`), rows.length ? count(rows.length) : "");
  return rows.length ? h("ul", { class: "cards" }, rows.map(draw)) : nothing(empty);
}

/** @param {Row} answer */
function waiting(answer) {
  const soonest = [...answer.rows].sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at));
  const own = soonest.filter((row) => row.mine);
  $("own-panel").hidden = !own.length;
  $("own").replaceChildren(queue("own", own, (row) => card(row, t("查看或撤回")), ""));
  return queue(
    "waiting",
    soonest.filter((row) => row.may_decide && !row.mine),
    (row) => card(row, t("查看并处理")),
    t("没有等您批准的提议"),
  );
}

const review = new Sheet("review", {
  target: ({ confirmed, reason }, glass) => ({
    path: pathOf("glasses", glass.id, "review"),
    body: { confirmed: confirmed === "yes", reason },
  }),
});

/** @param {Row} row */
const glassSays = (row) =>
  t("{who}单人作出：{action} {level}", {
    who: row.account_name || row.account,
    action: either(row, "action"),
    level: row.level ? levelOf(row.level) : "",
  });

/** @param {Row} row */
function glassCard(row) {
  return h(
    "li",
    { class: "card-item", data: { glass: row.id, level: row.level }, "data-overdue": row.overdue },
    h("p", { class: "card-top" }, row.level && levelMark(row.level), h("strong", { class: "said" }, glassSays(row))),
    h(
      "dl",
      { class: "facts short" },
      line(t("角色"), either(row, "role")),
      line(t("理由"), row.reason),
      line(t("时间"), near(row.broken_at, now())),
      line(t("复核期限"), until(row.review_due_at)),
    ),
    h(
      "p",
      { class: "card-do" },
      h(
        "a",
        { class: "button", href: hrefOf("emergencies", row.emergency), data: { key: `to-${row.id}` } },
        t("查看响应"),
      ),
      row.may_review &&
        may("glass.review") &&
        h(
          "button",
          {
            type: "button",
            class: "primary",
            data: { review: row.id, key: `review-${row.id}` },
            onclick: () => review.open(row, { said: glassSays(row) }),
          },
          t("复核"),
        ),
    ),
  );
}

new View("waiting", {
  fetch: (signal) => get("approvals", { "f.state": "OPEN", size: MOST, ...fresh() }, signal),
  render: waiting,
});
new View("glasses", {
  fetch: (signal) => get("glasses", { "f.state": "OPEN", size: MOST, ...fresh() }, signal),
  render: ({ rows }) => {
    $("glasses-panel").hidden = !rows.length;
    return queue(
      "glasses",
      [...rows].sort((a, b) => Number(b.may_review) - Number(a.may_review)),
      glassCard,
      "",
    );
  },
});

list("history", {
  path: "approvals",
  label: t("提议"),
  empty: t("还没有提议"),
  rowHref: (row) => hrefOf("approvals", row.id),
  columns: [
    { key: "zh", render: (row) => either(row) },
    {
      key: "level",
      render: (row) => (row.level ? levelOf(row.level) : "—"),
    },
    "state",
    "proposer_name",
    "proposed_at",
    "decided_by_name",
    "decided_at",
    SEQ,
  ],
  filters: ["state", { column: "level", options: levels }],
});

list("reviews", {
  path: "glasses",
  label: t("单人处置"),
  empty: t("没有单人处置"),
  prefix: "g.",
  rowHref: (row) => hrefOf("emergencies", row.emergency),
  columns: [
    {
      key: "action",
      render: (row) => `${either(row, "action")} ${row.level ? levelOf(row.level) : ""}`,
    },
    "account_name",
    "reason",
    "broken_at",
    {
      key: "state",
      render: (row) => [
        badge(GLASS_STATES, row.state),
        row.overdue && h("span", { class: "late-badge" }, t("复核逾期")),
      ],
    },
    "reviewer_name",
    "review_reason",
    SEQ,
  ],
  filters: ["state"],
});
