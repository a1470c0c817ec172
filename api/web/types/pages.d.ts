// What the pages of the command post pass around. For the type check alone: nothing of this is served.

/** What a change touched, by code or id. */
interface Touched {
  children: Set<string>;
  tiles: Set<string>;
  sites: Set<string>;
  facts: Set<number>;
}

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
  takeUp: (emergency: Emergency, sites: Row[]) => void;
  may: Rights;
  sees: boolean;
  board: () => Board;
  seq: () => number;
  href: (code: string) => string;
  openArea: (area: Area) => void;
  openPart: (title: string, load: Load) => void;
  openSite: (site: Site) => void;
  openEmergency: (emergency: Emergency) => void;
  order: () => void;
  announce: (text: string) => void;
  stored: (receipt: Receipt, quiet?: boolean) => void;
  reconnect: () => void;
}

/** A layer of the map: "" shows the mode. */
type Layer = "" | "vacancies" | "packages";

/** A cell of the map; `room` and `high`: for its name, in rem. */
type Cell = HTMLElement & { room?: number; high?: number };

/** A row of the table of places. */
type ChildRow = HTMLTableRowElement & { child?: Place };

interface PickedArea {
  code: string;
  name: string;
  level?: string;
}

/** A line of goods that is given before anybody writes. */
interface Preset {
  row: Row;
  quantity?: number | string;
  lot?: string;
  fixed?: boolean;
  unit?: string;
  extra?: Record<string, string>;
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

/** What is traced: a lot, or the slip. */
type Wanted = { slip: string; item?: undefined; lot?: undefined } | { item: string; lot: string; slip?: undefined };

/** What can be done with people of the roster. */
interface PersonContext {
  unavailable: (rows: Row[]) => void;
  available: (rows: Row[]) => void;
  checkin: (row: Row) => void;
}
