// What the JavaScript in static/ is made of, for the type check alone: nothing of this is served.

/** What came as JSON: here the service is taken at its word. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where nothing is known
type Json = any;

/** A row, or another thing the service tells of. */
interface Row {
  [field: string]: Json;
}

/** What a list answers (see api/http/lists.py), and what `wholeSource` makes of an answer. */
interface Page extends Row {
  rows: Row[];
  total: number;
  page: number;
  pages: number;
  size: number;
  sort: string;
  seq: number;
}

/** A decision that is stored. */
interface Receipt extends Row {
  seq: number;
  first_seq?: number;
  recorded_at: string;
  command: string;
  root: string;
}

/** One field's part of a refusal. */
interface Fault {
  field: string;
  zh: string;
  en: string;
}

/** What is known of something that was caught: only an answer of the service has a status and a code. */
interface Failure {
  name: string;
  message: string;
  status?: number;
  code?: string;
  zh?: string;
  en?: string;
  fields?: Fault[];
  facts?: Row;
  final?: boolean;
}

// --- elements ----------------------------------------------------------------------

type Tags = HTMLElementTagNameMap & { svg: SVGSVGElement; use: SVGUseElement };
type Child = Node | string | number | false | null | undefined | readonly Child[];
type Attribute = string | number | boolean | null | undefined;
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What `h` takes: attributes, `data`, `style` and listeners. */
interface Props<E> {
  data?: { [name: string]: Attribute };
  style?: { [name: string]: string };
  onclick?: (event: MouseEvent & { currentTarget: E }) => unknown;
  onchange?: (event: Event & { currentTarget: E }) => unknown;
  oninput?: (event: InputEvent & { currentTarget: E }) => unknown;
  onsubmit?: (event: SubmitEvent & { currentTarget: E; target: E }) => unknown;
  ontoggle?: (event: ToggleEvent & { currentTarget: E }) => unknown;
  [name: string]: Attribute | { [name: string]: Attribute } | ((event: Json) => unknown);
}

// --- what the page asks and shows --------------------------------------------------

/** Words by code, in Chinese: the key of their translation. */
type Words = Record<string, string>;

/** What a form holds. */
type Values = Record<string, string>;

/** Parameters of a request. */
type Params = Record<string, Attribute>;

interface Option {
  value: string | number;
  label: string;
}

interface Column {
  key: string;
  label: string;
  kind?: string;
  sortable?: boolean;
  render?: (row: Row) => Child;
  text?: (row: Row) => Child;
}

/** A column of what came whole: it needs no key where it is drawn. */
type Drawn = Omit<Column, "key"> & { key?: string };

interface Filter {
  column: string;
  label: string;
  options: Option[];
}

interface ListOptions {
  path?: string;
  label?: string;
  columns: Column[];
  rowHref?: ((row: Row) => string | null) | null;
  onOpen?: ((row: Row) => unknown) | null;
  rowKey?: ((row: Row) => string) | null;
  filters?: Filter[];
  params?: () => Params;
  empty?: string;
  live?: ((again: () => void) => unknown) | null;
  onPage?: ((page: Page) => unknown) | null;
  onFail?: ((error: Failure) => unknown) | null;
  prefix?: string;
  source?: ((query: ListQuery, signal: AbortSignal) => Promise<Page>) | null;
  onChoose?: ((rows: Row[]) => unknown) | null;
  choosable?: (row: Row) => boolean;
}

/** What is asked of a list. */
interface ListQuery extends Params {
  q: string;
  sort: string;
  page: number;
  size: number;
}

/** A thing that was looked for and found. */
interface Found {
  id: string;
  label: string;
  row?: Row;
}

interface ViewOptions<A> {
  fetch: (signal: AbortSignal) => Promise<A>;
  render: (answer: A) => Child;
}

/** One part of a decision that is restated before it is sent; false: not to be said. */
type Point = readonly [label: string, text: Child];

interface Restated {
  sentence: string;
  points: (Point | false | "" | undefined)[];
}

/** Where something is sent; a body of null deletes. */
interface Target {
  path: string;
  body: Row | null;
}

/** See `Sheet`; the subject is whatever it was opened for. */
interface SheetOptions {
  target: (values: Values, subject: Json) => Target;
  restate?: (values: Values, subject: Json) => Restated;
  receipt?: (answer: Receipt) => Node;
  done?: (answer: Receipt, subject: Json) => unknown;
  check?: (values: Values, subject: Json) => unknown;
  foresee?: (values: Values, subject: Json) => Child | Promise<Child>;
}

// --- what the service tells --------------------------------------------------------

interface Area {
  code: string;
  name: string;
  level: string;
}

/** A place on the board: a child with its counts, or a grandchild, a tile. */
interface Place extends Area {
  parent: string;
  mode: string;
  seq: number;
  counts: Row;
  late?: number;
  vacant?: number;
  gaps?: number;
  short?: number;
  people?: Row;
  emergencies?: string[] | null;
}

interface Emergency extends Row {
  id: string;
  seq: number;
  state: string;
  level: string;
  matter: string;
  scope: Area[];
  excluded: Area[];
  changes?: Row[];
}

interface Site extends Row {
  id: string;
  area: string;
  name: string;
  steps: Row[];
  spaces: Row[];
  facilities: Row[];
  planned: Row[];
  duties?: Duty[];
}

/** One emergency's share of a site. */
interface Duty extends Row {
  emergency: string;
  steps?: Row[];
}

/** Everything of an area at one moment (see projections/board.py). */
interface Board {
  seq: number;
  head: number;
  at: number | null;
  recorded_at: string;
  now?: string;
  rate?: number;
  area: Area;
  mode: string;
  level: string | null;
  ancestors: Area[];
  children: Place[];
  tiles: Place[];
  sites: Site[];
  counts: Row;
  emergencies: Emergency[];
  facts: Row[];
  late: Row[];
  late_total: number;
  vacancies?: Row[];
  vacancies_total?: number;
  gaps_total?: number;
  conflicts?: Row[];
  conflicts_total?: number;
  alarms?: { open: number; unseen: number; grave: number; rows: Row[] };
  approvals?: { waiting: number };
  orders?: { missing: number };
  supplies?: Row;
}

/** What the stream tells: the parts of the board that changed. */
type Delta = Partial<Board> & { seq: number };

/** What a change touched, by code or id. */
interface Touched {
  children: Set<string>;
  tiles: Set<string>;
  sites: Set<string>;
  facts: Set<number>;
}

/** The signed-in person. */
interface User {
  account: string;
  area: string;
  role: string;
  may?: string[];
  grants?: Row[];
}

/** What the page was given with its template. */
interface Given {
  user: User;
  home: string;
  id: string;
  area?: string;
  world?: { name: string };
  clock: { now_ms: number; factor: number };
}

type Answers = {
  authority: { seq: number; levels: Level[]; absences?: Row[] };
  "checkins/funnel": Funnel;
  "checkins/qr": Row;
  donations: { number: number; at: string; station_name: string; lines: Row[] };
  facts: { facts: Row[] };
  "items/find": { items: Row[] };
  "packages/coverage": Row;
  "packages/kinds": { seq: number; kinds: Kind[] };
  "people/mine": Mine;
  playbooks: { playbooks: Row[] };
  session: User;
  "stock/ahead": Row;
  "stock/board": Row;
  "stock/needs": Row;
  "stock/trace": Row;
};

/** Everything the page 值守 shows. */
interface Mine {
  seq: number;
  account?: string;
  person: Row | null;
  checkin: Row;
  posts: Row[];
  line: Row[];
  packages: Row[];
}

/** A kind of packages. */
interface Kind extends Row {
  id: string;
  target: string;
  parties: string[];
  load: number;
  functions?: string[];
}

/** Who signs a level, and who stands in. */
interface Level {
  level: string;
  roles: Row[];
  chain: Row[];
}

/** Check-in of an area. */
interface Funnel {
  seq: number;
  open: boolean;
  total: Row;
  communities: Row[];
  units: Row[];
  campaign?: string;
}

/** What a path answers: of most a list; what is not known here is a row. */
type Answer<P extends string> = P extends keyof Answers
  ? Answers[P]
  : P extends `areas/${string}/board`
    ? Board
    : P extends `areas/${string}/children`
      ? { areas: Area[] }
      : P extends `facts/${string}` | `${string}/record`
        ? Row
        : string extends P
          ? Row
          : Page;

// --- the board's parts -------------------------------------------------------------

interface Rights {
  declare: boolean;
  alarm: boolean;
  change: (emergency: Emergency) => boolean;
  end: (emergency: Emergency) => boolean;
  step: (site: Site) => boolean;
}

/** What the drawer asks of its page; only the board can do the second half. */
interface DrawerContext {
  at: () => number | null;
  now: () => string;
  openFact: (seq: number) => void;
  lookAt: (seq: number | null) => void;
  act?: (act: string, emergency: Emergency) => void;
  may?: Rights;
}

/** What the parts of the board ask of it. */
interface BoardContext extends DrawerContext {
  act: (act: string, emergency: Emergency) => void;
  may: Rights;
  sees: boolean;
  board: () => Board;
  seq: () => number;
  href: (code: string) => string;
  openArea: (area: Area) => void;
  openSite: (site: Site) => void;
  openEmergency: (emergency: Emergency) => void;
  order: () => void;
  announce: (text: string) => void;
  stored: (receipt: Receipt, quiet?: boolean) => void;
  reconnect: () => void;
}

// --- pages of the field ------------------------------------------------------------

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

type Sheet = import("./static/deciding.js").Sheet;
type Finder = import("./static/find.js").Finder;
type List = import("./static/list.js").List;
type Known = import("./static/keeper_data.js").Known;
type Lines = import("./static/stock_lines.js").Lines;
type Outbox = import("./static/outbox.js").Outbox;

/** Gives what the drawer shows. */
type Load = () => Promise<Child[]>;

/** A list of facts in the drawer; `intro`: the emergency they are about. */
interface FactList {
  title: string;
  filter: Params;
  intro?: Emergency;
  facts: Row[];
  end: boolean;
}

/** See `Decision`. */
interface DecisionOptions {
  ctx: BoardContext;
  restate: (values: Values) => Restated;
  target: (values: Values) => { path: string; body: Row };
  asked?: (values: Values) => { path: string; body: Row } | null;
  prepare?: () => void;
}

/** What a finder looks for. */
interface Sought {
  path: string;
  ask: () => string;
  none: () => string;
  note: (row: Row) => string;
  row: (row: Row) => Found;
}

interface FinderOptions {
  what?: Sought;
  label?: string;
  onChoose?: (value: Found | null) => unknown;
  offers?: Found[];
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

/** What a scanner read. */
interface Scanned {
  item: Item;
  lot: string;
}

/** See `bindImport`. */
interface ImportOptions {
  path: (dry: boolean) => string;
  template: string;
  columns: Words;
  also?: Words;
  commit: (answer: Row) => string;
  same: string;
  more?: (answer: Row) => Child;
}

/** A moment marked on a chart. */
interface Mark {
  hour: number;
  label: string;
  kind: string;
}

/** A number under its name. */
interface Tile {
  key: string;
  label: string;
  value: string;
  unit?: string;
  note?: string;
  mode?: string;
  late?: boolean;
  bad?: boolean;
}

/** A column of a small table: drawn by `text`, or a number. */
interface Sight {
  label: string;
  name?: string;
  text?: (row: Row) => Child;
}

/** The column that names a row. */
type Named = Sight & { text: (row: Row) => Child };

/** A layer of the map: "" shows the mode. */
type Layer = "" | "vacancies" | "packages";

/** A cell of the map; `room`: for its name, in rem. */
type Cell = HTMLElement & { room?: number };

/** A row of the table of places. */
type ChildRow = HTMLTableRowElement & { child?: Place };

interface PickedArea {
  code: string;
  name: string;
}

/** A line of goods that is given before anybody writes. */
interface Preset {
  row: Row;
  quantity?: number;
  lot?: string;
  fixed?: boolean;
}

/** What a dialog of the stock begins with. */
interface OpenOptions {
  presets?: Preset[];
  offers?: Found[];
  corrects?: string;
  reservation?: string;
}

interface LinesOptions {
  fields?: ("lot" | "batch" | "made" | "expires")[];
  lots?: "" | "any" | "one";
  fixed?: boolean;
  exact?: boolean;
  quantityLabel?: string;
  single?: boolean;
}

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

// --- what not every browser has ----------------------------------------------------

declare class BarcodeDetector {
  constructor(options: { formats: string[] });
  static getSupportedFormats(): Promise<string[]>;
  detect(image: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

// --- sw.js: the service puts these on top of it ------------------------------------

declare const VERSION: string;
declare const FILES: string[];
declare const PAGE: string;

/** What of a service worker sw.js needs: its own library and that of pages exclude each other. */
interface ServiceScope {
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  addEventListener(
    type: "install" | "activate" | "fetch",
    listener: (event: {
      request: Request;
      waitUntil: (work: Promise<unknown>) => void;
      respondWith: (answer: Promise<Response>) => void;
    }) => void,
  ): void;
}

/** What is traced: a lot, or the slip. */
type Wanted = { slip: string; item?: undefined; lot?: undefined } | { item: string; lot: string; slip?: undefined };

/** What can be done with people of the roster. */
interface PersonContext {
  unavailable: (rows: Row[]) => void;
  available: (rows: Row[]) => void;
  checkin: (row: Row) => void;
}
