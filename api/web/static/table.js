import { $, $all, $in, flash, focusKey, glyph, h, present, refocus } from "./dom.js";
import { convertedOf, count, modeOf, orderedOf, share, signOf, standingOf } from "./fmt.js";
import { t } from "./i18n.js";
import { endAtRow } from "./whole_rows.js";

/** @type {Map<string, ChildRow>} */ const rows = new Map();
let sort = "late";

/**
 * @param {Place} child
 * @param {BoardContext} ctx
 */
function buildRow(child, ctx) {
  /** @type {ChildRow} */
  const row = h(
    "tr",
    { data: { code: child.code } },
    h(
      "th",
      { scope: "row", class: child.name.length > 7 ? "long" : null },
      h("a", { href: ctx.href(child.code), data: { key: `row-${child.code}` } }, child.name),
    ),
    h(
      "td",
      {},
      h(
        "span",
        { class: "mode" },
        h("span", { class: "ordered" }),
        glyph(child.converted ?? "PEACETIME"),
        h("span", { class: "mode-word" }),
      ),
    ),
    h(
      "td",
      {},
      h("div", { class: "progress" }, h("span", { class: "bar" }, h("i", {})), h("span", { class: "num part" })),
    ),
    h("td", { class: "right" }, h("span", { class: "late-badge num" })),
    h(
      "td",
      { class: "right strength", data: { label: t("空缺") } },
      h("span", { class: "num", data: { of: "vacant" } }),
    ),
    h("td", { class: "right strength", data: { label: t("缺口") } }, h("span", { class: "num", data: { of: "gaps" } })),
    h(
      "td",
      { class: "right strength supply-col", data: { label: t("短缺") } },
      h("span", { class: "num", data: { of: "short" } }),
    ),
    h(
      "td",
      { class: "right" },
      h("button", { type: "button", class: "seq num", onclick: () => ctx.openArea(row.child ?? child) }),
    ),
  );
  return row;
}

/**
 * @param {ChildRow} row
 * @param {Place} child
 */
function fill(row, child) {
  row.child = child;
  const { steps } = child.counts;
  const done = share(steps);
  const far = child.converted ?? "PEACETIME";
  const ordered = orderedOf(child);
  Object.assign(row.dataset, { mode: child.mode, reach: child.reach, converted: child.converted ?? "" });
  $in(row, "use").setAttribute("href", `#g-${far}`);
  $in(row, ".mode").dataset.mode = far;
  $in(row, ".ordered").textContent = child.reach === "EXCLUDED" ? `⊘ ${ordered}` : signOf(child);
  $in(row, ".mode").title = standingOf(child);
  $in(row, ".ordered").hidden = !ordered;
  // In peacetime, or left out, what has not converted says nothing more.
  const plain = far === "PEACETIME" && !child.ordered;
  $in(row, ".mode-word").textContent = plain ? (ordered ? "" : modeOf("PEACETIME")) : convertedOf(child.converted);
  $in(row, ".bar i").style.setProperty("width", `${done ?? 0}%`);
  $in(row, ".bar").toggleAttribute("data-none", done === null);
  $in(row, ".part").textContent = done === null ? "—" : `${count(steps.done)}/${count(steps.total)}`;
  const late = $in(row, ".late-badge");
  late.textContent = steps.late ? `!${count(steps.late)}` : "";
  late.hidden = !steps.late;
  mark(row, "vacant", child.people?.posts, child.people?.vacant);
  mark(row, "gaps", child.people?.targets, child.people?.gaps);
  mark(row, "short", Number.isInteger(child.short), child.short);
  const seq = $in(row, "button.seq", HTMLButtonElement);
  seq.textContent = `#${child.seq}`;
  seq.setAttribute("aria-label", t("{name}的事实记录，最新 seq {seq}", { name: child.name, seq: child.seq }));
}

/**
 * How many of so many are wanting; of none, nothing can be said.
 * @param {HTMLElement} row
 * @param {string} name
 * @param {number | boolean | undefined} of
 * @param {number | undefined} n
 */
function mark(row, name, of, n) {
  const cell = $in(row, `[data-of="${name}"]`);
  cell.textContent = of ? count(n) : "—";
  cell.toggleAttribute("data-some", (n ?? 0) > 0);
}

/** @param {Place[]} children */
function order(children) {
  /**
   * @param {Place} a
   * @param {Place} b
   */
  const byCode = (a, b) => a.code.localeCompare(b.code);
  if (sort === "code") return [...children].sort(byCode);
  return [...children].sort((a, b) => b.counts.steps.late - a.counts.steps.late || byCode(a, b));
}

/**
 * The table of the next level down (下级区域).
 * @param {Board} board
 * @param {Touched} touched
 * @param {BoardContext} ctx
 * @param {boolean} whole
 */
export function renderTable(board, touched, ctx, whole) {
  const body = $("children", HTMLTableElement).tBodies[0];
  $("children").toggleAttribute("data-supplies", Boolean(board.supplies?.stations)); // without stations nothing can be short
  if (whole) {
    rows.clear();
    body.replaceChildren();
  }
  for (const child of board.children) {
    const known = rows.get(child.code);
    const row = known ?? buildRow(child, ctx);
    if (!known) rows.set(child.code, row);
    if (!known || touched.children.has(child.code)) fill(row, child);
    if (known && touched.children.has(child.code)) flash(row);
  }
  place(body, present(order(board.children).map((child) => rows.get(child.code))));
  endAtRow(/** @type {HTMLElement} */ ($("children").closest(".scroll")), "tbody tr");
}

/**
 * @param {HTMLElement} body
 * @param {HTMLElement[]} wanted
 */
function place(body, wanted) {
  if (body.children.length === wanted.length && wanted.every((row, index) => body.children[index] === row)) return;
  const key = focusKey(body);
  body.replaceChildren(...wanted);
  refocus(body, key);
}

/** @param {() => unknown} again */
export function bindSort(again) {
  const buttons = $all(document, "button[data-sort]", HTMLButtonElement);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      sort = button.dataset.sort ?? sort;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      again();
    });
  }
}
