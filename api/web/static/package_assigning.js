import { get } from "./api.js";
import { refuse, Sheet } from "./deciding.js";
import { $, h } from "./dom.js";
import { Finder, Line, SOUGHT } from "./find.js";
import { labelOf } from "./fmt.js";
import { saw } from "./following.js";
import { either, t } from "./i18n.js";
import { may } from "./page.js";
import { personLink, postLink } from "./person.js";
import { PACKAGE_PARTIES, word } from "./words.js";

/** @type {Kind[]} */
export const known = []; // the kinds as the last answer told them

/** @param {Kind[]} kinds */
export const learn = (kinds) => known.splice(0, known.length, ...kinds);

// --- one package -------------------------------------------------------------------

/**
 * Who has it: a person, a post and who acts on it, an organisation.
 * @param {Row} party
 */
export function partyOf(party) {
  if (!party) return h("strong", { class: "none" }, t("无人"));
  if (party.kind === "person") return personLink(party.person ?? { ...party, available: true });
  if (party.kind === "post") return postLink(party.id, labelOf(party));
  return labelOf(party);
}

/** @type {Finder} */ let finder;
/** @type {Row} */ let subject;
const backups = new Line($("assign-backups"), { first: "B1" });

/**
 * The finder for the kind of party that is chosen.
 * @param {string} kind
 * @param {Row} row
 */
function seek(kind, row) {
  const offers =
    kind === "organisation" ? [{ id: `community:${row.area}`, label: t("{area}党组织", { area: row.area_name }) }] : [];
  finder = new Finder($("assign-party"), { what: SOUGHT[kind], label: t("责任人"), offers });
}

/** @param {Row} row */
const said = (row) => `${either(row, "kind")} · ${row.area_name} ${row.target_name}`;
const assign = new Sheet("assign", {
  check: () => finder.value ?? refuse("party", t("请选择责任人")),
  target({ party_kind: kind, reason }, row) {
    const to = { kind: row.kind, target: row.target, party: { kind, id: finder.id }, backups: backups.ids };
    return row.state === "GAP"
      ? { path: "packages/assign", body: { rows: [to], reason } }
      : { path: "packages/handover", body: { ...to, reason, expected: row.expected } };
  },
});
const release = new Sheet("release", {
  target: ({ reason }, row) => ({
    path: "packages/release",
    body: { kind: row.kind, target: row.target, reason, expected: row.expected },
  }),
});

/** @param {Row} row */
function openAssign(row) {
  const parties = known.find((kind) => kind.id === row.kind)?.parties ?? Object.keys(PACKAGE_PARTIES);
  $("assign-heading").textContent = row.state === "GAP" ? t("指派责任人") : t("移交包保责任");
  assign.open(row, { said: said(row) });
  $("assign-kind").replaceChildren(...parties.map((kind) => h("option", { value: kind }, word(PACKAGE_PARTIES, kind))));
  subject = row;
  seek($("assign-kind", HTMLSelectElement).value, row);
  backups.open(row.backups ?? []);
}
$("assign-kind").addEventListener("change", () => seek($("assign-kind", HTMLSelectElement).value, subject));

/** @param {Row} row */
export function actions(row) {
  if (!may("package.assign")) return "—";
  /**
   * @param {string} name
   * @param {string} label
   * @param {() => unknown} run
   */
  const button = (name, label, run, kind = "") =>
    h(
      "button",
      {
        type: "button",
        class: kind,
        data: { act: name, key: `${name}-${row.id}` },
        "aria-label": `${label} ${row.target_name}`,
        onclick: run,
      },
      label,
    );
  return h(
    "span",
    { class: "row-actions" },
    row.state === "GAP"
      ? button("assign", t("指派"), () => openAssign(row), "primary")
      : [
          button("handover", t("移交"), () => openAssign(row)),
          button("release", t("解除"), () => release.open(row, { said: said(row) })),
        ],
  );
}

// --- all of them -------------------------------------------------------------------

export const kindOptions = () => known.map((kind) => ({ value: kind.id, label: either(kind) }));

/** The kinds, asked for once: filters and forms are made of them. */
export async function learned() {
  if (!known.length) {
    const answer = await get("packages/kinds").catch(() => null);
    saw({ head: answer?.seq });
    learn(answer?.kinds ?? []);
  }
  return known;
}
