import { list, SEQ } from "./console.js";
import { decide, decisionOf } from "./decide.js";
import { Sheet } from "./deciding.js";
import { $, h, setText } from "./dom.js";
import { count } from "./fmt.js";
import { hoursOf, times } from "./hours.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { area, scope } from "./scope.js";

/**
 * What can be decided about a time: what its author saw goes along.
 * @param {Row} row
 * @param {(() => unknown) | undefined} [done]
 */
export function rulings(row, done) {
  if (!may("hours.certify")) return [];
  if (row.own) return [h("span", { class: "dim" }, t("须由他人认定"))];
  const given = { stretch: row.id, expected: row.expected };
  const said = t("{who}在{where}服务 {times}", { who: row.person_label, where: row.community_name, times: times(row) });
  const part = t("{said}；起止留空则全部认定，也可只认定其中一段。", { said });
  /** @param {string} name */
  const button = (name, kind = "") =>
    h(
      "button",
      {
        type: "button",
        class: kind,
        data: { act: name, key: `${name}-${row.id}` },
        onclick: () => decide(`checkin.${name}`, { given, said: name === "certify" ? part : said, done }),
      },
      decisionOf(`checkin.${name}`),
    );
  if (row.waits === "HOME") return [button("recognise", "primary")];
  return [button("certify", row.waits ? "primary" : ""), " ", row.state !== "REFUSED" && button("refuse")];
}

/** Hours that wait (待认定时长): claims of service here, and what elsewhere has certified of who lives here. */
export function claims() {
  /** @type {Row[]} */ let shown = [];
  const all = $("certify-all-open", HTMLButtonElement);
  const sheet = new Sheet("certify-all", {
    target: ({ reason }, rows) => ({
      path: "checkins/claims/certify",
      body: {
        claims: rows.map((/** @type {Row} */ row) => ({ stretch: row.id, expected: row.expected })),
        ...(reason && { reason }),
      },
    }),
  });
  const open = () => shown.filter((row) => row.waits === "ORGANISER" && !row.own);
  all.addEventListener("click", () => {
    const rows = open();
    const minutes = rows.reduce((sum, row) => sum + row.minutes, 0);
    sheet.open(rows, {
      said: t("将按申报全部认定本页{n}段，共{span}。", { n: count(rows.length), span: hoursOf(minutes) }),
    });
  });
  const record = $("record-service");
  record.hidden = !may("checkin.record");
  record.addEventListener("click", async () => {
    const board = await scope;
    decide("checkin.service", {
      given: board?.area.level === "community" ? { community: board.area.code } : {},
      said: t("人员编号（h-…）在本人手机的“值守”页上，外社区的人也可登记。"),
    });
  });
  list("claims", {
    path: "checkins/claims",
    label: t("待认定时长"),
    empty: t("没有待认定或待互认的时长。"),
    prefix: "h.",
    params: () => ({ area }),
    onPage: ({ rows }) => {
      shown = rows;
      const n = open().length;
      all.hidden = !may("hours.certify") || !n;
      setText(all, t("认定本页全部（{n}段）", { n: count(n) }));
    },
    columns: [
      { key: "person_label", render: (row) => row.person_label },
      "community_name",
      { key: "since", render: times },
      { key: "minutes", render: (row) => hoursOf(row.minutes) },
      { key: "waits", render: (row) => either(row, "waits") },
      "what",
      "source",
      "by_name",
      SEQ,
      { key: "do", label: t("操作"), kind: "text", render: (row) => rulings(row) },
    ],
    filters: ["waits"],
  });
}
