// What the pages of the field pass around: 值守 and 物资. For the type check alone: nothing of this is served.

/** A write that is kept on the device until it is stored; what else it says is for its page. */
interface Entry extends Row {
  n: number;
  key: string;
  path: string;
  body: Row;
  who: string;
  state: string;
  what: string;
  name: string;
  at: string;
}

/** A refused write. */
interface Refused extends Entry {
  error: Fault & { code: string; fields?: Fault[]; facts?: Row };
}

/** How the list of what waits names a write, and what it takes to write it anew. */
interface Said extends Row {
  what: string;
  name?: string;
}

type Outbox = import("../static/outbox.js").Outbox;

/** What the cards of the page 值守 can set going. */
interface PostActs {
  accept: (post: Row) => unknown;
  safety: (post: Row) => unknown;
  decline: (post: Row) => unknown;
  take: (post: Row, item: Row) => unknown;
  back: (post: Row) => unknown;
  seize: (post: Row) => unknown;
  pass: (row: Row) => unknown;
}

/** Goods of the catalogue as the keeper's page holds them. */
interface Item extends Row {
  code: string;
  name: string;
  unit: string;
  packagings?: { unit: string; factor: number }[];
  barcodes?: string[];
}

interface Lot extends Row {
  lot: string;
  status: string;
  on_hand: number;
  reserved: number;
  available?: number;
}

/** What there is of an item at the keeper's station. */
interface Stock extends Row {
  item: string;
  on_hand: number;
  available: number;
  minimum: number;
  lots: Lot[];
}

/** A line of a slip while it is written. */
interface SlipLine extends Row {
  item: string;
  quantity: number;
  lot?: string;
}

/** What a dialog of the page 物资 makes of what was filled in. */
interface Made {
  path: string;
  body: Row;
  said: Said;
}

/** What a refused write is written anew from. */
interface Again {
  deed: string;
  subject: Row;
  values: Values;
  lines: SlipLine[] | null;
}

/** A shipment, an issue, or another slip. */
interface Slip extends Row {
  slip: string;
  state: string;
  lines: SlipLine[];
  open?: SlipLine[];
}

/** A count that is open, with its sheet. */
interface Sheeted {
  id: string;
  sheet: Row[];
}

/** Everything of the keeper's station. */
interface StationKept extends Row {
  seq: number;
  mode: string;
  stock: Stock[];
  counts: Sheeted[];
  issues: Slip[];
  coming: Slip[];
  orders: Slip[];
  emergencies: Emergency[];
}

type Known = import("../static/keeper_data.js").Known;

/** What a scanner read. */
interface Scanned {
  item: Item;
  lot: string;
}

interface ItemFinderOptions {
  items: () => Item[];
  chosen: (item: Item | null, lot: string) => unknown;
  scan?: ((take: (one: Scanned) => void) => unknown) | null;
  note?: (item: Item) => string;
  label?: string;
  keep?: boolean;
  required?: string;
}

/** What the parts of the page 物资 ask of it. */
interface KeeperPage {
  known: Known;
  write: (path: string, body: Row, more: Said) => Promise<boolean>;
  entries: () => Entry[];
  dismiss: (n: number) => Promise<void>;
  note: (item: Item) => string;
  scan: (take: (one: Scanned) => void) => unknown;
  others: () => Row[];
  nameOfStation: (station: string) => string;
}
