import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH] = [960, 320];
const EDGE = { left: 84, right: 52, top: 24, bottom: 44 };
const STEPS = [1, 2, 5];

/**
 * An element of a drawing; text only ever becomes text nodes.
 * @param {"svg" | "line" | "text" | "path"} tag
 * @param {...(Node | string)} children
 */
function s(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props))
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Round numbers from 0 to beyond `most`, at most six.
 * @param {number} most
 */
function ticks(most) {
  for (let power = 1; ; power *= 10) {
    const step = STEPS.map((one) => one * power).find((one) => most / one <= 5);
    if (step) return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
  }
}

/**
 * A quantity over hours as steps (阶梯图): it stays until it changes.
 * `points`: [{hour, quantity}] in order; `lines`: [{quantity, label, kind}] across; `marks`: [{hour, label, kind}] down;
 * `hourLabel(hour)`, `label`: what the whole says to those who do not see it
 * @param {{ points: { hour: number, quantity: number }[], lines?: { quantity: number, label: string, kind: string }[], marks?: Mark[], hours: number, hourLabel: (hour: number) => string, label: string }} what
 */
export function stepChart({ points, lines = [], marks = [], hours, hourLabel, label }) {
  const most = Math.max(1, ...points.map((one) => one.quantity), ...lines.map((one) => one.quantity));
  const rows = ticks(most);
  const top = rows[rows.length - 1];
  /** @param {number} hour */
  const x = (hour) => EDGE.left + (hour / hours) * (WIDE - EDGE.left - EDGE.right);
  /** @param {number} quantity */
  const y = (quantity) => HIGH - EDGE.bottom - (quantity / top) * (HIGH - EDGE.top - EDGE.bottom);
  const path = `${points
    .map((one, index) =>
      index
        ? `H${x(one.hour).toFixed(1)}V${y(one.quantity).toFixed(1)}`
        : `M${x(one.hour).toFixed(1)} ${y(one.quantity).toFixed(1)}`,
    )
    .join("")}H${x(hours)}`;
  const every = hours <= 24 ? 6 : hours <= 72 ? 12 : 24;
  const columns = Array.from({ length: Math.floor(hours / every) + 1 }, (_, index) => index * every);
  return h(
    "div",
    { class: "chart", role: "group", tabindex: "0", "aria-label": label },
    s(
      "svg",
      { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label, preserveAspectRatio: "xMidYMid meet" },
      ...rows.flatMap((value) => [
        s("line", { class: "chart-grid", x1: EDGE.left, x2: WIDE - EDGE.right, y1: y(value), y2: y(value) }),
        s(
          "text",
          { class: "chart-number", x: EDGE.left - 10, y: y(value) + 6, "text-anchor": "end" },
          value.toLocaleString("en-US"),
        ),
      ]),
      ...columns.map((hour) =>
        s("text", { class: "chart-number", x: x(hour), y: HIGH - 14, "text-anchor": "middle" }, hourLabel(hour)),
      ),
      ...marks.flatMap((one) => [
        s("line", {
          class: "chart-mark",
          "data-kind": one.kind,
          x1: x(one.hour),
          x2: x(one.hour),
          y1: EDGE.top,
          y2: HIGH - EDGE.bottom,
        }),
      ]),
      s("path", { class: "chart-area", d: `${path}V${y(0)}H${x(0)}Z` }),
      s("path", { class: "chart-line", d: path }),
      ...lines.flatMap((one) => [
        s("line", {
          class: "chart-level",
          "data-kind": one.kind,
          x1: EDGE.left,
          x2: WIDE - EDGE.right,
          y1: y(one.quantity),
          y2: y(one.quantity),
        }),
        s(
          "text",
          { class: "chart-label", x: WIDE - EDGE.right - 6, y: y(one.quantity) - 8, "text-anchor": "end" },
          one.label,
        ),
      ]),
      ...marks.map((one) =>
        s(
          "text",
          { class: "chart-label", x: Math.min(x(one.hour) + 6, WIDE - EDGE.right - 90), y: EDGE.top + 12 },
          one.label,
        ),
      ),
    ),
  );
}
