import { $ } from "./dom.js";
import { asked, offer } from "./duty_ask.js";
import { either, t } from "./i18n.js";
import { may, pathOf } from "./page.js";

/**
 * What the cards of the page set going: each asks for what it needs, then writes.
 * @param {(path: string, body: Row, said: Said) => Promise<void>} write
 * @returns {PostActs}
 */
export function postActs(write) {
  /** @type {(post: Row, verb: string, body?: Row, more?: Row) => Promise<void>} */
  const ofPost = (post, verb, body = {}, more = {}) =>
    write(pathOf("posts", post.post, verb), body, { what: verb, name: post.name, about: post.post, ...more });
  return {
    /** @param {Row} post */
    accept: (post) => ofPost(post, "accept"),
    /** @param {Row} post */
    safety: (post) => ofPost(post, "safety"),
    /** @param {Row} post */
    async decline(post) {
      const values = await asked({
        title: t("不能接岗"),
        said: post.name,
        warning: t("提交后由下一顺位顶上。"),
        fields: ["reason"],
        yes: t("确认不能接岗"),
        danger: true,
      });
      if (values) await ofPost(post, "decline", values);
    },
    /**
     * @param {Row} post
     * @param {Row} one
     */
    async take(post, { item, ...one }) {
      if (item !== "custody") return ofPost(post, "handover", { item }, { item });
      const values = await asked({
        title: t("清点并确认"),
        said: `${post.name} · ${either(one)}`,
        fields: ["count", "note"],
        yes: t("确认"),
      });
      if (!values) return null;
      return ofPost(
        post,
        "handover",
        { item, count: Number(values.count), ...(values.note ? { note: values.note } : {}) },
        { item },
      );
    },
    /** @param {Row} post */
    async back(post) {
      const values = await asked({
        title: t("归位"),
        said: t("由您重新担任：{name}", { name: post.name }),
        fields: ["reason"],
        yes: t("确认归位"),
      });
      if (values) await ofPost(post, "return", { ...values, expected: post.expected?.acting });
    },
    /** @param {Row} post */
    async seize(post) {
      const values = await asked({
        title: t("紧急自任"),
        said: post.name,
        warning: t(
          "只在联系不上履职人和上级、不能再等时使用。立即生效，须由上级追认；您的姓名、时间和理由都会记录并上报。",
        ),
        fields: ["reason"],
        yes: t("确认自任"),
        danger: true,
      });
      if (values) await ofPost(post, "seize", { ...values, expected: post.expected?.acting });
    },
    /** @param {Row} row */
    async pass(row) {
      const search = may("view.people");
      $("ask-search").hidden = !search;
      offer(
        (row.backups ?? []).filter((/** @type {Row} */ one) => one.available !== false),
        search ? t("输入姓名后在此选择") : t("没有可以接手的B角，请联系居村工作人员。"),
      );
      const values = await asked({
        title: t("移交责任包"),
        said: `${either(row, "kind")} · ${row.target_name}`,
        fields: ["person", "reason"],
        yes: t("确认移交"),
      });
      if (!values) return;
      const backups = (row.backups ?? [])
        .map((/** @type {Row} */ one) => one.id)
        .filter((/** @type {string} */ id) => id !== values.person);
      await write(
        "packages/handover",
        {
          kind: row.kind,
          target: row.target,
          party: { kind: "person", id: values.person },
          backups,
          reason: values.reason,
          expected: row.expected,
        },
        { what: "package", name: row.target_name, about: `${row.kind}/${row.target}` },
      );
    },
  };
}
