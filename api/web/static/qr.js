import { failureOf, get } from "./api.js";
import { communities } from "./checkin.js";
import { nothing, once } from "./console.js";
import { $, $in, h, swap } from "./dom.js";
import { showRefusal, whileBusy } from "./forms.js";
import { either, t } from "./i18n.js";
import { fillSelect } from "./words.js";

const ALL_MOST = 60; // more sheets than this are printed street by street
const ATONCE = 4;

// An image of the answer's drawing: no script in it can run.
/** @param {string} svg */
const drawn = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** @param {Row} answer */
function sheet(answer) {
  return h(
    "article",
    { class: "qr-sheet", data: { community: answer.community } },
    h("h3", {}, answer.community_name),
    h("p", { class: "qr-do" }, t("扫码报到")),
    answer.open === false && h("p", { class: "warning" }, t("现在没有开放报到，开放后须重新打印。")),
    h("img", { src: drawn(answer.svg), alt: t("{name}的报到二维码", { name: answer.community_name }) }),
    h("p", {}, t("党员、志愿者用手机扫码，登录后报到、到岗。")),
    h("p", { class: "hash" }, answer.url),
  );
}

/** One sheet for the door of each community (报到二维码). */
export async function prints() {
  const form = $("qr-form", HTMLFormElement);
  const room = $("qr-sheets");
  const select = $("qr-community", HTMLSelectElement);
  /** @type {Option[]} */ let rows = [];
  const print = h(
    "button",
    { type: "button", id: "qr-print", hidden: true, onclick: () => globalThis.print() },
    t("打印"),
  );
  $in(form, ".actions").append(print);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await whileBusy(form.querySelectorAll("button"), async () => {
      const left = select.value ? [select.value] : rows.map((row) => String(row.value));
      const found = new Map();
      const wanted = [...left];
      try {
        await Promise.all(
          Array.from({ length: ATONCE }, async () => {
            for (let code = left.shift(); code; code = left.shift())
              found.set(code, await get("checkins/qr", { area: code }));
          }),
        );
      } catch (error) {
        if (failureOf(error).status !== 401) showRefusal(form, error);
        return;
      }
      swap(
        room,
        wanted.map((code) => sheet(found.get(code))),
      );
      print.hidden = false;
    });
  });
  try {
    rows = await once(communities());
  } catch (error) {
    swap(room, h("p", { class: "list-error", role: "alert" }, either(failureOf(error))));
    return;
  }
  const all =
    rows.length > 1 && rows.length <= ALL_MOST ? [{ value: "", label: t("全部{n}个社区", { n: rows.length }) }] : [];
  fillSelect(select, [...rows, ...all]);
  swap(room, rows.length ? null : nothing(t("没有社区")));
}
