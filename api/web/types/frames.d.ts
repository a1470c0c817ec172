// What the shared parts of the pages ask for: lists, forms, finders, tables. For the type check alone: nothing of this is served.

interface Option {
  value: string | number;
  label: string;
}

interface Column {
  key: string;
  label: string;
  kind?: string;
  sortable?: boolean;
  words?: Words | null;
  render?: (row: Row) => Child;
}

/** A column that is shown: the API says the rest. */
type Shown = string | (Partial<Column> & { key: string });

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
  columns: Shown[];
  rowHref?: ((row: Row) => string | null) | null;
  onOpen?: ((row: Row) => unknown) | null;
  more?: (row: Row) => Child;
  rowKey?: ((row: Row) => string) | null;
  filters?: (string | (Partial<Filter> & { column: string }))[];
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

/** See `decide`: what a decision would do, asked of another that stores nothing. */
interface Trial {
  name: string;
  label: string;
  show: (answer: Row) => Child;
}

/** See `decide`. */
interface DecideOptions {
  given?: Row;
  without?: string[];
  values?: Row;
  said?: string;
  done?: (receipt: Receipt) => unknown;
  choices?: Record<string, Words>;
  trial?: Trial;
}

/** See `Decision`. */
interface DecisionOptions {
  ctx: BoardContext;
  restate: (values: Values) => Restated;
  target: (values: Values) => { path: string; body: Row };
  asked?: (values: Values) => { path: string; body: Row } | null;
  prepare?: () => void;
  check?: () => void;
}

/** A thing that was looked for and found. */
interface Found {
  id: string;
  label: string;
  note?: string;
  row?: Row;
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

/** See `bindImport`. */
interface ImportOptions {
  path: (dry: boolean) => string;
  template: string;
  also?: Words;
  commit: (answer: Row) => string;
  same: string;
  warn?: (answer: Row) => Child;
  more?: (answer: Row) => Child;
}

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

type Sheet = import("../static/deciding.js").Sheet;

type Finder = import("../static/find.js").Finder;

type List = import("../static/list.js").List;

type Lines = import("../static/stock_lines.js").Lines;
