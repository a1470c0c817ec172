import { Attempt, get } from "./api.js";
import { $, h } from "./dom.js";
import { checkFields, clearErrors, showRefusal, valuesOf, whileBusy } from "./forms.js";
import { areaLevel, count, hazardOf, levelOf, names, time } from "./fmt.js";
import { either, t } from "./i18n.js";

/** A dialog in three steps: write, see it restated and confirm, get the receipt. */
class Order {
  constructor(id, { restate, target, ctx }) {
    Object.assign(this, { id, restate, target, ctx, box: $(id), form: $(`${id}-form`), attempt: new Attempt() });
    this.parts = [...this.box.querySelectorAll("[data-step]")];
    const tick = $(`${id}-understood`);
    const send = this.box.querySelector("[data-go=send]");
    for (const button of this.box.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.box.close());
    this.box.querySelector("[data-go=form]").addEventListener("click", () => this.show("form"));
    tick.addEventListener("change", () => { send.disabled = !tick.checked; });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (checkFields(this.form)) this.confirm();
    });
    send.addEventListener("click", () => this.send(send));
  }

  open() {
    clearErrors(this.box);
    this.box.showModal(); // before `show`: it moves the focus to the first button
    this.show("form");
  }

  show(step) {
    for (const part of this.parts) part.hidden = part.dataset.step !== step;
    this.box.dataset.step = step;
    this.box.scrollTop = 0;
    (step === "confirm" ? $(`${this.id}-understood`) : this.box.querySelector(`[data-step="${step}"] :is(input, select, button)`))?.focus();
  }

  confirm() {
    const { sentence, points } = this.restate(valuesOf(this.form));
    $(`${this.id}-sentence`).textContent = sentence;
    $(`${this.id}-points`).replaceChildren(...points.map(([label, text]) => h("li", {}, h("span", { class: "dim" }, `${label} `), text)));
    $(`${this.id}-understood`).checked = false;
    this.box.querySelector("[data-go=send]").disabled = true;
    clearErrors(this.box);
    this.show("confirm");
  }

  async send(button) {
    const { path, body } = this.target(valuesOf(this.form));
    await whileBusy([button], async () => {
      try {
        this.receipt(await this.attempt.send(path, body, this.ctx.seq()));
      } catch (error) {
        if (error.final) {
          this.show("form"); // a refusal is answered where the order is written
          showRefusal(this.form, error);
        } else {
          showRefusal(this.box.querySelector("[data-step=confirm]"), error);
        }
      }
    });
  }

  receipt(receipt) {
    const line = (label, value, hash) => h("div", {}, h("dt", {}, label), h("dd", { class: hash ? "hash" : "num" }, value));
    $(`${this.id}-receipt`).replaceChildren(
      h("div", {}, h("dt", {}, "seq"), h("dd", {}, h("button", { type: "button", class: "seq num", data: { receipt: receipt.seq }, onclick: () => { this.box.close(); this.ctx.openFact(receipt.first_seq ?? receipt.seq); } }, `#${receipt.first_seq && receipt.first_seq !== receipt.seq ? `${receipt.first_seq}–${receipt.seq}` : receipt.seq}`))),
      line(t("突发事件"), receipt.emergency ?? "—"), line(t("记录"), time(receipt.recorded_at, "full")),
      line(t("命令编号"), receipt.command, true), line(t("日志根"), receipt.root, true));
    this.form.reset();
    this.show("receipt");
    this.ctx.stored(receipt, true);
  }
}

function extent(board, excluded) {
  const out = new Set(excluded);
  const left = board.children.filter((child) => out.has(child.code));
  const sitesIn = (counts) => Object.values(counts.sites).reduce((sum, n) => sum + n, 0);
  return {
    areas: board.counts.areas - left.reduce((sum, child) => sum + 1 + board.tiles.filter((tile) => tile.parent === child.code).length, 0),
    sites: sitesIn(board.counts) - left.reduce((sum, child) => sum + sitesIn(child.counts), 0),
    left,
  };
}

const checkedCodes = () => [...$("order-excluded").querySelectorAll("input:checked")].map((box) => box.value);

function restateOrder(ctx, values) {
  const board = ctx.board();
  const { areas, sites, left } = extent(board, checkedCodes());
  const until = new Date(Date.parse(ctx.now()) + Number(values.expected_hours) * 3600000);
  const text = (select) => $(select).selectedOptions[0]?.textContent ?? "";
  const plain = { area: board.area.name, hazard: text("order-hazard"), level: levelOf(values.level), areas: count(areas), sites: count(sites) };
  return {
    sentence: left.length
      ? t("将对{area}（不含{excluded}）下达{hazard}{level}转换令：范围含{areas}个区域、{sites}处阵地，有预定功能的按预案由平时转入战时。", { ...plain, excluded: names(left.map((child) => child.name), 6) })
      : t("将对{area}下达{hazard}{level}转换令：范围含{areas}个区域、{sites}处阵地，有预定功能的按预案由平时转入战时。", plain),
    points: [[t("事项"), values.matter], [t("依据"), values.basis], [t("措施"), values.measures], [t("预计至"), time(until, "full")], [t("预案"), text("order-playbook")]],
  };
}

function orderTarget(ctx, values) {
  const { reason = "", hazard, level, basis, matter, measures, playbook, expected_hours: hours } = values;
  return { path: "emergencies", body: { hazard, level, basis, matter, measures, playbook, reason, expected_hours: Number(hours), scope: [ctx.board().area.code], excluded: checkedCodes() } };
}

async function fillPlaybooks() {
  const select = $("order-playbook");
  const { playbooks } = await get("playbooks");
  const hazard = $("order-hazard").value;
  select.replaceChildren(...playbooks.filter((item) => !item.hazard || item.hazard === hazard).map((item) => h("option", { value: item.id }, `${either(item)} · ${item.version}`)));
}

function fillScope(board) {
  $("order-scope").textContent = board.area.name;
  $("order-scope-note").textContent = board.children.length ? t("全域；勾选的{level}不在范围内", { level: areaLevel(board.children[0].level) }) : t("仅此区域");
  $("order-excluded").replaceChildren(...board.children.map((child) =>
    h("label", {}, h("input", { type: "checkbox", name: "excluded", value: child.code }), h("span", {}, child.name))));
}

/** Bind both dialogs; returns what opens them. */
export function bindOrders(ctx) {
  const order = new Order("order", { ctx, restate: (values) => restateOrder(ctx, values), target: (values) => orderTarget(ctx, values) });
  const active = () => ctx.board().emergencies.filter((item) => item.state === "ACTIVE");
  const named = (id) => active().find((item) => item.id === id);
  const end = new Order("end", {
    ctx,
    restate: (values) => {
      const emergency = named(values.emergency);
      const said = { hazard: hazardOf(emergency), level: levelOf(emergency.level), scope: names(emergency.scope.map((area) => area.name)) };
      return {
        sentence: t("将解除{scope}的{hazard}{level}响应：范围内的阵地开始恢复清单，逐步回到平时。", said),
        points: [[t("事项"), emergency.matter], [t("依据"), values.basis]],
      };
    },
    target: ({ emergency, basis, reason = "" }) => ({ path: `emergencies/${encodeURIComponent(emergency)}/end`, body: { basis, reason } }),
  });
  return {
    async order() {
      fillScope(ctx.board());
      order.open();
      await fillPlaybooks().catch((error) => showRefusal(order.form, error));
    },
    end(emergency) {
      $("end-emergency").replaceChildren(...active().map((item) => h("option", { value: item.id, selected: item.id === emergency?.id }, `${hazardOf(item)} ${levelOf(item.level)} · ${item.matter}`)));
      end.open();
    },
  };
}
