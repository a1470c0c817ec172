import { base } from "./api.js";
import { $, h, swap } from "./dom.js";
import { count, near, refusalOf } from "./fmt.js";
import { t } from "./i18n.js";
import { now } from "./page.js";
import { DEEDS, word } from "./words.js";

let drawn = "";

/**
 * What a write is called, on whichever page it was made.
 * @param {string} deed
 */
export const deedOf = (deed) => word(DEEDS, deed);

/**
 * 待提交、已提交、被拒绝: always on top of a page of the field; drawn anew only when something in it has moved.
 * `line`: live, offline, signin, stranger or refused; `at`: of which moment the page is; `page`: its address;
 * `mend(entry)`: what opens a refused one again, null if nothing can.
 * @param {{ outbox: Outbox | null, line: string, at: string | null, page: string, mend?: (entry: Refused) => (() => void) | null }} how
 */
export function drawOutbox({ outbox, line, at, page, mend = () => null }) {
  const waiting = outbox?.waiting ?? [];
  const refused = outbox?.refused ?? [];
  const stranger = line === "stranger" || outbox?.line === "stranger";
  const signing = line === "signin" || outbox?.line === "signin";
  const cut = line === "offline" || (waiting.length > 0 && outbox?.line === "broken");
  const as = at && near(at, now());
  const shown = JSON.stringify([
    stranger,
    signing,
    cut,
    as,
    outbox?.line,
    outbox?.strangers,
    [...waiting, ...refused].map(({ n, state }) => [n, state]),
  ]);
  if (shown === drawn) return;
  drawn = shown;
  $("outbox").dataset.line = stranger ? "stranger" : signing ? "signin" : cut ? "broken" : (outbox?.line ?? "open");
  const words = [
    waiting.length
      ? h("strong", { class: "chip", data: { count: "waiting" } }, t("待提交 {n}", { n: count(waiting.length) }))
      : h("strong", { class: "chip", data: { count: "sent" } }, t("已提交")),
    refused.length > 0 &&
      h("strong", { class: "chip", data: { count: "refused" } }, t("被拒绝 {n}", { n: count(refused.length) })),
    h(
      "span",
      {},
      signing
        ? t("登录已失效")
        : cut
          ? t("没有网络，恢复后自动提交")
          : waiting.length
            ? t("正在提交")
            : as
              ? t("{time} 更新", { time: as })
              : "",
    ),
  ];
  swap($("outbox-words"), words);
  $("waiting-box").hidden = !waiting.length;
  swap(
    $("waiting"),
    waiting.map((entry) =>
      h(
        "li",
        { data: { waiting: entry.n } },
        h("strong", {}, deedOf(entry.what)),
        " ",
        entry.name,
        " ",
        h("span", { class: "dim num" }, near(entry.at, now())),
      ),
    ),
  );
  swap(
    $("outbox-more"),
    signing &&
      h(
        "a",
        {
          class: "button primary big",
          href: `${base}/login?next=${encodeURIComponent(location.pathname + location.search)}`,
          data: { key: "sign-in" },
          id: "sign-in-again",
        },
        waiting.length ? t("登录后继续提交") : t("重新登录"),
      ),
    cut && as && h("p", { class: "dim", id: "stale" }, t("显示的是 {time} 的内容", { time: as })),
    stranger &&
      h(
        "p",
        { class: "form-error", role: "alert" },
        t("此浏览器已由另一账号登录，请重新打开本页。"),
        " ",
        h("a", { class: "button", href: `${base}${page}`, data: { key: "again" } }, t("重新打开")),
      ),
    outbox?.line === "full" &&
      h("p", { class: "form-error", role: "alert" }, t("本机无法保存操作，请检查浏览器的存储空间或无痕模式。")),
    refused.length > 0 &&
      h(
        "ul",
        { class: "outbox-list", id: "refused" },
        refused.map((entry) =>
          refusal(entry, {
            mend: mend(entry),
            dismiss: () => outbox?.dismiss(entry.n),
            asNow: () => outbox?.asNow(entry),
          }),
        ),
      ),
    outbox !== null &&
      outbox.strangers > 0 &&
      h(
        "p",
        { class: "dim", id: "strangers" },
        t("本机另有{n}条他人的操作，由其本人登录后提交。", { n: count(outbox.strangers) }),
      ),
  );
}

/**
 * One that was refused, and why; it stays until somebody has seen it, or mended it.
 * @param {Refused} entry
 * @param {{ mend: (() => void) | null, dismiss: () => unknown, asNow: () => unknown }} how
 */
function refusal(entry, { mend, dismiss, asNow }) {
  const { fields = [], code, facts } = entry.error;
  const why = refusalOf(entry.error) || code;
  return h(
    "li",
    { data: { refused: entry.n, code } },
    h(
      "p",
      {},
      h("strong", {}, t("{deed}被拒绝", { deed: deedOf(entry.what) })),
      " ",
      entry.name,
      " ",
      h("span", { class: "dim num" }, near(entry.at, now())),
    ),
    h(
      "p",
      {},
      why,
      fields
        .map((part) => refusalOf(part, facts))
        .filter((part) => part && part !== why)
        .map((part) => ` ${part}`),
    ),
    code === "request.not-yet" &&
      h("button", { type: "button", data: { key: `now-${entry.n}` }, onclick: asNow }, t("按现在的时间提交")),
    mend && h("button", { type: "button", data: { key: `mend-${entry.n}` }, onclick: mend }, t("修改后重新提交")),
    h("button", { type: "button", data: { key: `dismiss-${entry.n}` }, onclick: dismiss }, t("知道了")),
  );
}
