import { actions, button } from "./access_parts.js";
import { list } from "./console.js";
import { act, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { either, t } from "./i18n.js";
import { may, pathOf } from "./page.js";

export function accounts() {
  /** @param {Row} row */
  const said = (row) => `${row.name} (${row.account})`;
  const add = new Sheet("account", {
    target: ({ account, name }) => ({
      path: "accounts",
      body: { account, name, password: $("account-password", HTMLInputElement).value },
    }),
  });
  const password = new Sheet("password", {
    target: (_values, row) => ({
      path: pathOf("accounts", row.account, "password"),
      body: { password: $("password-password", HTMLInputElement).value },
    }),
  });
  const disable = new Sheet("disable", {
    target: (_values, row) => ({ path: pathOf("accounts", row.account, "disable"), body: {} }),
  });
  $("open-account").hidden = !may("account.manage");
  $("open-account").addEventListener("click", () => add.open());
  list("accounts", {
    path: "accounts",
    label: t("账号"),
    empty: t("还没有账号"),
    prefix: "a.",
    rowKey: (row) => row.account,
    columns: [
      "account",
      "name",
      { key: "roles_zh", render: (row) => either(row, "roles") || "—" },
      "sessions",
      {
        key: "disabled",
        label: t("状态"),
        render: (row) => [
          row.disabled
            ? h("span", { class: "state-mark", data: { state: "REVOKED" } }, t("已停用"))
            : h("span", { class: "state-mark", data: { state: "ACTIVE" } }, t("可登录")),
          row.demo ? h("span", { class: "state-mark" }, t("演示")) : null,
        ],
      },
      ...(may("account.manage")
        ? [
            {
              key: "do",
              label: t("操作"),
              kind: "text",
              /** @param {Row} row */
              render: (row) =>
                actions(
                  button(`password ${row.account}`, t("重设密码"), () => password.open(row, { said: said(row) })),
                  row.disabled
                    ? button(`enable ${row.account}`, t("启用"), (event) =>
                        act(event.currentTarget, pathOf("accounts", row.account, "enable")),
                      )
                    : button(`disable ${row.account}`, t("停用"), () =>
                        disable.open(row, {
                          said: t("{who}将不能登录，现有会话立即结束；授权不变。", { who: said(row) }),
                        }),
                      ),
                ),
            },
          ]
        : []),
    ],
    filters: [
      {
        column: "disabled",
        options: [
          { value: "false", label: t("可登录") },
          { value: "true", label: t("已停用") },
        ],
      },
    ],
  });
}

export function sessions() {
  const end = new Sheet("session", {
    target: (_values, row) => ({ path: pathOf("sessions", row.id), body: null }),
    done: (_answer, row) => {
      if (row.mine) location.reload();
    },
  });
  list("sessions", {
    path: "sessions/all",
    label: t("会话"),
    empty: t("没有会话"),
    prefix: "s.",
    columns: [
      {
        key: "name",
        render: (row) => [row.name, row.mine ? h("span", { class: "state-mark" }, t("本次")) : null],
      },
      "account",
      "created_at",
      "expires_at",
      "peer",
      {
        key: "agent",
        render: (row) => h("span", { class: "agent" }, row.agent || "—"),
      },
      {
        key: "do",
        label: t("操作"),
        kind: "text",
        render: (row) =>
          actions(
            button(`end ${row.id}`, t("结束"), () =>
              end.open(row, { said: `${row.name} (${row.account}) · ${row.peer}` }),
            ),
          ),
      },
    ],
  });
}

export function tokens() {
  const revoke = new Sheet("drop", { target: (_values, row) => ({ path: pathOf("tokens", row.id), body: null }) });
  list("tokens", {
    path: "tokens/all",
    label: t("接口令牌"),
    empty: t("还没有令牌"),
    prefix: "t.",
    columns: [
      "name",
      "account_name",
      "account",
      "scope",
      "created_at",
      "expires_at",
      {
        key: "do",
        label: t("操作"),
        kind: "text",
        render: (row) =>
          actions(
            button(`revoke ${row.id}`, t("撤销"), () =>
              revoke.open(row, {
                said: t("{who} 的令牌“{name}”将立即失效。", {
                  who: `${row.account_name} (${row.account})`,
                  name: row.name,
                }),
              }),
            ),
          ),
      },
    ],
    filters: ["scope"],
  });
}
