import { accounts, sessions, tokens } from "./access_accounts.js";
import { authority } from "./access_levels.js";
import { actions, button } from "./access_parts.js";
import { get } from "./api.js";
import { line, list, nothing, SEQ, View } from "./console.js";
import { act, momentOf, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { time } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { home, may, pathOf } from "./page.js";
import { bindTabs } from "./tabs.js";
import { ABSENCE_STATES, badge, fillSelect, ROLES, roleOf, SIGNING } from "./words.js";

const OWN = ["member", "service"]; // nobody is granted these
/** @param {string[]} roles */
const pick = (roles) => roles.map((role) => ({ value: role, label: roleOf(role) }));

/** Codes of the areas near by, offered while one is typed. */
async function offerAreas() {
  const { areas } = await get(`areas/${encodeURIComponent(home)}/children`);
  $("area-codes").replaceChildren(...areas.map((area) => h("option", { value: area.code }, area.name)));
}

// --- grants ------------------------------------------------------------------------

function grants() {
  /** @param {Row} row */
  const said = (row) => `${row.account_name} · ${either(row, "role")} · ${row.area_name || t("全域")}`;
  const revoke = new Sheet("revoke", {
    target: ({ basis }, row) => ({ path: pathOf("grants", row.id, "revoke"), body: { account: row.account, basis } }),
  });
  const add = new Sheet("grant", {
    target: ({ account, role, area, from, until, basis }) => ({
      path: "grants",
      body: { account, role, area: area || null, basis, until: momentOf(until), ...(from && { from: momentOf(from) }) },
    }),
  });
  fillSelect($("grant-role"), pick(Object.keys(ROLES).filter((role) => !OWN.includes(role))));
  $("open-grant").hidden = !may("grant.add");
  $("open-grant").addEventListener("click", () => {
    add.open(null, { values: { area: home } });
    offerAreas().catch(() => {});
  });
  list("grants", {
    path: "grants",
    label: t("授权"),
    empty: t("还没有授权"),
    columns: [
      "account_name",
      "account",
      "role",
      { key: "area_name", render: (row) => row.area_name || t("全域") },
      "from",
      {
        key: "until",
        render: (row) => (row.until ? time(row.until, "short") : t("直到撤销")),
      },
      "delegator_name",
      "state",
      "given_by_name",
      "basis",
      SEQ,
      ...(may("grant.revoke")
        ? [
            {
              key: "do",
              label: t("操作"),
              kind: "text",
              /** @param {Row} row */
              render: (row) =>
                ["ACTIVE", "FUTURE"].includes(row.state)
                  ? actions(button(`revoke ${row.id}`, t("撤销"), () => revoke.open(row, { said: said(row) })))
                  : "—",
            },
          ]
        : []),
    ],
    filters: ["state", "role"],
  });
}

function absences() {
  const record = new Sheet("absence", {
    target: ({ role, area, hours, reason }) => ({
      path: "absences",
      body: { role, area, hours: Number(hours), reason },
    }),
  });
  fillSelect($("absence-role"), pick(SIGNING));
  $("open-absence").hidden = !may("absence.record");
  $("open-absence").addEventListener("click", () => {
    record.open(null, { values: { area: home } });
    offerAreas().catch(() => {});
  });
  /** @param {Row} row */
  const card = (row) =>
    h(
      "li",
      { class: "card-item", data: { absence: row.id, state: row.state } },
      h(
        "p",
        { class: "card-top" },
        badge(ABSENCE_STATES, row.state),
        h("strong", {}, `${either(row, "role")} · ${row.area_name}`),
      ),
      h(
        "dl",
        { class: "facts short" },
        line(t("起"), time(row.from, "short")),
        line(t("止"), time(row.until, "short")),
        line(t("理由"), row.reason),
        line(t("登记人"), row.by_name),
      ),
      row.state === "STANDING" &&
        may("absence.record") &&
        h(
          "p",
          { class: "card-do" },
          button(`return ${row.id}`, t("结束缺位"), (event) =>
            act(event.currentTarget, pathOf("absences", row.id, "end")),
          ),
        ),
    );
  new View("absences", {
    fetch: (signal) => get("authority", fresh(), signal),
    render: ({ absences: all = [] }) =>
      all.length
        ? h(
            "ul",
            { class: "cards" },
            [...all].sort((a, b) => Number(b.state === "STANDING") - Number(a.state === "STANDING")).map(card),
          )
        : nothing(t("没有缺位")),
  });
}

// --- tabs --------------------------------------------------------------------------

bindTabs({
  grants: [grants, may("view.grants")],
  authority: [authority, true],
  absences: [absences, true],
  accounts: [accounts, may("account.manage")],
  sessions: [sessions, may("account.manage")],
  tokens: [tokens, may("account.manage")],
});
