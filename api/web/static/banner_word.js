import { convertedOf, levelOf, modeOf, near } from "./fmt.js";
import { t } from "./i18n.js";

const FAR = ["CONVERTING", "EMERGENCY", "RECOVERING", "PEACETIME"];

/** What is ordered, in the word that is read from across the room. @param {Board} board */
export function orderedWord(board) {
  if (board.ordered) return [modeOf("EMERGENCY"), levelOf(board.ordered.level)];
  if (board.reach === "PARTLY" && board.level_below)
    return [t("局部战时"), t("最高{level}", { level: levelOf(board.level_below) })];
  return [modeOf("PEACETIME"), board.reach === "EXCLUDED" ? t("已排除") : null];
}

/**
 * How far the sites are, beside what is ordered and never instead of it.
 * @param {Board} board
 * @param {string} now
 */
export function farSaid({ ordered, level_below: below, converted, counts }, now) {
  const sites = FAR.filter((mode) => counts.sites[mode]).map((mode) => `${convertedOf(mode)} ${counts.sites[mode]}`);
  return [
    ordered && t("自{time}起", { time: near(ordered.since, now) }),
    ordered && below && below !== ordered.level && t("局部{level}", { level: levelOf(below) }),
    converted ? t("阵地：{sites}", { sites: sites.join(" / ") }) : t("没有阵地"),
  ]
    .filter(Boolean)
    .join(" · ");
}
