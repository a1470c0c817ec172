import { answerCard } from "./answer.js";
import { base, get } from "./api.js";
import { line, list, nothing, SEQ, seqButton, until, View } from "./console.js";
import { act, Sheet } from "./deciding.js";
import { $, $in, h, swap } from "./dom.js";
import { count, near, time } from "./fmt.js";
import { fresh, one } from "./following.js";
import { either, t } from "./i18n.js";
import { hrefOf, id, may, now, pathOf } from "./page.js";
import { ADDRESSED, ANSWER_STATES, badge, FOR_STATES, ORDER_STATES, roleOf, word } from "./words.js";

const path = pathOf("orders", id);
/** @type {Row} */ let order;
let listed = false;

const withdraw = new Sheet("withdraw", { target: ({ reason }) => ({ path: `${path}/withdraw`, body: { reason } }) });

function actions() {
  const standing = order.state === "STANDING";
  return standing
    ? [
        order.missing > 0 &&
          may("order.remind") &&
          h(
            "button",
            {
              type: "button",
              class: "primary",
              id: "remind",
              data: { key: "remind" },
              onclick: (event) => act(event.currentTarget, `${path}/remind`),
            },
            t("催办未签收的{n}人", { n: count(order.missing) }),
          ),
        may("order.issue") &&
          h(
            "a",
            {
              class: "button",
              id: "correct",
              href: `${base}/orders?corrects=${encodeURIComponent(order.id)}`,
              data: { key: "correct" },
            },
            t("更正"),
          ),
        may("order.withdraw") &&
          h(
            "button",
            {
              type: "button",
              id: "withdraw-open",
              data: { key: "withdraw" },
              onclick: () => withdraw.open(order, { said: order.title }),
            },
            t("撤销"),
          ),
      ]
    : [];
}

function text() {
  return [
    h(
      "p",
      { class: "tags" },
      badge(ORDER_STATES, order.state),
      order.late && order.state === "STANDING" && h("span", { class: "late-badge" }, t("逾期")),
      seqButton(order.seq),
      order.reminded_at && h("span", { class: "dim" }, t("已于{time}催办", { time: near(order.reminded_at, now()) })),
    ),
    h("p", { class: "order-body large" }, order.text),
    h(
      "dl",
      { class: "facts" },
      line(t("下达"), `${order.by_name} · ${either(order, "role")} · ${time(order.issued_at, "full")}`),
      line(t("范围"), order.scope_names),
      line(t("下达给"), either(order, "roles")),
      order.ack_due_at &&
        line(t("签收时限"), time(order.ack_due_at, "full"), " ", order.missing > 0 && until(order.ack_due_at)),
      order.done_due_at &&
        line(
          t("办结时限"),
          time(order.done_due_at, "full"),
          " ",
          order.done < order.recipients && until(order.done_due_at),
        ),
      order.emergency &&
        line(t("所属应急响应"), h("a", { href: hrefOf("emergencies", order.emergency) }, order.emergency)),
      line(t("依据"), order.basis),
      line(t("撤销理由"), order.withdrawn_reason),
      order.corrects && line(t("更正了"), h("a", { href: hrefOf("orders", order.corrects) }, order.corrects)),
      order.corrected_by &&
        line(t("已由此更正"), h("a", { href: hrefOf("orders", order.corrected_by) }, order.corrected_by)),
    ),
  ];
}

/** Streets, those with somebody missing first; each leads to its recipients. */
function missing() {
  /**
   * @param {string} name
   * @param {string} label
   * @param {number} value
   * @param {boolean} [strong]
   */
  const total = (name, label, value, strong) =>
    h(
      "div",
      { data: { total: name }, "data-some": strong && value > 0 },
      h("dt", {}, label),
      h("dd", { class: "num" }, count(value)),
    );
  /** @param {Row} row */
  const street = (row) =>
    h(
      "li",
      { data: { street: row.code, missing: row.missing } },
      h(
        "a",
        {
          href: `?f.street=${encodeURIComponent(row.code)}${row.missing ? "&f.state=OPEN" : ""}#recipients-title`,
          data: { key: `street-${row.code}` },
        },
        h("span", { class: "name" }, row.name),
        h("strong", { class: "num" }, row.missing ? t("缺{n}", { n: count(row.missing) }) : t("已齐")),
        h(
          "span",
          { class: "dim num" },
          t("签收{a}/{r}，办结{d}", { a: count(row.acknowledged), r: count(row.recipients), d: count(row.done) }),
          row.spoken_for ? t("；代答{n}，本级未答复", { n: count(row.spoken_for) }) : "",
        ),
      ),
    );
  const streets = order.by_street ?? [];
  return [
    h(
      "dl",
      { class: "totals", id: "totals" },
      total("missing", t("未签收"), order.missing, true),
      total("acknowledged", t("已签收"), order.acknowledged),
      order.spoken_for > 0 && total("spoken_for", t("代答（本级未答复）"), order.spoken_for),
      total("done", t("已办结"), order.done),
      total("recipients", t("接收人"), order.recipients),
    ),
    streets.length ? h("ul", { class: "streets" }, streets.map(street)) : nothing(t("没有接收人")),
  ];
}

/** The list waits for the streets: they are one of its filters. */
function listRecipients() {
  if (listed) return;
  listed = true;
  list("recipients", {
    path: `${path}/recipients`,
    label: t("接收人"),
    empty: t("没有接收人"),
    rowKey: (row) => `${row.area}/${row.role}`,
    columns: [
      "area_name",
      "street_name",
      "role",
      {
        key: "state",
        render: (row) => [
          badge(ANSWER_STATES, row.state),
          row.for_state
            ? h(
                "small",
                { class: "dim", data: { for: row.for_state } },
                t("{what}：{name}（{role}）{time}", {
                  what: word(FOR_STATES, row.for_state),
                  name: row.for_by_name,
                  role: either(row, "for_role"),
                  time: time(row.for_at, "short"),
                }),
              )
            : null,
          row.late ? h("span", { class: "late-badge" }, t("逾期")) : null,
        ],
      },
      "acknowledged_at",
      "acknowledged_by_name",
      "done_at",
      "done_by_name",
      "note",
      {
        key: "corrected_why",
        render: (row) =>
          row.corrected_at && [
            row.corrected_why,
            h("small", { class: "dim" }, `${row.corrected_by_name} ${time(row.corrected_at, "short")}`),
          ],
      },
      SEQ,
    ],
    filters: [
      "state",
      {
        column: "street",
        label: t("街镇"),
        options: (order.by_street ?? []).map((/** @type {Row} */ row) => ({ value: row.code, label: row.name })),
      },
      { column: "role", options: ADDRESSED.map((role) => ({ value: role, label: roleOf(role) })) },
    ],
  });
}

new View("missing", {
  fetch: (signal) => one("orders", path, signal),
  render(answer) {
    order = answer;
    $in(document, "main h1").textContent = order.title;
    swap($("order-actions"), actions());
    swap($("order-text"), text());
    listRecipients();
    return missing();
  },
});

new View("mine", {
  fetch: (signal) => get("orders/mine", fresh(), signal),
  render: ({ rows }) => {
    const mine = rows.filter((row) => row.id === id);
    return mine.length
      ? h(
          "section",
          { class: "panel urgent", "aria-label": t("下达给我的") },
          h(
            "ul",
            { class: "cards" },
            mine.map((row) => answerCard(row, { open: true })),
          ),
        )
      : [];
  },
});
