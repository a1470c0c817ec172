import { refuse } from "./deciding.js";
import { $ } from "./dom.js";
import { Finder, SOUGHT } from "./find.js";
import { t } from "./i18n.js";
import { area } from "./scope.js";
import { fillSelect, optionsOf, RECIPIENTS } from "./words.js";

const FREE = ["area", "squad", "household", "person", "site", "step"]; // the others have pages of their own

// --- handing out -------------------------------------------------------------------

/** Whom goods are for: a kind, and who of it. */
export class Whom {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.person = new Finder($(`${name}-person`), { what: SOUGHT.person, label: t("领用人") });
    fillSelect($(`${name}-to_kind`), optionsOf(RECIPIENTS, FREE));
    $(`${name}-to_kind`).addEventListener("change", () => this.show());
  }

  show() {
    const person = $(`${this.name}-to_kind`, HTMLSelectElement).value === "person";
    $(`${this.name}-person`).hidden = !person;
    $(`${this.name}-to_id`).hidden = person;
  }

  open() {
    this.person.set(null);
    $(`${this.name}-to_id`, HTMLInputElement).value = area;
    this.show();
  }

  /** @param {Values} values */
  value({ to_kind: kind, to_id: id }) {
    return { kind, id: kind === "person" ? (this.person.value?.id ?? "") : id };
  }

  /** @param {Values} values */
  check(values) {
    if (!this.value(values).id) refuse("to_id", t("请填写"));
  }
}
