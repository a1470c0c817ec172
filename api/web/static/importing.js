import { ApiError, Attempt, base } from "./api.js";
import { receiptPart } from "./console.js";
import { $, $all, h, swap } from "./dom.js";
import { count } from "./fmt.js";
import { wrote } from "./following.js";
import { controlOf, showRefusal, whileBusy } from "./forms.js";
import { either, english, t } from "./i18n.js";
import { part, table } from "./parts.js";

const FILE_MOST = 5 * 1024 * 1024;

/**
 * Each fault of the file with its row and column, as the writer of the file counts them.
 * @param {ApiError} error
 */
function faults(error) {
  const rows = error.fields;
  const total = error.facts.count ?? rows.length;
  return h(
    "section",
    { class: "preview", data: { faults: total } },
    h("p", { class: "form-error", role: "alert", data: { code: error.code } }, either(error)),
    part("faults", t("须改正"), rows, (all) => [
      table(
        t("须改正"),
        { label: t("行"), text: (row) => (row.row ? count(row.row) : "—") },
        [
          { label: t("列"), text: (row) => either(row, "name") || "—" },
          { label: t("问题"), text: (row) => either(row) },
        ],
        all,
      ),
      total > all.length &&
        h("p", { class: "dim small" }, t("只列{n}项，共{total}项", { n: count(all.length), total: count(total) })),
    ]),
  );
}

/**
 * @param {Row} answer
 * @param {string} name
 * @param {string} label
 */
const tile = (answer, name, label) =>
  h(
    "div",
    { data: { total: name, ...(answer[name] > 0 && { some: "" }) } },
    h("dt", {}, label),
    h("dd", { class: "num" }, h("b", {}, count(answer[name]))),
  );

/**
 * What the file empties, by column: a cell that is empty clears what is known.
 * @param {Row[]} rows
 */
const cleared = (rows) =>
  part("cleared", t("清空的内容"), rows, (all) =>
    table(
      t("清空的内容"),
      { label: t("列"), text: (row) => either(row) },
      [
        { label: t("处数"), text: (row) => count(row.count) },
        {
          label: t("行"),
          text: (row) => row.rows.map(count).join("、") + (row.count > row.rows.length ? " …" : ""),
        },
      ],
      all,
    ),
  );

/**
 * What the file would change, or has changed.
 * @param {Row} answer
 * @param {ImportOptions} how
 * @param {() => unknown} run
 */
function report(answer, { also = {}, commit, same, warn, more }, run) {
  const receipt = answer.receipt ?? (answer.seq ? answer : null);
  const counted = { rows: t("行"), new: t("新增"), changed: t("变更"), unchanged: t("不变"), ...also };
  const some = ["new", "changed", ...Object.keys(also)].some((name) => answer[name] > 0);
  return h(
    "section",
    { class: "preview", data: { report: answer.dry_run ? "dry" : "done" } },
    h(
      "p",
      { class: "preview-head" },
      h("strong", {}, answer.dry_run ? t("试运行：还没有记入") : some ? t("已导入") : t("没有新的内容，未记入")),
    ),
    h(
      "dl",
      { class: "preview-totals" },
      Object.entries(counted).map(([name, label]) => tile(answer, name, label)),
    ),
    receipt && receiptPart(receipt),
    answer.cleared.length > 0 && cleared(answer.cleared),
    warn?.(answer),
    answer.dry_run &&
      (some
        ? h(
            "p",
            { class: "row-actions start" },
            h("button", { type: "button", class: "primary", id: "import-commit", onclick: run }, commit(answer)),
          )
        : h("p", { class: "dim" }, same)),
    more?.(answer),
  );
}

/**
 * Say how long it has been going on: a large file takes its time.
 * @param {HTMLElement} room
 * @param {string} text
 * @template T
 * @param {() => Promise<T>} work
 */
export async function whileWaiting(room, text, work) {
  const began = performance.now();
  const passed = h("span", { class: "num" });
  swap(
    room,
    h(
      "p",
      { class: "working", role: "status" },
      h("span", { class: "spinner", "aria-hidden": "true" }),
      text,
      " ",
      passed,
    ),
  );
  const timer = setInterval(() => {
    passed.textContent = t("{n}秒", { n: Math.round((performance.now() - began) / 1000) });
  }, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    swap(room);
  }
}

/**
 * Importing a file (导入): tried first, with every fault by row and column, then committed.
 * `path(dry)`: where it goes; `template`: its template; `also`: more that is counted as new;
 * `commit(answer)`: what the button says; `same`: what to say if nothing is new; `warn(answer)`: what to look at before
 * that; `more(answer)`: what else to show.
 * @param {ImportOptions} how
 */
export function bindImport(how) {
  const form = $("import-form", HTMLFormElement);
  const room = $("import-report");
  const input = controlOf(form, "file");
  const [attempt, trial] = [new Attempt(), new Attempt()];
  let seen = 0; // the position at which it was tried: what was shown then is what is replaced
  $("import-template", HTMLAnchorElement).href = `${base}/api/v1/${how.template}?lang=${english ? "en" : "zh"}`;
  /** @param {string} zh */
  const complain = (zh) =>
    showRefusal(
      form,
      new ApiError(422, { code: "form.incomplete", zh, en: zh, fields: [{ field: "file", zh, en: zh }] }),
    );
  /** @param {boolean} dry */
  const run = (dry) =>
    whileBusy(form.querySelectorAll("button"), async () => {
      const file = input.files?.[0];
      if (!file) return;
      try {
        const answer = await whileWaiting(room, dry ? t("正在核对文件") : t("正在导入"), () =>
          (dry ? trial : attempt).upload(how.path(dry), file, dry ? 0 : seen),
        );
        if (dry) seen = answer.shown_seq;
        swap(
          room,
          report(answer, how, () => run(false)),
        );
        if (!dry) wrote(answer.receipt ?? answer);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "file.changed") input.value = ""; // the same file can be chosen again
        if (error.fields.some((one) => one.row)) swap(room, faults(error));
        else showRefusal(form, error);
      }
      room.scrollIntoView({ block: "nearest" });
    });
  input.addEventListener("change", () => {
    swap(room);
    for (const note of $all(form, ".form-error, .field-error")) note.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (!file) complain(t("请选择文件"));
    else if (!/\.(csv|xlsx)$/i.test(file.name)) complain(t("只接受 CSV 或 Excel（xlsx）文件"));
    else if (file.size > FILE_MOST) complain(t("文件超过 5 MB，请分批导入"));
    else run(true);
  });
}
