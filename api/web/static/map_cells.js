import { $in, glyph, h } from "./dom.js";
import { count, shortName, signOf, standingOf } from "./fmt.js";
import { english, t } from "./i18n.js";

/** @type {Words} */
export const SIGNS = { vacancies: "◆", packages: "▲" };
export const GRADES = { vacancies: [1, 2, 4], packages: [1, 4, 10] }; // from how many on a place is shown stronger

/**
 * The numbers of a place, whether it is a child or a grandchild.
 * @param {Place} place
 */
const latesOf = (place) => place.late ?? place.counts.steps.late;
/** @param {Place} place */
const vacantOf = (place) => place.vacant ?? place.people?.vacant ?? 0;
/** @param {Place} place */
const gapsOf = (place) => place.gaps ?? place.people?.gaps ?? 0;
const NUMBERS = { vacancies: vacantOf, packages: gapsOf };

/**
 * What a block says to those who do not see it: name, mode, and whatever is wrong there.
 * @param {Place} place
 */
function spoken(place) {
  const [late, vacant, gaps, several] = [
    latesOf(place),
    vacantOf(place),
    gapsOf(place),
    place.emergencies?.length ?? 0,
  ];
  const parts = [
    place.name,
    standingOf(place),
    late && t("逾期{n}步", { n: late }),
    vacant && t("空缺{n}岗", { n: vacant }),
    gaps && t("包保缺口{n}个", { n: gaps }),
    several > 1 && t("{n}个响应重叠", { n: several }),
  ];
  return parts.filter(Boolean).join(english ? ", " : "，");
}

/**
 * `above`: the sign of what it lies in: what is the same there need not be said again.
 * @param {Cell} cell
 * @param {Place} place
 * @param {Layer} layer
 * @param {string} [above]
 */
export function paint(cell, place, layer, above = "") {
  cell.dataset.mode = place.converted ?? "PEACETIME";
  cell.dataset.reach = place.reach;
  cell.toggleAttribute("data-late", latesOf(place) > 0);
  const over = place.emergencies ?? [];
  cell.toggleAttribute("data-overlap", over.length > 1);
  cell.dataset.under = over.join(" ");
  const n = layer ? NUMBERS[layer](place) : 0;
  if (layer) cell.dataset.grade = String(GRADES[layer].filter((least) => n >= least).length);
  const mark = $in(cell, ".mark");
  mark.textContent = layer ? (n ? `${SIGNS[layer]}${count(n)}` : "") : signOf(place) === above ? "" : signOf(place);
  mark.hidden = !mark.textContent;
  cell.title = spoken(place);
  if (cell.tagName === "A") cell.setAttribute("aria-label", cell.title);
}

const mark = () => h("span", { class: "mark num" });

/**
 * @param {Place} tile
 * @param {BoardContext} ctx
 * @param {Layer} layer
 * @param {Standing} above what it lies in
 */
export function tileCell(tile, ctx, layer, above) {
  /** @type {Cell} */
  const cell = h(
    "a",
    { class: "cell", href: ctx.href(tile.code), data: { tile: tile.code } },
    mark(),
    h("span", { class: "name" }, shortName(tile.name)),
  );
  paint(cell, tile, layer, signOf(above));
  return cell;
}

/**
 * A child without children of its own to show: a larger cell with its numbers.
 * @param {Place} child
 * @param {BoardContext} ctx
 * @param {Layer} layer
 */
export function childCell(child, ctx, layer) {
  const cell = h(
    "a",
    { class: "cell large", href: ctx.href(child.code), data: { tile: child.code } },
    h("span", { class: "name" }, shortName(child.name)),
    mark(),
    !layer && h("span", { class: "num done" }),
  );
  paintChild(cell, child, layer, ctx.board());
  return cell;
}

/**
 * @param {Cell} cell
 * @param {Place} child
 * @param {Layer} layer
 * @param {Standing} above what it lies in
 */
export function paintChild(cell, child, layer, above) {
  const { done, total } = child.counts.steps;
  paint(cell, child, layer, signOf(above));
  if (!layer) $in(cell, ".done").textContent = total ? `${done}/${total}` : "";
}

/**
 * The heading of a block leads down; inside a fold, which is itself a control, it only names.
 * @param {Place} child
 * @param {BoardContext} ctx
 * @param {Layer} layer
 */
export function heading(child, ctx, layer, folded = false) {
  const head = h(
    folded ? "span" : "a",
    {
      class: child.name.length > 6 ? "block-head long" : "block-head",
      href: folded ? null : ctx.href(child.code),
      data: { block: child.code },
    },
    glyph(child.converted ?? "PEACETIME"),
    h("span", { class: "name" }, child.name),
    mark(),
    !layer && h("span", { class: "late-badge num" }),
  );
  paintHead(head, child, layer);
  return head;
}

/**
 * @param {HTMLElement} head
 * @param {Place} child
 * @param {Layer} layer
 */
export function paintHead(head, child, layer) {
  paint(head, child, layer);
  $in(head, "use").setAttribute("href", `#g-${child.converted ?? "PEACETIME"}`);
  if (layer) return;
  const { late } = child.counts.steps;
  const badge = $in(head, ".late-badge");
  badge.textContent = late ? `!${late}` : "";
  badge.hidden = !late;
}
