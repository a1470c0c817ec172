const FACTS_MOST = 60;

function merge(list, changed, key) {
  const at = new Map(list.map((item, index) => [item[key], index]));
  for (const item of changed ?? []) {
    if (at.has(item[key])) list[at.get(item[key])] = item;
    else list.push(item);
  }
  return new Set((changed ?? []).map((item) => item[key]));
}

/** Lay a change from the stream over the board; returns what it touched, by code or id. */
export function applyDelta(board, delta) {
  const touched = {
    children: merge(board.children, delta.children, "code"),
    tiles: merge(board.tiles, delta.tiles, "code"),
    sites: merge(board.sites, delta.sites, "id"),
    facts: new Set(),
  };
  for (const name of ["seq", "recorded_at", "mode", "level", "counts", "emergencies", "late", "late_total"]) {
    if (delta[name] !== undefined) board[name] = delta[name];
  }
  board.head = Math.max(board.head, delta.seq);
  const known = new Set(board.facts.map((fact) => fact.seq));
  const fresh = (delta.facts ?? []).filter((fact) => !known.has(fact.seq));
  fresh.forEach((fact) => touched.facts.add(fact.seq));
  board.facts = [...fresh, ...board.facts].sort((a, b) => b.seq - a.seq).slice(0, FACTS_MOST);
  return touched;
}

export const nothing = () => ({ children: new Set(), tiles: new Set(), sites: new Set(), facts: new Set() });

const GRAVITY = { I: 4, II: 3, III: 2, IV: 1 };

/** Those in force, gravest first; then those ended whose sites still recover. */
export function byGravity(emergencies) {
  const rank = (item) => (item.state === "ACTIVE" ? 10 : 0) + (GRAVITY[item.level] ?? 0);
  return [...emergencies].sort((a, b) => rank(b) - rank(a) || b.seq - a.seq);
}

/** What the signed-in person may do here; the server decides again. */
export function permissions(user, board) {
  const acts = ["commander", "duty-officer", "street-staff", "community-secretary"].includes(user?.role);
  const past = board.at !== null && board.at !== undefined;
  const covers = (code) => code.startsWith(user?.area ?? "-"); // a role is held for a path: the digits of a code that count
  return {
    command: user?.role === "commander" && covers(board.area.code) && !past,
    step: (site) => acts && !past && covers(site.area),
  };
}
