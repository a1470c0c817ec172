import { arrange } from "./columns.js";
import { $, $all, $find, $in, flash, glyph, h, swap } from "./dom.js";
import { count, hazardOf, levelOf, MODE_ORDER, modeOf, shortName } from "./fmt.js";
import { english, t } from "./i18n.js";
import { inForce, nothing } from "./state.js";

const narrow = matchMedia("(max-width: 1099px)");

/** What the map can show: the mode, vacant posts (空缺), targets without anybody (包保缺口). */
/** @type {Layer[]} */
const LAYERS = ["", "vacancies", "packages"];
/** @type {Words} */
const WORDS = { mode: "模式", vacancies: "空缺", packages: "包保" };
/** @type {Words} */
const SIGNS = { vacancies: "◆", packages: "▲" };
const GRADES = { vacancies: [1, 2, 4], packages: [1, 4, 10] }; // from how many on a place is shown stronger

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
    modeOf(place.mode),
    late && t("逾期{n}步", { n: late }),
    vacant && t("空缺{n}岗", { n: vacant }),
    gaps && t("包保缺口{n}个", { n: gaps }),
    several > 1 && t("{n}个响应重叠", { n: several }),
  ];
  return parts.filter(Boolean).join(english ? ", " : "，");
}

/**
 * @param {Cell} cell
 * @param {Place} place
 * @param {Layer} layer
 */
function paint(cell, place, layer) {
  cell.dataset.mode = place.mode;
  cell.toggleAttribute("data-late", latesOf(place) > 0);
  const over = place.emergencies ?? [];
  cell.toggleAttribute("data-overlap", over.length > 1);
  cell.dataset.under = over.join(" ");
  if (layer) {
    const n = NUMBERS[layer](place);
    cell.dataset.grade = String(GRADES[layer].filter((least) => n >= least).length);
    const mark = $in(cell, ".mark");
    mark.textContent = n ? `${SIGNS[layer]}${count(n)}` : "";
    mark.hidden = !n;
  }
  cell.title = spoken(place);
  if (cell.tagName === "A") cell.setAttribute("aria-label", cell.title);
}

const MARK_REM = 0.62; // what each character of a mark takes of the room for a name

/**
 * Long names are set smaller, then narrower: a name that is cut is no name. `cell.room` in rem, none for what is wide enough.
 * @param {Cell} cell
 */
function fit(cell) {
  if (!cell.room) return;
  const room = cell.room - ($find(cell, ".mark")?.textContent.length ?? 0) * MARK_REM;
  const letters = $in(cell, ".name").textContent.length;
  const tight = letters * 0.875 > room;
  cell.classList.toggle("tight", tight);
  cell.style.setProperty("--fit", tight ? Math.min(1, room / (letters * 0.78)).toFixed(3) : "1");
}

const mark = () => h("span", { class: "mark num" });

/**
 * @param {Place} tile
 * @param {BoardContext} ctx
 * @param {Layer} layer
 */
function tileCell(tile, ctx, layer) {
  /** @type {Cell} */
  const cell = h(
    "a",
    { class: "cell", href: ctx.href(tile.code), data: { tile: tile.code } },
    layer && mark(),
    h("span", { class: "name" }, shortName(tile.name)),
  );
  paint(cell, tile, layer);
  return cell;
}

/**
 * A child without children of its own to show: a larger cell with its numbers.
 * @param {Place} child
 * @param {BoardContext} ctx
 * @param {Layer} layer
 */
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

/**
 * @param {Cell} cell
 * @param {Place} child
 * @param {Layer} layer
 */
function paintChild(cell, child, layer) {
  const { done, total } = child.counts.steps;
  paint(cell, child, layer);
  if (!layer) $in(cell, ".done").textContent = total ? `${done}/${total}` : "";
}

/**
 * The heading of a block leads down; inside a fold, which is itself a control, it only names.
 * @param {Place} child
 * @param {BoardContext} ctx
 * @param {Layer} layer
 */
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

/**
 * @param {HTMLElement} head
 * @param {Place} child
 * @param {Layer} layer
 */
function paintHead(head, child, layer) {
  paint(head, child, layer);
  $in(head, "use").setAttribute("href", `#g-${child.mode}`);
  if (layer) return;
  const { late } = child.counts.steps;
  const badge = $in(head, ".late-badge");
  badge.textContent = late ? `!${late}` : "";
  badge.hidden = !late;
}

/** The tile map (方块图): a block for each child, a cell for each grandchild. */
export class TileMap {
  #box;
  #ctx;
  #drawn = "";
  /** @type {Board | null} */
  #board = null;
  /** @type {string | null} */
  #only = null; // the emergency whose scope is brought out
  /** @type {Layer} */
  #layer = "";
  #chosen;

  /**
   * `chosen`: called when the reader takes another layer.
   * @param {HTMLElement} box
   * @param {BoardContext} ctx
   * @param {() => void} chosen
   */
  constructor(box, ctx, chosen) {
    this.#box = box;
    this.#ctx = ctx;
    this.#chosen = chosen;
    /** @param {boolean} anyway */
    const again = (anyway) => {
      if (!this.#board) return;
      this.#build(this.#board, anyway);
      this.#scopes(this.#board);
    };
    new ResizeObserver(() => again(false)).observe(box);
    narrow.addEventListener("change", () => again(true));
  }

  get layer() {
    return this.#layer;
  }

  /**
   * Show another layer; what is none shows the mode.
   * @param {string} layer
   */
  show(layer) {
    this.#layer = LAYERS.find((one) => one === layer) ?? "";
    this.#box.dataset.layer = this.#layer;
    this.#switch();
    $("legend").replaceChildren(
      ...this.#keys().map(([data, text]) => h("span", { class: "key" }, h("i", { class: "swatch", data }), text)),
    );
    if (this.#board) this.render(this.#board, nothing(), true);
  }

  #switch() {
    /** @param {Layer} layer */
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

  /** @returns {[data: Values, text: string][]} */
  #keys() {
    const layer = this.#layer;
    if (!layer)
      return [
        ...MODE_ORDER.map((mode) => /** @type {[Values, string]} */ ([{ mode }, modeOf(mode)])),
        [{ mode: "PEACETIME", late: "" }, t("有逾期")],
        [{ mode: "CONVERTING", overlap: "" }, t("响应重叠")],
      ];
    const steps = GRADES[layer];
    /**
     * @param {number} from
     * @param {number} index
     */
    const range = (from, index) =>
      `${SIGNS[layer]} ${index + 1 === steps.length ? `≥ ${from}` : steps[index + 1] - 1 === from ? from : `${from}–${steps[index + 1] - 1}`}`;
    return [
      [{ layer, grade: "0" }, layer === "vacancies" ? t("无空缺") : t("无缺口")],
      ...steps.map(
        (from, index) => /** @type {[Values, string]} */ ([{ layer, grade: String(index + 1) }, range(from, index)]),
      ),
    ];
  }

  /**
   * @param {Board} board
   * @param {Touched} touched
   * @param {boolean} whole
   */
  render(board, touched, whole) {
    this.#board = board;
    this.#build(board, whole);
    for (const child of board.children) {
      if (!touched.children.has(child.code)) continue;
      const head = $find(this.#box, `[data-block="${child.code}"]`);
      if (head) paintHead(head, child, this.#layer);
      const large = $find(this.#box, `.large[data-tile="${child.code}"]`);
      if (large) this.#change(large, () => paintChild(large, child, this.#layer));
    }
    for (const tile of board.tiles) {
      if (!touched.tiles.has(tile.code)) continue;
      const cell = $find(this.#box, `[data-tile="${tile.code}"]`);
      if (cell) this.#change(cell, () => paint(cell, tile, this.#layer));
    }
    this.#scopes(board);
  }

  /**
   * One button for each emergency where several are in force: pressed, the map brings out its scope.
   * @param {Board} board
   */
  #scopes(board) {
    const list = inForce(board);
    const box = $("scopes");
    const told = list.length > 1 && [...board.children, ...board.tiles].some((place) => place.emergencies);
    if (!told || !list.some((item) => item.id === this.#only)) this.#only = null;
    box.hidden = !told;
    /**
     * @param {string | null} id
     * @param {string} text
     * @param {string | null} title
     */
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
            this.#scopes(board);
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
    for (const cell of $all(this.#box, "[data-under]"))
      cell.toggleAttribute(
        "data-out",
        this.#only !== null && !(cell.dataset.under ?? "").split(" ").includes(this.#only ?? ""),
      );
  }

  /**
   * @param {Cell} cell
   * @param {() => void} work
   */
  #change(cell, work) {
    const look = () => [cell.dataset.mode, cell.hasAttribute("data-late"), $find(cell, ".mark")?.textContent].join();
    const before = look();
    work();
    if (look() === before) return;
    fit(cell);
    flash(cell);
  }

  /** @param {Board} board */
  #build(board, anyway = false) {
    const { children, tiles, area, at } = board;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [width, height] = [this.#box.clientWidth, this.#box.clientHeight];
    const codes = [area.code, at, children.map((child) => child.code), tiles.map((tile) => tile.code)];
    const key = JSON.stringify(narrow.matches ? [codes, "narrow"] : [codes, width, tiles.length ? height : 0]);
    if (!anyway && key === this.#drawn) return;
    this.#drawn = key;
    const parts = tiles.length
      ? this.#blocks(board, rem, width, height)
      : [h("div", { class: "cells plain" }, ...children.map((child) => childCell(child, this.#ctx, this.#layer)))];
    this.#box.replaceChildren(...parts);
  }

  /**
   * @param {Board} board
   * @param {number} rem
   * @param {number} width
   * @param {number} height
   */
  #blocks({ children, tiles }, rem, width, height) {
    const cells = children.map((child) => tiles.filter((tile) => tile.parent === child.code));
    if (narrow.matches) return children.map((child, index) => this.#folded(child, cells[index]));
    const look = {
      head: 1.9 * rem,
      padding: 0.75 * rem,
      gap: 0.5 * rem,
      blockWidth: 10.5 * rem,
      cellWidth: 2.9 * rem,
      cellHeight: 1.4 * rem,
    };
    const plan = arrange(
      cells.map((some) => some.length),
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
            ...run.map((index) => this.#block(children[index], cells[index], plan.across, plan.rows[index], room)),
          ),
        ),
      ),
    ];
  }

  /**
   * @param {Place} child
   * @param {Place[]} cells
   * @param {number} across
   * @param {number} rows
   * @param {number} room
   */
  #block(child, cells, across, rows, room) {
    const columns = Math.max(1, Math.min(across, cells.length));
    const head = heading(child, this.#ctx, this.#layer);
    const headRoom = (room + 0.3) * across - 4.2; // mark and late badge take the rest
    const letters = child.name.length * (child.name.length > 6 ? 0.78 : 1.125);
    if (letters > headRoom) head.style.setProperty("--fit", (headRoom / letters).toFixed(3));
    return h(
      "section",
      { class: "block", style: { "flex-grow": `${rows}`, "--columns": `${columns}`, "--rows": `${rows}` } },
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

  /**
   * @param {Place} child
   * @param {Place[]} cells
   */
  #folded(child, cells) {
    return h(
      "details",
      { class: "block" },
      h("summary", {}, heading(child, this.#ctx, this.#layer, true)),
      h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx, this.#layer))),
    );
  }
}
