import { failureOf, get } from "./api.js";
import { $, h } from "./dom.js";
import { saw } from "./following.js";
import { either, t } from "./i18n.js";
import { given, home, user } from "./page.js";

const AGAIN_MS = 4000;
const LEAVES = new Set(["community", "grid", "compound", "building"]);

/** The widest area the reader has a role for; the whole world where no role has a border. */
function widest() {
  const grants = (user?.grants ?? []).filter((grant) => grant.role !== "member");
  if (!grants.length || grants.some((grant) => !grant.path || home.startsWith(grant.path))) return home;
  const [least] = [...grants].sort((a, b) => a.path.length - b.path.length);
  return least.area.padEnd(12, "0");
}

const root = widest();
const asked = new URLSearchParams(location.search).get("area") ?? "";

/** The area that this page is about (区域); part of its address. */
export const area = /^\d{12}[0-9a-z]*$/.test(asked) ? asked : root;

/**
 * Where the same page, at the same tab, is about another area.
 * @param {string} code
 */
export function hrefFor(code) {
  const query = new URLSearchParams({ area: code });
  return `${location.pathname}?${query}${location.hash}`;
}

/** @param {Row} one */
const lead = (one) =>
  h(
    "a",
    {
      href: hrefFor(one.code),
      data: { key: `to-${one.code}` },
      onclick: (event) => {
        event.currentTarget.href = hrefFor(one.code);
      },
    },
    one.name,
  );

/** Show where one is, the way up, and the areas below to choose from. Returns what is known of the area. */
async function showScope() {
  const box = $("scope");
  try {
    const board = await get(`areas/${encodeURIComponent(area)}/board`);
    saw(board);
    const from = board.ancestors.findIndex((one) => one.code === root);
    const above = from < 0 ? [] : board.ancestors.slice(from);
    const below = LEAVES.has(board.area.level) ? [] : board.children;
    const choose = h(
      "select",
      {
        id: "scope-below",
        onchange: () => {
          if (choose.value) location.assign(hrefFor(choose.value));
        },
      },
      h("option", { value: "" }, t("全部下级（{n}）", { n: below.length })),
      below.map((one) => h("option", { value: one.code }, one.name)),
    );
    box.replaceChildren(
      h(
        "p",
        { class: "scope-path" },
        above.map((one) => [lead(one), h("span", { class: "dim", "aria-hidden": "true" }, " › ")]),
        h("strong", {}, board.area.name),
      ),
      ...(below.length
        ? [h("div", { class: "list-choice" }, h("label", { for: "scope-below" }, t("下级")), choose)]
        : []),
    );
    return board;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.status === 401) return null;
    box.replaceChildren(h("p", { class: "dim" }, given.world?.name || area, " · ", either(failure)));
    if (!failure.status || failure.status >= 500) setTimeout(showScope, AGAIN_MS); // may be over in a moment
    return null;
  }
}

export const scope = showScope();
