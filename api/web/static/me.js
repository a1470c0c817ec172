import { base, get } from "./api.js";
import { line, nothing, seqButton, until, View } from "./console.js";
import { momentOf, Sheet } from "./deciding.js";
import { $, h, toast } from "./dom.js";
import { time } from "./fmt.js";
import { fresh } from "./following.js";
import { either, t } from "./i18n.js";
import { home, may, pathOf } from "./page.js";
import { badge, fillSelect, GRANT_STATES, optionsOf, TOKEN_SCOPES } from "./words.js";

// --- roles -------------------------------------------------------------------------

/** @param {Row} row */
const said = (row) => `${either(row, "role")} · ${row.area_name || t("全域")}`;
const delegate = new Sheet("delegate", {
  target: ({ account, area, until: end, reason }, row) => ({
    path: "grants/delegate",
    body: { account, grant: row.id, area, until: momentOf(end), reason },
  }),
});

/** @param {Row} row */
async function lend(row) {
  const area = row.area || home;
  delegate.open(row, {
    said: t("委托我的角色：{role}。受托人在期限内以自己的账号行使，记录中注明受谁委托。", { role: said(row) }),
    values: { area },
  });
  try {
    const { areas } = await get(`areas/${encodeURIComponent(area)}/children`);
    $("area-codes").replaceChildren(
      h("option", { value: area }, row.area_name || area),
      ...areas.map((one) => h("option", { value: one.code }, one.name)),
    );
  } catch {
    // the code can be typed without help
  }
}

new View("roles", {
  fetch: (signal) => get("grants/mine", fresh(), signal),
  render: ({ rows }) =>
    rows.length
      ? h(
          "ul",
          { class: "cards" },
          rows.map((row) =>
            h(
              "li",
              { class: "card-item", data: { grant: row.id, state: row.state } },
              h("p", { class: "card-top" }, badge(GRANT_STATES, row.state), h("strong", {}, said(row))),
              h(
                "dl",
                { class: "facts short" },
                line(t("起"), time(row.from, "short")),
                line(
                  t("止"),
                  row.until
                    ? [`${time(row.until, "short")} `, row.state === "ACTIVE" ? until(row.until, false) : null]
                    : t("直到撤销"),
                ),
                line(t("委托人"), row.delegator_name),
                line(t("授权人"), row.given_by_name),
                line(t("依据"), row.basis),
                line(t("记录"), row.seq ? seqButton(row.seq) : null),
              ),
              row.state === "ACTIVE" &&
                !row.delegator &&
                may("grant.delegate") &&
                h(
                  "p",
                  { class: "card-do" },
                  h(
                    "button",
                    { type: "button", data: { delegate: row.id, key: `delegate-${row.id}` }, onclick: () => lend(row) },
                    t("委托他人"),
                  ),
                ),
            ),
          ),
        )
      : nothing(t("您还没有角色。")),
});

// --- sessions ----------------------------------------------------------------------

const end = new Sheet("session", {
  target: (_values, row) => ({ path: pathOf("sessions", row.id), body: null }),
  done: (_answer, row) => {
    if (row.mine) location.assign(`${base}/login`);
  },
});

/**
 * @param {string} key
 * @param {Child} title
 * @param {string} details
 * @param {string} label
 * @param {() => unknown} run
 */
const entry = (key, title, details, label, run) =>
  h(
    "li",
    { class: "entry", data: { entry: key } },
    h("div", {}, h("p", { class: "entry-title" }, title), h("p", { class: "dim small" }, details)),
    h("button", { type: "button", data: { key: `end-${key}` }, onclick: run }, label),
  );

new View("sessions", {
  fetch: (signal) => get("sessions", {}, signal),
  render: ({ rows }) =>
    h(
      "ul",
      { class: "entries" },
      rows.map((row) => {
        const title = [
          row.agent || t("未知设备"),
          row.mine ? h("span", { class: "state-mark", data: { state: "ACTIVE" } }, t("本次")) : null,
        ];
        return entry(
          row.id,
          title,
          t("{peer} · 登录 {from} · 到期 {to}", {
            peer: row.peer || "—",
            from: time(row.created_at, "short"),
            to: time(row.expires_at, "short"),
          }),
          t("结束"),
          () =>
            end.open(row, {
              said: row.mine
                ? t("这是当前会话，结束后须重新登录。")
                : `${row.agent || t("未知设备")} · ${row.peer || "—"}`,
            }),
        );
      }),
    ),
});

// --- tokens ------------------------------------------------------------------------

const drop = new Sheet("drop", { target: (_values, row) => ({ path: pathOf("tokens", row.id), body: null }) });
const token = new Sheet("token", {
  target: ({ name, days, scope }) => ({ path: "tokens", body: { name, days: Number(days), scope } }),
  done(answer) {
    $("secret-value", HTMLInputElement).value = answer.secret;
    $("secret-until").textContent = t("有效期至 {time}", { time: time(answer.expires_at, "full") });
    $("secret", HTMLDialogElement).showModal();
    $("secret-value", HTMLInputElement).select();
  },
});

const own = new Sheet("own-password", {
  target: () => ({
    path: "session/password",
    body: {
      password: $("own-password-password", HTMLInputElement).value,
      another: $("own-password-another", HTMLInputElement).value,
    },
  }),
  done: () => toast(t("密码已更换")),
});
$("open-own-password").addEventListener("click", () => own.open());
if (location.hash === "#password") own.open();

fillSelect($("token-scope"), optionsOf(TOKEN_SCOPES));
$("open-token").addEventListener("click", () => token.open());
// Only the button closes it: what it shows is not shown again.
$("secret").addEventListener("cancel", (event) => event.preventDefault());
$("secret-kept").addEventListener("click", () => {
  $("secret", HTMLDialogElement).close();
});
$("secret").addEventListener("close", () => {
  $("secret-value", HTMLInputElement).value = "";
});
$("copy-secret").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("secret-value", HTMLInputElement).value);
    toast(t("已复制"));
  } catch {
    $("secret-value", HTMLInputElement).select(); // without the right to the clipboard, Ctrl+C does it
  }
});

new View("tokens", {
  fetch: (signal) => get("tokens", {}, signal),
  render: ({ rows }) =>
    rows.length
      ? h(
          "ul",
          { class: "entries" },
          rows.map((row) =>
            entry(
              row.id,
              [row.name, badge(TOKEN_SCOPES, row.scope)],
              t("建立 {from} · 到期 {to}", { from: time(row.created_at, "short"), to: time(row.expires_at, "short") }),
              t("撤销"),
              () => drop.open(row, { said: t("“{name}”将立即失效。", { name: row.name }) }),
            ),
          ),
        )
      : nothing(t("还没有令牌")),
});
