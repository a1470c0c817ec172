import { base, failureOf, get, newKey, post } from "./api.js";

const AGAIN_MS = 5000;
const NAME = `pingzhan-outbox${base}`;

/** @param {IDBRequest} request */
const told = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened = null;
/** The database of this browser's profile: everybody who signs in here shares it. */
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "n", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => {
      opened = null;
      reject(request.error);
    };
  });
  return opened;
}

/**
 * Do one thing with the entries; resolves when it is on disk.
 * @param {(entries: IDBObjectStore) => IDBRequest} work
 */
async function store(work, mode = "readwrite") {
  const transaction = (await database()).transaction("entries", mode, { durability: "strict" });
  const result = await told(work(transaction.objectStore("entries")));
  if (mode === "readwrite")
    await new Promise((resolve, reject) => {
      [transaction.oncomplete, transaction.onerror, transaction.onabort] = [resolve, reject, reject];
    });
  return result;
}

/**
 * One tab sends at a time. Where there are no locks (plain http) the key alone makes two sendings one.
 * @param {() => Promise<void>} work
 */
const alone = (work) =>
  navigator.locks ? navigator.locks.request(NAME, { ifAvailable: true }, (lock) => (lock ? work() : null)) : work();

/**
 * What is to be sent (待提交): stored before it is sent, sent in order, kept over a lost connection, a closed tab and a
 * sign-in. `who`: the account that looks at the page; what another one wrote is kept and never sent by it.
 * `line`: open, broken, signin, stranger or full. `changed()`: something moved; `sent(entry, receipt)`: the service has stored it.
 */
export class Outbox {
  #busy = false;
  #shown = "";
  #tabs = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

  /** @param {{ who: string, changed: () => void, sent: (entry: Entry, receipt: Receipt) => void }} how */
  constructor({ who, changed, sent }) {
    this.who = who;
    this.changed = changed;
    this.sent = sent;
    this.line = "open";
    /** @type {Entry[]} */
    this.waiting = [];
    /** @type {Refused[]} */
    this.refused = [];
    this.strangers = 0;
    this.#tabs?.addEventListener("message", ({ data }) => {
      if (data?.entry?.who === this.who) this.sent(data.entry, data.receipt);
      this.look();
    });
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.flush();
    });
    setInterval(() => this.flush(), AGAIN_MS);
    this.flush();
  }

  /** Read again what is stored. */
  async look() {
    /** @type {Entry[]} */ const all = await store((entries) => entries.getAll(), "readonly");
    const mine = all.filter((entry) => entry.who === this.who);
    this.waiting = mine.filter((entry) => entry.state === "waiting");
    this.refused = /** @type {Refused[]} */ (mine.filter((entry) => entry.state === "refused"));
    this.strangers = all.length - mine.length;
    this.#say();
  }

  /** Tell the page, if anything has moved. */
  #say() {
    const shown = JSON.stringify([
      this.line,
      this.strangers,
      [...this.waiting, ...this.refused].map(({ n, state }) => [n, state]),
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.changed();
  }

  /** Keep a write of this person's; `said`: {what, name, about} for the screen, and
   * what it takes to write it anew.
   * @param {string} path
   * @param {Row} body
   * @param {Said} said
   */
  async put(path, body, said) {
    await store((entries) => entries.add({ key: newKey(), path, body, who: this.who, state: "waiting", ...said }));
    await this.#moved();
    this.flush();
  }

  /**
   * Send a refused one as of now: the clock it was made by was wrong.
   * @param {Refused} entry
   */
  async asNow(entry) {
    const { occurred_at: _told, ...body } = entry.body;
    const { error: _error, ...kept } = entry;
    await store((entries) => entries.put({ ...kept, body, key: newKey(), state: "waiting" }));
    await this.#moved();
    this.flush();
  }

  /**
   * Take a refused one off the screen.
   * @param {number} n
   */
  async dismiss(n) {
    await store((entries) => entries.delete(n));
    await this.#moved();
  }

  async #moved(message = {}) {
    this.#tabs?.postMessage(message);
    await this.look();
  }

  /** Send what waits, oldest first, until the line breaks or somebody must sign in. */
  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.look();
      if (this.waiting.length) await alone(() => this.#send());
      else this.line = "open";
    } catch (error) {
      this.#lost(failureOf(error));
    } finally {
      this.#busy = false;
    }
    this.#say();
  }

  async #send() {
    // Another tab may have signed in as somebody else since this page was drawn.
    const { account } = await get("session", {}, undefined, { keep401: true });
    this.line = account === this.who ? "open" : "stranger";
    if (this.line === "stranger") return;
    for (let left = await this.#next(); left; left = await this.#next()) await this.#one(left);
  }

  /** Read anew each time: another tab may have added or sent one. */
  async #next() {
    await this.look();
    return this.waiting[0] ?? null;
  }

  /** @param {Entry} entry */
  async #one(entry) {
    try {
      const receipt = await post(entry.path, entry.body, { key: entry.key, keep401: true });
      await store((entries) => entries.delete(entry.n));
      this.sent(entry, receipt);
      await this.#moved({ entry, receipt });
    } catch (error) {
      // A page in between, such as a hotel's sign-in, is no answer of the service.
      const { final, status, code, zh, en, fields, facts } = failureOf(error);
      if (!final || status === 401 || code === "net.unreadable") throw error;
      await store((entries) =>
        entries.put({ ...entry, state: "refused", error: { status, code, zh, en, fields, facts } }),
      );
      await this.#moved();
    }
  }

  /** @param {Failure} error */
  #lost(error) {
    // Without a status it was this browser: no room, or no database.
    this.line = error.status === undefined ? "full" : error.status === 401 ? "signin" : "broken";
  }
}
