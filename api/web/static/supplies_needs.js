import { get } from "./api.js";
import { once, View } from "./console.js";
import { $, h } from "./dom.js";
import { count, hazardOf, levelOf } from "./fmt.js";
import { fresh, saw, whole } from "./following.js";
import { controlOf } from "./forms.js";
import { either, t } from "./i18n.js";
import { part, table } from "./parts.js";
import { area } from "./scope.js";
import { amount, cover, itemName } from "./supply.js";
import { fillSelect, LEVELS } from "./words.js";

/** @param {Row} answer */
function render(answer) {
  const rows = answer.rows ?? [];
  const short = rows.filter((/** @type {Row} */ row) => row.short > 0);
  const columns = [
    { label: t("要求"), text: (/** @type {Row} */ row) => h("span", { class: "num" }, amount(row.needed, row.unit)) },
    { label: t("现可用"), text: (/** @type {Row} */ row) => h("span", { class: "num" }, amount(row.available)) },
    { label: t("在途"), text: (/** @type {Row} */ row) => (row.coming ? amount(row.coming) : "—") },
    {
      label: t("缺口"),
      /** @param {Row} row */
      text: (row) => (row.short > 0 ? h("strong", { class: "none num" }, amount(row.short, row.unit)) : t("无")),
    },
    {
      label: t("日需"),
      text: (/** @type {Row} */ row) => (row.daily ? h("span", { class: "num" }, amount(row.daily)) : "—"),
    },
    { label: t("够用"), text: (/** @type {Row} */ row) => cover(row.cover_hours) || "—" },
  ];
  /**
   * @param {string} name
   * @param {string} title
   * @param {Row[]} some
   */
  const list = (name, title, some) =>
    part(name, title, some, (all) => table(title, { label: t("品名"), text: itemName }, columns, all));
  if (!answer.assessed) return h("p", { class: "empty" }, t("这里没有生效中的响应，请选择预案。"));
  if (!rows.length) return h("p", { class: "empty" }, t("这个预案没有物资要求。"));
  return [
    h(
      "p",
      { class: "verdict", role: "status", data: { grade: short.length ? "short" : "enough" } },
      short.length
        ? t("要求{n}种物资，{k}种不够", { n: count(rows.length), k: count(short.length) })
        : t("要求{n}种物资，都够", { n: count(rows.length) }),
    ),
    h("p", { class: "dim" }, [either(answer, "playbook"), levelOf(answer.level)].join(" · ")),
    list("lacking", t("不够的"), short),
    list(
      "met",
      t("够的"),
      rows.filter((/** @type {Row} */ row) => !(row.short > 0)),
    ),
  ];
}

/** What the plan asks for against what is there (预案需求): of an emergency in force, or of a plan as if. */
export async function needs() {
  const form = $("needs-form", HTMLFormElement);
  const plan = controlOf(form, "plan", HTMLSelectElement);
  const found = await once(Promise.all([get(`areas/${encodeURIComponent(area)}/board`), get("playbooks")])).catch(
    () => null,
  );
  if (!found) return;
  const [board, { playbooks }] = found;
  saw(board);
  const active = board.emergencies.filter((one) => one.state === "ACTIVE");
  fillSelect(plan, [
    ...active.map((one) => ({
      value: `e:${one.id}`,
      label: t("{hazard} {level}（生效中）", { hazard: hazardOf(one), level: levelOf(one.level) }),
    })),
    ...playbooks.flatMap((one) =>
      LEVELS.map((level) => ({ value: `p:${one.id}:${level}`, label: `${either(one)} ${levelOf(level)}` })),
    ),
  ]);
  const asked = () => {
    const [kind, id, level] = plan.value.split(":");
    return kind === "e" ? { emergency: id, area } : { area, playbook: id, level };
  };
  const view = new View("needs-room", {
    fetch: async (signal) => whole(await get("stock/needs", { ...asked(), ...fresh() }, signal)),
    render,
  });
  plan.addEventListener("change", () => view.load());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    view.load();
  });
}
