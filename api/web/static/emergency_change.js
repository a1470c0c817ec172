import { actOf } from "./acts.js";
import { Decision } from "./decision.js";
import { $, $all, controlsIn, h } from "./dom.js";
import { chosenIn, codesIn, GRAVER, hoursOn, offer, pathOf, textOf } from "./emergency_fields.js";
import { hazardOf, levelOf, names, time } from "./fmt.js";
import { t } from "./i18n.js";
import { inForce } from "./state.js";

/** The decisions that change an emergency, in one dialog that shows the fields of the one at hand. */
export class Change {
  /** @param {BoardContext} ctx */
  constructor(ctx) {
    this.ctx = ctx;
    this.act = "";
    /** @type {Emergency | undefined} */
    this.shown = undefined; // as it stood when the dialog showed it
    this.dialog = new Decision("change", {
      ctx,
      prepare: () => {
        $("change-code", HTMLInputElement).required = this.places() && !this.picked().length;
      },
      /** @param {Values} values */
      restate: (values) => this.restate(values),
      /** @param {Values} values */
      target: (values) => ({ path: pathOf(values.emergency, this.act), body: this.body(values) }),
      /** @param {Values} values */
      asked: (values) => this.asked(values),
    });
    $("change-emergency").addEventListener("change", () => this.fill());
  }

  /**
   * @param {string} act
   * @param {Emergency} emergency
   */
  open(act, emergency) {
    this.act = act;
    const box = $("change");
    box.dataset.act = act;
    $("change-title").textContent = actOf(act);
    this.dialog.form.reset();
    for (const part of $all(box, "[data-for]")) {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(act);
      for (const control of controlsIn(part)) control.disabled = part.hidden;
    }
    offer(
      "change-emergency",
      inForce(this.ctx.board()).filter((item) => this.ctx.may.change(item)),
      emergency,
    );
    this.fill();
    this.dialog.open(`${act} ${emergency.id}`);
  }

  places() {
    return this.act === "widen" || this.act === "narrow";
  }

  emergency() {
    return this.ctx.board().emergencies.find((item) => item.id === $("change-emergency", HTMLSelectElement).value);
  }

  /** What can be chosen for this emergency: levels above or below its own, places outside or inside its scope. */
  fill() {
    const emergency = this.emergency();
    this.shown = emergency;
    if (!emergency) return;
    if (this.act === "raise" || this.act === "lower") this.fillLevels(emergency);
    if (this.places()) this.fillAreas(emergency);
    if (this.act === "grade") {
      $("change-severity", HTMLSelectElement).value = emergency.severity || "";
      $("change-warning", HTMLSelectElement).value = emergency.warning || "";
    }
  }

  /** @param {Emergency} emergency */
  fillLevels(emergency) {
    const own = GRAVER.indexOf(emergency.level);
    const next = GRAVER[own + (this.act === "raise" ? 1 : -1)];
    for (const radio of $all(this.dialog.form, "[name=level]", HTMLInputElement)) {
      const place = GRAVER.indexOf(radio.value);
      radio.disabled = this.act === "raise" ? place <= own : place >= own;
      radio.checked = radio.value === next;
    }
  }

  /** @param {Emergency} emergency */
  fillAreas(emergency) {
    const { area, children } = this.ctx.board();
    const here = {
      ...area,
      emergencies: emergency.scope.some((place) => place.code === area.code) ? [emergency.id] : null,
    };
    const narrowing = this.act === "narrow";
    $("change-areas-note").textContent = narrowing
      ? t("勾选的留在范围内；取消勾选的移出范围。")
      : t("勾选的纳入范围。");
    /** @param {Area & { emergencies?: string[] | null }} place */
    const box = (place) => {
      // A server that does not say which places are covered leaves the choice open.
      const covered = place.emergencies?.includes(emergency.id);
      const barred = place.emergencies ? covered === (this.act === "widen") : false;
      return h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          name: "area",
          value: place.code,
          disabled: barred,
          checked: narrowing && !barred,
        }),
        h(
          "span",
          {},
          place.name,
          barred && h("small", { class: "dim" }, ` ${covered ? t("已在范围内") : t("不在范围内")}`),
        ),
      );
    };
    $("change-areas").replaceChildren(...[here, ...children].map(box));
  }

  /** The places that change: ticked is inside, so of a narrowing those that are ticked no longer. */
  picked() {
    if (this.act !== "narrow") return chosenIn("change-areas");
    const out = $all($("change-areas"), "input:not(:checked):not(:disabled)", HTMLInputElement).map((box) => box.value);
    const { code } = this.ctx.board().area;
    return out.includes(code) ? [code] : out; // the whole takes its parts along
  }

  /** @param {Values} values */
  areas(values) {
    return [...new Set([...this.picked(), ...codesIn(values.code)])];
  }

  /** @param {Values} values */
  body(values) {
    const { basis, reason = "", level, severity = "", warning = "", expected_hours: hours } = values;
    const { order, until, grading } = this.shown?.expected ?? {};
    if (this.act === "extend") return { expected_hours: Number(hours), basis, expected: until };
    if (this.act === "grade") return { severity, warning, basis, expected: grading };
    return { ...this.what(values, level), basis, reason, expected: order };
  }

  /**
   * The part of the decision that its preview needs.
   * @param {Values} values
   * @param {string} level
   */
  what(values, level) {
    if (!this.places()) return { level };
    const excluded = codesIn(values.excluded);
    return { areas: this.areas(values), ...(this.act === "widen" && excluded.length && { excluded }) };
  }

  /** @param {Values} values */
  asked(values) {
    if (this.act === "extend" || this.act === "grade") return null;
    return {
      path: pathOf(values.emergency, "preview"),
      body: { action: this.act, ...this.what(values, values.level), basis: values.basis },
    };
  }

  /**
   * @param {Values} values
   * @returns {Restated}
   */
  restate(values) {
    const emergency = this.emergency();
    if (!emergency) throw new Error("no emergency is chosen"); // there is always one of those offered
    const { area, children } = this.ctx.board();
    /** @param {string} code */
    const nameOf = (code) => [area, ...children].find((place) => place.code === code)?.name ?? code;
    const said = {
      hazard: hazardOf(emergency),
      level: levelOf(emergency.level),
      to: values.level && levelOf(values.level),
      scope: names(emergency.scope.map((place) => place.name)),
      areas: names(this.areas(values).map(nameOf), 8),
      time: hoursOn(this.ctx, values.expected_hours || 0),
      severity: textOf("change-severity"),
      warning: textOf("change-warning"),
    };
    /** @type {Record<string, () => string>} */
    const sentences = {
      raise: () => t("将把{scope}的{hazard}响应由{level}提升为{to}。", said),
      lower: () => t("将把{scope}的{hazard}响应由{level}降低为{to}。", said),
      widen: () => t("将把{hazard}{level}响应的范围扩大到{areas}。", said),
      narrow: () => t("将把{areas}移出{hazard}{level}响应的范围。", said),
      extend: () => t("将把{hazard}{level}响应的预计期限延长到{time}。", said),
      grade: () => t("将把{hazard}{level}响应定级：事件等级{severity}，预警颜色{warning}。", said),
    };
    return {
      sentence: sentences[this.act](),
      points: [
        [t("事项"), emergency.matter],
        this.act === "extend" && [t("原预计至"), time(emergency.expected_until, "full")],
        [t("依据"), values.basis],
      ],
    };
  }
}
