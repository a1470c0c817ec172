import { arrange } from "./columns.js";
import { $, flash, glyph, h, swap } from "./dom.js";
import { count, hazardOf, levelOf, MODE_ORDER, modeOf, shortName } from "./fmt.js";
import { english, t } from "./i18n.js";
import { inForce } from "./state.js";

const narrow = matchMedia("(max-width: 1099px)");

/** What the map can show: the mode, vacant posts (空缺), targets without anybody (包保缺口). */
const LAYERS = ["", "vacancies", "packages"];
const WORDS = { mode: "模式", vacancies: "空缺", packages: "包保" };
const SIGNS = { vacancies: "◆", packages: "▲" };
const GRADES = { vacancies: [1, 2, 4], packages: [1, 4, 10] }; // from how many on a place is shown stronger

/** The numbers of a place, whether it is a child or a grandchild. */
const latesOf = (place) => place.late ?? place.counts.steps.late;
const vacantOf = (place) => place.vacant ?? place.people?.vacant ?? 0;
const gapsOf = (place) => place.gaps ?? place.people?.gaps ?? 0;
const NUMBERS = { vacancies: vacantOf, packages: gapsOf };

/** What a block says to those who do not see it: name, mode, and whatever is wrong there. */
function spoken(place) {
  const [late, vacant, gaps, several] = [
    latesOf(place),
    vacantOf(place),
    gapsOf(place),
    place.emergencies?.length ?? 0,
  ];
  const parts = [
    place.name,
    modeOf(place.mode),
    late && t("逾期{n}步", { n: late }),
    vacant && t("空缺{n}岗", { n: vacant }),
    gaps && t("包保缺口{n}个", { n: gaps }),
    several > 1 && t("{n}个响应重叠", { n: several }),
  ];
  return parts.filter(Boolean).join(english ? ", " : "，");
}

function paint(cell, place, layer) {
  cell.dataset.mode = place.mode;
  cell.toggleAttribute("data-late", latesOf(place) > 0);
  const over = place.emergencies ?? [];
  cell.toggleAttribute("data-overlap", over.length > 1);
  cell.dataset.under = over.join(" ");
  if (layer) {
    const n = NUMBERS[layer](place);
    cell.dataset.grade = GRADES[layer].filter((least) => n >= least).length;
    const mark = cell.querySelector(".mark");
    mark.textContent = n ? `${SIGNS[layer]}${count(n)}` : "";
    mark.hidden = !n;
  }
  cell.title = spoken(place);
  if (cell.tagName === "A") cell.setAttribute("aria-label", cell.title);
}

const MARK_REM = 0.62; // what each character of a mark takes of the room for a name

/** Long names are set smaller, then narrower: a name that is cut is no name. `cell.room` in rem, none for what is wide enough. */
function fit(cell) {
  if (!cell.room) return;
  const room = cell.room - (cell.querySelector(".mark")?.textContent.length ?? 0) * MARK_REM;
  const letters = cell.querySelector(".name").textContent.length;
  const tight = letters * 0.875 > room;
  cell.classList.toggle("tight", tight);
  cell.style.setProperty("--fit", tight ? Math.min(1, room / (letters * 0.78)).toFixed(3) : "1");
}

const mark = () => h("span", { class: "mark num" });

function tileCell(tile, ctx, layer) {
  const cell = h(
    "a",
    { class: "cell", href: ctx.href(tile.code), data: { tile: tile.code } },
    layer && mark(),
    h("span", { class: "name" }, shortName(tile.name)),
  );
  paint(cell, tile, layer);
  return cell;
}

/** A child without children of its own to show: a larger cell with its numbers. */
function childCell(child, ctx, layer) {
  const cell = h(
    "a",
    { class: "cell large", href: ctx.href(child.code), data: { tile: child.code } },
    h("span", { class: "name" }, shortName(child.name)),
    layer ? mark() : h("span", { class: "num done" }),
  );
  paintChild(cell, child, layer);
  return cell;
}

function paintChild(cell, child, layer) {
  const { done, total } = child.counts.steps;
  paint(cell, child, layer);
  if (!layer) cell.querySelector(".done").textContent = total ? `${done}/${total}` : "";
}

/** The heading of a block leads down; inside a fold, which is itself a control, it only names. */
function heading(child, ctx, layer, folded = false) {
  const head = h(
    folded ? "span" : "a",
    {
      class: child.name.length > 6 ? "block-head long" : "block-head",
      href: folded ? null : ctx.href(child.code),
      data: { block: child.code },
    },
    glyph(child.mode),
    h("span", { class: "name" }, child.name),
    layer ? mark() : h("span", { class: "late-badge num" }),
  );
  paintHead(head, child, layer);
  return head;
}

function paintHead(head, child, layer) {
  paint(head, child, layer);
  head.querySelector("use").setAttribute("href", `#g-${child.mode}`);
  if (layer) return;
  const { late } = child.counts.steps;
  const badge = head.querySelector(".late-badge");
  badge.textContent = late ? `!${late}` : "";
  badge.hidden = !late;
}

/** The tile map (方块图): a block for each child, a cell for each grandchild. */
export class TileMap {
  #box;
  #ctx;
  #drawn = "";
  #board = null;
  #only = null; // the emergency whose scope is brought out
  #layer = "";
  #chosen;

  /** `chosen`: called when the reader takes another layer. */
  constructor(box, ctx, chosen) {
    this.#box = box;
    this.#ctx = ctx;
    this.#chosen = chosen;
    const again = (anyway) => {
      if (!this.#board) return;
      this.#build(anyway);
      this.#scopes();
    };
    new ResizeObserver(() => again(false)).observe(box);
    narrow.addEventListener("change", () => again(true));
  }

  get layer() {
    return this.#layer;
  }

  /** Show another layer; what is none shows the mode. */
  show(layer) {
    this.#layer = LAYERS.includes(layer) ? layer : "";
    this.#box.dataset.layer = this.#layer;
    this.#switch();
    $("legend").replaceChildren(
      ...this.#keys().map(([data, text]) => h("span", { class: "key" }, h("i", { class: "swatch", data }), text)),
    );
    if (this.#board) this.render(this.#board, { children: new Set(), tiles: new Set() }, true);
  }

  #switch() {
    const button = (layer) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(this.#layer === layer),
          data: { layer, key: `layer-${layer}` },
          onclick: () => {
            this.show(layer);
            this.#chosen();
          },
        },
        SIGNS[layer] && h("span", { "aria-hidden": "true" }, SIGNS[layer]),
        t(WORDS[layer || "mode"]),
      );
    swap($("layers"), LAYERS.map(button));
  }

  #keys() {
    const layer = this.#layer;
    if (!layer)
      return [
        ...MODE_ORDER.map((mode) => [{ mode }, modeOf(mode)]),
        [{ mode: "PEACETIME", late: "" }, t("有逾期")],
        [{ mode: "CONVERTING", overlap: "" }, t("响应重叠")],
      ];
    const steps = GRADES[layer];
    const range = (from, index) =>
      `${SIGNS[layer]} ${index + 1 === steps.length ? `≥ ${from}` : steps[index + 1] - 1 === from ? from : `${from}–${steps[index + 1] - 1}`}`;
    return [
      [{ layer, grade: "0" }, layer === "vacancies" ? t("无空缺") : t("无缺口")],
      ...steps.map((from, index) => [{ layer, grade: String(index + 1) }, range(from, index)]),
    ];
  }

  render(board, touched, whole) {
    this.#board = board;
    this.#build(whole);
    for (const child of board.children) {
      if (!touched.children.has(child.code)) continue;
      const head = this.#box.querySelector(`[data-block="${child.code}"]`);
      if (head) paintHead(head, child, this.#layer);
      const large = this.#box.querySelector(`.large[data-tile="${child.code}"]`);
      if (large) this.#change(large, () => paintChild(large, child, this.#layer));
    }
    for (const tile of board.tiles) {
      if (!touched.tiles.has(tile.code)) continue;
      const cell = this.#box.querySelector(`[data-tile="${tile.code}"]`);
      if (cell) this.#change(cell, () => paint(cell, tile, this.#layer));
    }
    this.#scopes();
  }

  /** One button for each emergency where several are in force: pressed, the map brings out its scope. */
  #scopes() {
    const list = inForce(this.#board);
    const box = $("scopes");
    const told = list.length > 1 && [...this.#board.children, ...this.#board.tiles].some((place) => place.emergencies);
    if (!told || !list.some((item) => item.id === this.#only)) this.#only = null;
    box.hidden = !told;
    const chip = (id, text, title) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(this.#only === id),
          title,
          data: { key: `scope-${id}`, scope: id ?? "" },
          onclick: () => {
            this.#only = id;
            this.#scopes();
          },
        },
        text,
      );
    swap(
      box,
      told
        ? [
            chip(null, t("全部响应"), null),
            list.map((item, index) =>
              chip(item.id, `${index + 1} · ${hazardOf(item)} ${levelOf(item.level)}`, item.matter),
            ),
          ]
        : [],
    );
    this.#box.toggleAttribute("data-only", this.#only !== null);
    for (const cell of this.#box.querySelectorAll("[data-under]"))
      cell.toggleAttribute("data-out", this.#only !== null && !cell.dataset.under.split(" ").includes(this.#only));
  }

  #change(cell, work) {
    const look = () =>
      [cell.dataset.mode, cell.hasAttribute("data-late"), cell.querySelector(".mark")?.textContent].join();
    const before = look();
    work();
    if (look() === before) return;
    fit(cell);
    flash(cell);
  }

  #build(anyway = false) {
    const { children, tiles, area, at } = this.#board;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [width, height] = [this.#box.clientWidth, this.#box.clientHeight];
    const codes = [area.code, at, children.map((child) => child.code), tiles.map((tile) => tile.code)];
    const key = JSON.stringify(narrow.matches ? [codes, "narrow"] : [codes, width, tiles.length ? height : 0]);
    if (!anyway && key === this.#drawn) return;
    this.#drawn = key;
    const parts = tiles.length
      ? this.#blocks(rem, width, height)
      : [h("div", { class: "cells plain" }, ...children.map((child) => childCell(child, this.#ctx, this.#layer)))];
    this.#box.replaceChildren(...parts);
  }

  #blocks(rem, width, height) {
    const { children, tiles } = this.#board;
    const cellsOf = new Map(children.map((child) => [child.code, []]));
    for (const tile of tiles) cellsOf.get(tile.parent)?.push(tile);
    if (narrow.matches) return children.map((child) => this.#folded(child, cellsOf.get(child.code)));
    const look = {
      head: 1.9 * rem,
      padding: 0.75 * rem,
      gap: 0.5 * rem,
      blockWidth: 10.5 * rem,
      cellWidth: 2.9 * rem,
      cellHeight: 1.4 * rem,
    };
    const plan = arrange(
      children.map((child) => cellsOf.get(child.code).length),
      width,
      height,
      look,
    );
    const room = (plan.cellWidth - 5) / rem;
    return [
      h(
        "div",
        { class: "columns" },
        ...plan.runs.map((run) =>
          h(
            "div",
            { class: "column" },
            ...run.map((index) =>
              this.#block(children[index], cellsOf.get(children[index].code), plan.across, plan.rows[index], room),
            ),
          ),
        ),
      ),
    ];
  }

  #block(child, cells, across, rows, room) {
    const columns = Math.max(1, Math.min(across, cells.length));
    const head = heading(child, this.#ctx, this.#layer);
    const headRoom = (room + 0.3) * across - 4.2; // mark and late badge take the rest
    const letters = child.name.length * (child.name.length > 6 ? 0.78 : 1.125);
    if (letters > headRoom) head.style.setProperty("--fit", (headRoom / letters).toFixed(3));
    return h(
      "section",
      { class: "block", style: { "flex-grow": rows, "--columns": columns, "--rows": rows } },
      head,
      h(
        "div",
        { class: "cells" },
        ...cells.map((tile) => {
          const cell = tileCell(tile, this.#ctx, this.#layer);
          if (columns === across) cell.room = room;
          fit(cell);
          return cell;
        }),
      ),
    );
  }

  #folded(child, cells) {
    return h(
      "details",
      { class: "block" },
      h("summary", {}, heading(child, this.#ctx, this.#layer, true)),
      h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx, this.#layer))),
    );
  }
}
