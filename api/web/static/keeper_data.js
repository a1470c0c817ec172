import { failureOf, get } from "./api.js";
import { call } from "./fmt.js";
import { nameOf } from "./keeper_find.js";
import { keep, kept } from "./kept.js";
import { now, pathOf, user } from "./page.js";

const SIZE = 200;
const SLOW_MS = 600000; // catalogue and stations move slowly
const MOST_SAID = 20;
const ISSUES_MOST = 100; // what is brought back was handed out lately
const UNDERWAY = ["TRANSIT", "PART", "MISSING"];

/**
 * All rows of a list, however many pages it has.
 * @param {string} path
 */
async function all(path, params = {}) {
  const rows = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await get(path, { ...params, size: SIZE, page }, undefined, { keep401: true });
    rows.push(...answer.rows);
    pages = answer.pages ?? 1;
    if (page === pages) return { ...answer, rows };
  }
  return { rows };
}

/**
 * What the page knows of the keeper's stations (物资站), kept on this device for when there is no network.
 * `places`: every station, `stations`: those of theirs. `line`: connecting, live, offline, signin, stranger or refused; `why`: the refusal; `at`: of which moment it is.
 */
export class Known {
  #asking = false;
  #again = false;
  #reached = 0; // the log position of our own last write
  #slowAt = 0; // when they were last asked for
  /** @type {{ of: string, rows: Row[] }} */
  #lots = { of: "", rows: [] }; // and of which state of the stock the lots are

  /** @param {() => void} changed */
  constructor(changed) {
    const goods = kept(user.account, "goods");
    const last = kept(user.account, "keeper");
    this.changed = changed;
    this.line = "connecting";
    /** @type {Failure | null} */
    this.why = null;
    /** @type {string | null} */
    this.at = last?.at ?? null;
    this.left = false;
    /** @type {Item[]} */
    this.goods = goods?.answer ?? [];
    /** @type {string | null} */
    this.goodsAt = goods?.at ?? null;
    /** @type {Row[]} */
    this.said = kept(user.account, "said")?.answer ?? [];
    /** @type {Row[]} */
    this.places = last?.answer?.places ?? [];
    /** @type {Row[] | null} */
    this.stations = last?.answer?.stations ?? null;
    /** @type {string} */
    this.chosen = last?.answer?.chosen ?? "";
    /** @type {StationKept | null} */
    this.station = last?.answer?.station ?? null;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    /** @type {Map<string, Stock>} */
    this.rows = new Map();
    this.#index();
  }

  get seq() {
    return this.station?.seq ?? 0;
  }

  /** @param {string} code */
  item(code) {
    return this.items.get(code) ?? { code, name: code, unit: "", packagings: [], barcodes: [] };
  }

  /**
   * What there is of an item here; nothing is a row too.
   * @param {string} code
   */
  stock(code) {
    return (
      this.rows.get(code) ?? {
        item: code,
        on_hand: 0,
        available: 0,
        reserved: 0,
        on_hold: 0,
        coming: 0,
        minimum: 0,
        lots: [],
      }
    );
  }

  #index() {
    this.items = new Map(this.goods.map((item) => [item.code, item]));
    for (const item of this.goods) call(item.code, nameOf(item));
    this.rows = new Map((this.station?.stock ?? []).map((row) => [row.item, row]));
  }

  /**
   * Look at another station of theirs.
   * @param {string} station
   */
  async choose(station) {
    [this.chosen, this.station] = [station, null];
    this.#index();
    this.changed();
    await this.load();
  }

  /** @param {Receipt | null} receipt */
  wrote(receipt) {
    this.#reached = Math.max(this.#reached, receipt?.seq ?? 0);
  }

  /**
   * What became of a write and its writer should see (lots to take, a donor's receipt); it stays until they have.
   * @param {Row} one
   */
  say(one) {
    this.said = [one, ...this.said].slice(0, MOST_SAID);
    keep(user.account, now(), this.said, "said");
  }

  /** @param {string} key */
  heard(key) {
    this.said = this.said.filter((one) => one.key !== key);
    keep(user.account, now(), this.said, "said");
    this.changed();
  }

  /** Ask for all of it; what was there stays until it is answered. */
  async load() {
    this.#again = this.#asking;
    if (this.#asking || this.left) return;
    this.#asking = true;
    try {
      const { account } = await get("session", {}, undefined, { keep401: true });
      this.line = account === user.account ? "live" : "stranger"; // another tab has signed in as somebody else
      if (this.line === "live") await this.#ask();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status === 401) this.line = "signin";
      else if (failure.final) [this.line, this.why] = ["refused", failure];
      else this.line = "offline";
    } finally {
      this.#asking = false;
      this.changed();
    }
    if (this.#again) await this.load();
  }

  async #ask() {
    const min = { min_seq: this.#reached || null };
    const slow = this.#slowAt && Date.now() - this.#slowAt < SLOW_MS;
    const places = slow
      ? this.places
      : (await all("stations", min)).rows.map(({ station, name, area, area_name, mine }) => ({
          station,
          name,
          area,
          area_name,
          mine,
        }));
    const stations = places.filter((row) => row.mine);
    const chosen = stations.some((row) => row.station === this.chosen) ? this.chosen : (stations[0]?.station ?? "");
    if (!slow || !this.goods.length) await this.#askGoods();
    const row = stations.find((one) => one.station === chosen);
    const station = row ? await this.#askStation(row, min) : null;
    if (this.left || (this.chosen && this.chosen !== chosen && stations.some((row) => row.station === this.chosen)))
      return; // another one was chosen meanwhile
    const at = now();
    Object.assign(this, { places, stations, chosen, station, at, why: null });
    this.#index();
    keep(user.account, at, { places, stations, chosen, station }, "keeper");
  }

  async #askGoods() {
    const { rows } = await all("items");
    this.goods = rows;
    this.#slowAt = Date.now();
    this.goodsAt = now();
    keep(user.account, this.goodsAt, rows, "goods");
  }

  /**
   * @param {Row} station
   * @param {Params} min
   */
  async #askStation({ station: id, area }, min) {
    /**
     * @param {string} path
     * @param {Params} [params]
     */
    const keep = (path, params) => get(path, { ...params, ...min }, undefined, { keep401: true });
    const [{ station, stock, open, seq }, issues, emergencies] = await Promise.all([
      keep(pathOf("stations", id)),
      keep("slips", { area, "f.station": id, "f.kind": "issue", "f.state": "DONE", size: ISSUES_MOST }),
      keep("emergencies", { "f.state": "ACTIVE" }),
    ]);
    const state = JSON.stringify([id, stock.map((/** @type {Row} */ row) => row.seq)]); // whatever becomes of a lot changes its row of stock
    if (this.#lots.of !== state)
      this.#lots = { of: state, rows: (await all("stock/lots", { station: id, min_seq: seq })).rows };
    const of = new Map();
    for (const lot of this.#lots.rows) of.set(lot.item, [...(of.get(lot.item) ?? []), lot]);
    const sheets = await Promise.all(
      open
        .filter((/** @type {Row} */ slip) => slip.kind === "count")
        .map(async (/** @type {Row} */ { slip }) => ({ id: slip, sheet: (await keep(pathOf("counts", slip))).lines })),
    );
    return {
      ...station,
      seq,
      stock: stock.map((/** @type {Row} */ row) => ({ ...row, lots: of.get(row.item) ?? [] })),
      counts: sheets,
      issues: issues.rows,
      emergencies: emergencies.rows,
      coming: open.filter((/** @type {Row} */ slip) => slip.to_station === id && UNDERWAY.includes(slip.state)),
      orders: open.filter((/** @type {Row} */ slip) => slip.station === id && slip.state === "ORDERED"),
    };
  }
}

// --- lots -------------------------------------------------------------------------------

/** @param {Lot} lot */
export const usable = (lot) => lot.status === "approved" || lot.status === "";
/** @param {Lot} lot */
const lasts = (lot) => lot.expires || "9999";

/**
 * The first to expire first (先到期先出); what cannot be handed out `last`, or before all.
 * @param {Lot[]} lots
 */
export const inOrder = (lots, last = true) =>
  [...lots].sort(
    (a, b) =>
      (last ? 1 : -1) * (Number(usable(b)) - Number(usable(a))) ||
      lasts(a).localeCompare(lasts(b)) ||
      a.lot.localeCompare(b.lot),
  );

/**
 * Which lots an issue would take as far as this device knows: [[lot, quantity]], and what is missing.
 * @param {Lot[]} lots
 * @param {number} quantity
 */
export function foreseen(lots, quantity) {
  /** @type {[lot: Lot, quantity: number][]} */ const picks = [];
  let left = quantity;
  for (const lot of inOrder(lots).filter(usable)) {
    const taken = Math.min(left, lot.available ?? lot.on_hand - lot.reserved);
    if (taken > 0) picks.push([lot, taken]);
    left -= Math.max(taken, 0);
  }
  return { picks, left };
}
