import { $, $all, $find, $in, flash, focusKey, glyph, h, present, refocus, swap } from "./dom.js";
import { convertedOf, count, hazardOf, levelOf, modeOf, share } from "./fmt.js";
import { either, t } from "./i18n.js";
import { nothingHere } from "./lists.js";
import { checklists } from "./site_steps.js";

/** @type {Map<string, HTMLElement>} */ const cards = new Map();
const waiting = new Set(); // sites that changed while someone was writing in their card

/**
 * @param {Site} site
 * @param {Duty} duty
 * @param {BoardContext} ctx
 */
function passedOver(site, duty, ctx) {
  const other =
    (site.duties ?? []).find((one) => one.emergency === duty.against) ??
    ctx.board().emergencies.find((one) => one.id === duty.against);
  const against =
    other && [`${hazardOf(other)} ${levelOf(other.level)}`, either(other, "function")].filter(Boolean).join(" · ");
  return h(
    "p",
    { class: "conflict" },
    h("b", {}, t("冲突")),
    " ",
    duty.free
      ? t("下达时本阵地被互斥的功能占用；占用现已解除，可补下转换令，转为{function}。", {
          function: either(duty, "function"),
        })
      : against
        ? t("本阵地已承担互斥的功能（{against}），未转为{function}。", { against, function: either(duty, "function") })
        : t("本阵地已承担互斥的功能，未转为{function}。", { function: either(duty, "function") }),
  );
}

/**
 * One emergency's share of a site (任务): its own heading, function and steps.
 * @param {Site} site
 * @param {Duty} duty
 * @param {BoardContext} ctx
 */
function dutyPart(site, duty, ctx) {
  const { total, done } = duty.counts?.steps ?? {};
  const over = duty.phase === "passed-over";
  const steps = (duty.steps ?? []).map((step) => ({ emergency: duty.emergency, ...step }));
  return h(
    "section",
    {
      class: "duty",
      "aria-label": `${hazardOf(duty)} ${levelOf(duty.level)}`,
      data: { emergency: duty.emergency, phase: duty.phase },
    },
    h(
      "div",
      { class: "tags duty-head" },
      h("h4", {}, `${hazardOf(duty)} ${levelOf(duty.level)}`),
      !over &&
        duty.mode &&
        h(
          "span",
          { class: "mode", data: { mode: duty.mode } },
          glyph(duty.mode),
          h("span", { class: "mode-word" }, convertedOf(duty.mode)),
        ),
      duty.function && h("span", { class: over ? "tag" : "tag strong" }, either(duty, "function")),
      total > 0 && h("span", { class: "num dim" }, `${done}/${total}`),
    ),
    over ? passedOver(site, duty, ctx) : checklists(site, steps, ctx),
  );
}

/**
 * Under one emergency a plain checklist; under several, or where one passed it over, a part for each.
 * @param {Site} site
 * @param {BoardContext} ctx
 */
function work(site, ctx) {
  const duties = site.duties ?? [];
  if (duties.length > 1 || duties.some((duty) => duty.phase === "passed-over"))
    return duties.map((duty) => dutyPart(site, duty, ctx));
  if (!site.steps.length)
    return h(
      "p",
      { class: "empty" },
      site.ordered
        ? t("在{level}响应范围内，本阵地没有要转换的步骤", { level: levelOf(site.ordered.level) })
        : t("平时状态，没有待办的转换步骤"),
    );
  return checklists(site, site.steps, ctx);
}

/** @param {Site} site */
function about(site) {
  /**
   * @param {string} label
   * @param {Child} content
   */
  const part = (label, content) => h("div", {}, h("dt", {}, label), h("dd", {}, content));
  /** @param {Child[]} items */
  const chips = (items) =>
    items.length
      ? h(
          "ul",
          { class: "chips" },
          items.map((item) => h("li", {}, item)),
        )
      : "—";
  return h(
    "dl",
    { class: "about" },
    part(
      t("场所"),
      chips(
        site.spaces.map((space) => [
          space.name,
          space.capacity ? h("b", { class: "num" }, ` ${t("{n}人", { n: count(space.capacity) })}`) : "",
        ]),
      ),
    ),
    part(t("设施"), chips(site.facilities.map((item) => either(item)))),
    part(
      t("预定功能"),
      chips(
        site.planned.map((plan) => [
          h("span", { class: "dim" }, `${either(plan, "hazard")} `),
          either(plan, "function"),
        ]),
      ),
    ),
  );
}

/**
 * @param {Site} site
 * @param {BoardContext} ctx
 * @param {boolean} alone
 */
function card(site, ctx, alone) {
  const done = share(site.counts?.steps);
  const title = [h("h3", {}, site.name), h("span", { class: "dim" }, either(site, "kind"))];
  const state = h(
    "span",
    { class: "mode", data: { mode: site.mode } },
    glyph(site.mode),
    h(
      "span",
      { class: "mode-word" },
      site.ordered || site.mode !== "PEACETIME" ? convertedOf(site.mode) : modeOf(site.mode),
    ),
  );
  const level = site.level ?? site.ordered?.level;
  return h(
    "article",
    { class: "site", data: { site: site.id, mode: site.mode } },
    h(
      "header",
      {},
      h("div", { class: "title" }, title),
      h(
        "div",
        { class: "tags" },
        state,
        level && h("span", { class: "tag" }, levelOf(level)),
        site.function && h("span", { class: "tag strong" }, either(site, "function")),
        done !== null &&
          h(
            "span",
            { class: "progress" },
            h("span", { class: "bar" }, h("i", { style: { width: `${done}%` } })),
            h("span", { class: "num part" }, `${site.counts.steps.done}/${site.counts.steps.total}`),
          ),
        h(
          "button",
          {
            type: "button",
            class: "seq num",
            data: { key: `site-${site.id}` },
            "aria-label": t("{name}的事实记录，最新 seq {seq}", { name: site.name, seq: site.seq }),
            onclick: () => ctx.openSite(site),
          },
          `#${site.seq}`,
        ),
      ),
    ),
    alone && about(site),
    work(site, ctx),
    !alone && h("details", { class: "more-about" }, h("summary", {}, t("场所、设施与预定功能")), about(site)),
  );
}

/**
 * Show which steps moved; the heading flashes when the site itself changed its mode.
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function flashSteps(old, fresh) {
  /** @param {HTMLElement} step */
  const key = (step) => `${step.dataset.step} ${step.dataset.emergency ?? ""}`;
  /** @param {HTMLElement} step */
  const state = (step) => `${step.dataset.state} ${step.hasAttribute("data-late")}`;
  const before = new Map($all(old, ".step").map((step) => [key(step), state(step)]));
  for (const step of $all(fresh, ".step")) if (before.get(key(step)) !== state(step)) flash(step);
  if (old.dataset.mode !== fresh.dataset.mode) flash($in(fresh, "header"));
}

/** @param {HTMLElement} element */
const busy = (element) => $find(element, "details.why[open]:focus-within");

/**
 * Sites with late steps, then with open ones, then the rest.
 * @param {Site} a
 * @param {Site} b
 */
function openFirst(a, b) {
  /** @param {Site} site */
  const rank = ({ counts }) => (counts.steps.late ? 0 : counts.steps.open ? 1 : 2);
  return rank(a) - rank(b) || a.id.localeCompare(b.id);
}

/**
 * The sites standing in this very area, with their checklists.
 * @param {Board} board
 * @param {Touched} touched
 * @param {BoardContext} ctx
 * @param {boolean} whole
 */
export function renderSites(board, touched, ctx, whole) {
  const box = $("sites");
  $("sites-total").textContent = count(board.sites.length);
  if (!board.sites.length) return swap(box, nothingHere(t("这里没有登记的阵地")));
  if (whole || $find(box, ".empty, .skeleton")) cards.clear();
  const leaf = !board.children.length;
  for (const site of board.sites) {
    const old = cards.get(site.id);
    if (old && !touched.sites.has(site.id) && !waiting.has(site.id)) continue;
    if (old && busy(old)) {
      waiting.add(site.id); // shown when the basis being written has been sent
      continue;
    }
    waiting.delete(site.id);
    const fresh = card(site, ctx, leaf);
    cards.set(site.id, fresh);
    if (!old) continue;
    const key = focusKey(old);
    old.replaceWith(fresh);
    refocus(fresh, key);
    flashSteps(old, fresh);
  }
  const wanted = present([...board.sites].sort(openFirst).map((site) => cards.get(site.id)));
  if (wanted.length !== box.children.length || wanted.some((node, index) => box.children[index] !== node))
    box.replaceChildren(...wanted);
  return undefined;
}
