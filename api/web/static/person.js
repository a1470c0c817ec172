import { base, get } from "./api.js";
import { rulings } from "./claims.js";
import { drawer, line, seqButton } from "./console.js";
import { refuse, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { historyPart } from "./facts.js";
import { Finder } from "./find.js";
import { count, labelOf, near, time, titleOf } from "./fmt.js";
import { servedOf, stretches } from "./hours.js";
import { either, english, t } from "./i18n.js";
import { may, now, pathOf } from "./page.js";
import { badge, CAUSES, CHECK_IN_STAGES, word } from "./words.js";

/** @param {string[]} list */
const joined = (list) => list.join(english ? ", " : "、");

/**
 * Available or not, and why not.
 * @param {Row} row
 */
export function stateOf(row) {
  if (row.state) return h("span", { class: "state-mark" }, row.state === "MERGED" ? t("已合并") : t("已注销"));
  if (row.available) return t("可用"); // what is as it should be does not stand out
  return [
    h("span", { class: "state-mark", data: { state: "VACANT" } }, either(row, "cause") || word(CAUSES, row.cause)),
    row.until ? h("span", { class: "dim num" }, ` ${t("至{time}", { time: near(row.until, now()) })}`) : null,
  ];
}

/** @param {Row} row */
export const stageOf = (row) => [
  badge(CHECK_IN_STAGES, row.stage),
  row.partial ? h("span", { class: "state-mark", data: { state: "OPEN" } }, t("部分到位")) : null,
];

/**
 * Somebody, as the reader may know them; it leads to more.
 * @param {Row} one
 */
export function personLink(one, none = "—") {
  if (!one) return none;
  const link = may("view.people")
    ? h(
        "a",
        { href: `${base}/people?person=${encodeURIComponent(one.id)}`, data: { key: `person-${one.id}` } },
        labelOf(one),
      )
    : labelOf(one);
  return one.available === false
    ? [
        link,
        " ",
        h("span", { class: "state-mark", data: { state: "VACANT" } }, either(one, "cause") || word(CAUSES, one.cause)),
      ]
    : link;
}

/**
 * @param {string} id
 * @param {string} name
 */
export const postLink = (id, name) => h("a", { href: `${base}/posts?post=${encodeURIComponent(id)}` }, name);

// --- decisions about one -----------------------------------------------------------

const again = () => drawer.again();
/** @type {Finder} */ let into; // whom somebody is merged into
/** @type {ReturnType<typeof makeSheets>} */ let sheets;

function bindSheets() {
  sheets ??= makeSheets();
  return sheets;
}

function makeSheets() {
  into = new Finder($("merge-into"), { label: t("并入谁") });
  return {
    merge: new Sheet("merge", {
      check: () => into.value ?? refuse("into", t("请选择并入谁")),
      target: ({ reason }, row) => ({
        path: pathOf("people", row.id, "merge"),
        body: { into: into.id, reason },
      }),
      done: again,
    }),
    forget: new Sheet("forget", {
      target: ({ reason }, row) => ({
        path: pathOf("people", row.id, "forget"),
        body: { reason, password: $("forget-password", HTMLInputElement).value },
      }),
      done: again,
    }),
    account: new Sheet("account", {
      target: ({ account }, row) => ({
        path: pathOf("people", row.id, "account"),
        body: { account, password: $("account-password", HTMLInputElement).value },
      }),
      done: again,
    }),
  };
}

/**
 * @param {Row} row
 * @param {PersonContext} ctx
 */
function actions(row, ctx) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h("button", { type: "button", class: kind, data: { act: name, key: `do-${name}` }, onclick: run }, label);
  const own = bindSheets();
  const parts = row.state
    ? []
    : [
        may("people.availability") &&
          (row.available
            ? button("unavailable", t("登记不可用"), () => ctx.unavailable([row]))
            : button("available", t("恢复可用"), () => ctx.available([row]), "primary")),
        may("checkin.record") && button("checkin", t("补录报到"), () => ctx.checkin(row)),
        may("people.bind") &&
          !row.account &&
          button("account", t("开通账号"), () => own.account.open(row, { said: labelOf(row) })),
        may("people.merge") &&
          button("merge", t("合并重复"), () => {
            own.merge.open(row, {
              said: t("{name}的记录将并入所选的人，岗位和责任一并转过去。", { name: labelOf(row) }),
            });
            into.set(null);
          }),
        may("people.forget") && button("forget", t("注销个人信息"), () => own.forget.open(row, { said: labelOf(row) })),
      ].filter(Boolean);
  return parts.length > 0 && h("p", { class: "drawer-acts" }, parts);
}

/**
 * @param {Child[]} items
 * @param {string} none
 */
const listed = (items, none) =>
  items.length
    ? h(
        "ul",
        { class: "tight" },
        items.map((item) => h("li", {}, item)),
      )
    : h("span", { class: "dim" }, none);

/** @param {Row} row */
function trainings(row) {
  return listed(
    (row.trainings ?? []).map((/** @type {Row} */ one) => [
      either(one),
      " ",
      one.valid
        ? h(
            "span",
            { class: "dim" },
            one.until ? t("有效至{time}", { time: time(one.until, "full").slice(0, 10) }) : t("长期有效"),
          )
        : h("span", { class: "state-mark", data: { state: "VACANT" } }, t("已过期")),
    ]),
    t("没有培训记录"),
  );
}

/**
 * @param {Row} row
 * @param {PersonContext} ctx
 */
function personPart(row, ctx) {
  return [
    h(
      "p",
      { class: "tags" },
      stateOf(row),
      stageOf(row),
      row.provisional && h("span", { class: "state-mark", data: { state: "OPEN" } }, t("临时登记")),
      seqButton(row.seq),
    ),
    actions(row, ctx),
    h(
      "dl",
      { class: "facts" },
      line(t("编号"), h("span", { class: "hash" }, row.id)),
      line(t("手机"), row.phone ? h("a", { href: `tel:${row.phone}` }, row.phone) : row.state ? t("已销毁") : ""),
      line(t("单位"), row.unit_name),
      line(
        t("居住地"),
        joined(
          [row.community_name, row.residence_name].filter((name, index, all) => name && all.indexOf(name) === index),
        ),
      ),
      line(t("技能"), either(row, "skills")),
      line(t("培训"), trainings(row)),
      line(t("账号"), row.account),
      line(
        t("岗位"),
        listed(
          (row.posts ?? []).map((/** @type {Row} */ one) => postLink(one.post, one.name)),
          t("不在岗位上"),
        ),
      ),
      line(
        t("列入名单"),
        listed(
          (row.backs ?? []).map((/** @type {Row} */ one) => [
            postLink(one.post, titleOf(one)),
            " ",
            one.rank_in_line ? `B${one.rank_in_line}` : "A",
          ]),
          t("不在其他岗位的名单上"),
        ),
      ),
      line(
        t("包保责任"),
        listed(
          (row.package_rows ?? []).map((/** @type {Row} */ one) => `${either(one, "kind")} · ${one.target_name}`),
          t("没有包保责任"),
        ),
      ),
      line(t("报到时间"), row.reported_at && time(row.reported_at, "full")),
      line(t("到岗时间"), row.present_at && time(row.present_at, "full")),
      line(t("参与时间"), row.active_at && time(row.active_at, "full")),
      line(t("已认定时长"), servedOf(row)),
    ),
    row.hours?.length > 0 && [
      h("h3", { class: "drawer-title" }, t("服务时段"), h("span", { class: "count num" }, count(row.hours.length))),
      stretches(row.hours, (one) => h("p", { class: "drawer-acts" }, rulings(one, again))),
    ],
    historyPart(row.history),
  ];
}

/**
 * Put what is looked at closely into the address, or take it out.
 * @param {string} name
 * @param {string} value
 */
export function inAddress(name, value) {
  const url = new URL(location.href);
  if (value) url.searchParams.set(name, value);
  else url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}

/**
 * One person in full (人员详情). Each look is recorded, so it is not fetched again by itself.
 * @param {string} id
 * @param {string} label
 * @param {PersonContext} ctx
 */
export function openPerson(id, label, ctx) {
  inAddress("person", id);
  drawer.openPart(
    label || t("人员"),
    async () => {
      const row = await get(pathOf("people", id));
      $("drawer-title").textContent = labelOf(row);
      return personPart(row, ctx);
    },
    () => inAddress("person", ""),
  );
}
