// What the service tells, by path. For the type check alone: nothing of this is served.

interface Area {
  code: string;
  name: string;
  level: string;
}

/** Two facts of a place: what is ordered there, and how far its sites are. */
interface Standing {
  mode: string;
  ordered: { emergency: string; level: string; since: string; hazard: string } | null;
  converted: string | null;
  reach: string;
  level_below: string | null;
}

/** A place on the board: a child with its counts, or a grandchild, a tile. */
interface Place extends Area, Standing {
  parent: string;
  conflicts?: number;
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
  expected: { order: string; until: string; grading: string };
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
interface Board extends Standing {
  seq: number;
  head: number;
  at: number | null;
  recorded_at: string;
  now?: string;
  rate?: number;
  area: Area;
  level: string | null;
  excluded?: Area[];
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
type Delta = Partial<Omit<Board, "late">> & { seq: number; late?: Row[] | { rows: Row[]; gone: string[] } };

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

/** Everything the page 值守 shows. */
interface Mine {
  seq: number;
  account?: string;
  person: Row | null;
  checkin: Row;
  posts: Row[];
  line: Row[];
  packages: Row[];
  hours?: Row[];
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

type Answers = {
  authority: { seq: number; expected: string; levels: Level[]; absences?: Row[] };
  "checkins/funnel": Funnel;
  "checkins/qr": Row;
  donations: { number: number; at: string; station_name: string; lines: Row[] };
  facts: { facts: Row[] };
  "items/find": { items: Row[] };
  "packages/coverage": Row;
  "packages/kinds": { seq: number; expected: string; kinds: Kind[] };
  "people/mine": Mine;
  playbooks: { playbooks: Row[] };
  session: User;
  "stock/ahead": Row;
  "stock/board": Row;
  "stock/needs": Row;
  "stock/trace": Row;
};

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
