import { arrange } from "./columns.js";
import { $, $all, $find, flash, h, swap } from "./dom.js";
import { convertedOf, hazardOf, levelOf, modeOf, signOf } from "./fmt.js";
import { t } from "./i18n.js";
import { childCell, GRADES, heading, paint, paintChild, paintHead, SIGNS, tileCell } from "./map_cells.js";
import { fit, fitAll, fitHead } from "./map_fit.js";
import { inForce, nothing } from "./state.js";

const narrow = matchMedia("(max-width: 1099px)");

/** What the map can show: the mode, vacant posts (空缺), targets without anybody (包保缺口). */
/** @type {Layer[]} */ const LAYERS = ["", "vacancies", "packages"];
/** @type {Words} */ const WORDS = { mode: "受令与转换", vacancies: "空缺", packages: "包保" };

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
        [{ mode: "PEACETIME" }, modeOf("PEACETIME")],
        [{ mode: "PEACETIME", reach: "COVERED" }, t("受令未转换")],
        .../** @type {[Values, string][]} */ (
          ["CONVERTING", "EMERGENCY", "RECOVERING"].map((mode) => [{ mode, reach: "COVERED" }, convertedOf(mode)])
        ),
        [{ mode: "PEACETIME", reach: "EXCLUDED" }, `⊘ ${t("已排除")}`],
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
      if (head) {
        paintHead(head, child, this.#layer);
        fitHead(head);
      }
      const large = $find(this.#box, `.large[data-tile="${child.code}"]`);
      if (large) this.#change(large, () => paintChild(large, child, this.#layer, board));
    }
    for (const tile of board.tiles) {
      if (!touched.tiles.has(tile.code)) continue;
      const cell = $find(this.#box, `[data-tile="${tile.code}"]`);
      const above = board.children.find((child) => child.code === tile.parent);
      if (cell) this.#change(cell, () => paint(cell, tile, this.#layer, above && signOf(above)));
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
    const look = () =>
      [cell.dataset.mode, cell.dataset.reach, cell.hasAttribute("data-late"), $find(cell, ".mark")?.textContent].join();
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
    fitAll(this.#box, rem);
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
    return [
      h(
        "div",
        { class: "columns" },
        ...plan.runs.map((run) =>
          h(
            "div",
            { class: "column" },
            ...run.map((index) => this.#block(children[index], cells[index], plan.across, plan.rows[index])),
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
   */
  #block(child, cells, across, rows) {
    const columns = Math.max(1, Math.min(across, cells.length));
    return h(
      "section",
      { class: "block", style: { "flex-grow": `${rows}`, "--columns": `${columns}`, "--rows": `${rows}` } },
      heading(child, this.#ctx, this.#layer),
      h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx, this.#layer, child))),
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
      h("div", { class: "cells" }, ...cells.map((tile) => tileCell(tile, this.#ctx, this.#layer, child))),
    );
  }
}
