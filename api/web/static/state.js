const FACTS_MOST = 60;
/** @type {(keyof Board)[]} */
const WHOLE = [
  "seq",
  "recorded_at",
  "mode",
  "ordered",
  "converted",
  "reach",
  "level",
  "level_below",
  "excluded",
  "counts",
  "emergencies",
  "late_total",
  "vacancies",
  "vacancies_total",
  "gaps_total",
  "supplies",
  "alarms",
  "approvals",
  "orders",
  "conflicts",
  "conflicts_total",
];

/**
 * @template {Row | Place} T
 * @param {T[]} list
 * @param {T[] | undefined} changed
 * @param {(item: T) => string} keyOf
 */
function merge(list, changed, keyOf) {
  const at = new Map(list.map((item, index) => [keyOf(item), index]));
  for (const item of changed ?? []) {
    const known = at.get(keyOf(item));
    if (known === undefined) list.push(item);
    else list[known] = item;
  }
  return new Set((changed ?? []).map(keyOf));
}

/** @param {Row} late */
const lateKey = (late) => `${late.site}/${late.emergency}/${late.step}`;

/**
 * The late steps after a change: all of them, or who came and who is gone.
 * @param {Row[]} list
 * @param {Row[] | { rows: Row[], gone: string[] }} change
 */
function moved(list, change) {
  if (Array.isArray(change)) return change;
  const out = new Set([...change.gone, ...change.rows.map(lateKey)]);
  const rows = [...list.filter((late) => !out.has(lateKey(late))), ...change.rows];
  /** @param {Row} late */
  const rank = (late) => [Date.parse(late.due_at), late.site, late.emergency, late.step];
  return rows
    .map((late) => ({ late, by: rank(late) }))
    .sort((a, b) => {
      const at = a.by.findIndex((value, place) => value !== b.by[place]);
      return at < 0 ? 0 : a.by[at] < b.by[at] ? -1 : 1;
    })
    .map(({ late }) => late);
}

/** @param {Place} place */
const codeOf = (place) => place.code;

/**
 * Lay a change from the stream over the board; returns what it touched, by code or id.
 * @param {Board} board
 * @param {Delta} delta
 */
export function applyDelta(board, delta) {
  /** @type {Touched} */
  const touched = {
    children: merge(board.children, delta.children, codeOf),
    tiles: merge(board.tiles, delta.tiles, codeOf),
    sites: merge(board.sites, delta.sites, (site) => site.id),
    facts: new Set(),
  };
  for (const name of WHOLE) {
    if (delta[name] !== undefined) Object.assign(board, { [name]: delta[name] });
  }
  if (delta.late !== undefined) board.late = moved(board.late, delta.late);
  board.head = Math.max(board.head, delta.seq);
  const known = new Set(board.facts.map((fact) => fact.seq));
  const told = delta.facts ?? []; // an older one too, if what came corrects it
  for (const { seq } of told) if (!known.has(seq)) touched.facts.add(seq);
  const again = new Set(told.map((fact) => fact.seq));
  board.facts = [...told, ...board.facts.filter((fact) => !again.has(fact.seq))]
    .sort((a, b) => b.seq - a.seq)
    .slice(0, FACTS_MOST);
  return touched;
}

/** @returns {Touched} */
export const nothing = () => ({ children: new Set(), tiles: new Set(), sites: new Set(), facts: new Set() });

/** @type {Record<string, number>} */ const GRAVITY = { I: 4, II: 3, III: 2, IV: 1 };

/**
 * Those in force, gravest first; then those ended whose sites still recover.
 * @param {Emergency[]} emergencies
 */
export function byGravity(emergencies) {
  /** @param {Emergency} item */
  const rank = (item) => (item.state === "ACTIVE" ? 10 : 0) + (GRAVITY[item.level] ?? 0);
  return [...emergencies].sort((a, b) => rank(b) - rank(a) || b.seq - a.seq);
}

/** @param {Board} board */
export const inForce = (board) => byGravity(board.emergencies).filter((item) => item.state === "ACTIVE");

/**
 * The digits of a code that count: a role is held for a path. Nothing: the whole world.
 * @param {string | undefined} code
 */
function path(code) {
  let cut = code ?? "";
  if (cut.length !== 12) return cut;
  for (const zeros of ["000", "000", "00", "00"]) {
    if (!cut.endsWith(zeros)) break;
    cut = cut.slice(0, -zeros.length);
  }
  return cut;
}

const ACTING = ["commander", "duty-officer", "street-staff", "community-secretary"];

/**
 * What a session that names no actions may do by its role.
 * @param {string} role
 */
function byRole(role) {
  return [
    ...(role === "commander" ? ["emergency.declare", "emergency.end"] : []),
    ...(ACTING.includes(role) ? ["step.complete"] : []),
  ];
}

/**
 * What the signed-in person may do here; the server decides again.
 * @param {User | null} user
 * @param {Board | null} board
 * @returns {Rights}
 */
export function permissions(user, board) {
  const here = board?.area.code ?? "";
  const past = board?.at !== null && board?.at !== undefined;
  const allowed = new Set(past || !user || !board ? [] : (user.may ?? byRole(user.role)));
  const paths = (user?.grants?.length ? user.grants : [{ area: user?.area ?? "-" }]).map((grant) => path(grant.area));
  /** @param {string} code */
  const covers = (code) => paths.some((held) => code.startsWith(held));
  /** @param {Emergency} emergency */
  const over = (emergency) => covers(here) || emergency.scope.every((area) => covers(area.code));
  return {
    declare: allowed.has("emergency.declare") && covers(here),
    /** @param {Emergency} emergency */
    change: (emergency) => allowed.has("emergency.change") && over(emergency),
    /** @param {Emergency} emergency */
    end: (emergency) => allowed.has("emergency.end") && over(emergency),
    alarm: allowed.has("alarm.acknowledge"),
    /** @param {Site} site */
    step: (site) => allowed.has("step.complete") && covers(site.area),
  };
}

/**
 * Add what another change has touched.
 * @param {Touched} all
 * @param {Touched} more
 */
export function touchAlso(all, more) {
  for (const code of more.children) all.children.add(code);
  for (const code of more.tiles) all.tiles.add(code);
  for (const id of more.sites) all.sites.add(id);
  for (const seq of more.facts) all.facts.add(seq);
}
