import { base } from "./api.js";
import { $, h, setText, swap } from "./dom.js";
import { count } from "./fmt.js";
import { t } from "./i18n.js";
import { paintTiles } from "./kpis.js";
import { amount, cover, itemName } from "./supply.js";

const WORST = 3;

/** @param {Row} supplies */
function tiles({ short, short_stations: stationsShort, expiring, expired, missing, coming, stations }) {
  return [
    {
      key: "short",
      label: t("物资短缺"),
      value: count(short),
      bad: short > 0,
      note: t("{k}/{n}个站", { k: count(stationsShort), n: count(stations) }),
    },
    {
      key: "expired",
      label: t("过期批次"),
      value: count(expired),
      bad: expired > 0,
      note: t("临期 {n}", { n: count(expiring) }),
    },
    {
      key: "missing",
      label: t("调拨差异"),
      value: count(missing),
      bad: missing > 0,
      note: t("在途 {n}", { n: count(coming) }),
    },
  ];
}

/**
 * One that is short: what, where, how much is there of what should be, how long it lasts.
 * @param {Row} one
 */
function worst(one) {
  const lasts = cover(one.cover_hours);
  return h(
    "li",
    { data: { worst: `${one.area ?? one.area_name}/${one.item}` } },
    h("strong", {}, itemName(one)),
    h("span", { class: "where-short" }, one.area_name),
    h(
      "span",
      { class: "num have" },
      t("存{n} / 下限{m}", { n: count(one.available), m: amount(one.minimum, one.unit) }),
    ),
    lasts ? h("span", { class: "num lasts" }, t("够{span}", { span: lasts })) : null,
  );
}

/**
 * The supplies (物资) of the area, to be read from across the room; without stations there is nothing to say.
 * @param {Board} board
 * @param {BoardContext} ctx
 */
export function renderSupplies(board, ctx) {
  const panel = $("supplies-panel");
  const { supplies } = board;
  panel.hidden = !supplies?.stations;
  if (!supplies?.stations) return;
  paintTiles($("supplies"), tiles(supplies));
  panel.toggleAttribute("data-bad", supplies.short > 0);
  const list = (supplies.worst ?? []).slice(0, WORST);
  $("supplies-all").hidden = ctx.at() !== null; // another moment's board does not lead to this one's
  $("supplies-all", HTMLAnchorElement).href = `${base}/supplies?${new URLSearchParams({ area: board.area.code })}`;
  setText($("supplies-title"), supplies.short ? t("最缺的物资") : t("物资"));
  swap(
    $("worst"),
    list.length
      ? h("ol", { class: "worst-list" }, list.map(worst))
      : h("p", { class: "dim" }, supplies.short ? t("见物资看板") : t("没有低于下限的物资")),
  );
}
