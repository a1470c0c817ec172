import { base, failureOf, get, queryOf, signedOut } from "./api.js";
import { showCondition } from "./condition.js";

const QUIET_MS = 45000; // three of the server's pings
const OPEN_MS = 12000;
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/** The stream of changes of one area: resumes by seq, sleeps while the page is hidden, says when it is cut off. */
export class Live {
  /** @type {EventSource | null} */
  #source = null;
  #timer = 0;
  #tries = 0;
  #wanted = false;

  /** @param {{ area: () => string, seq: () => number, onDelta: (delta: Delta) => void, onStatus: (status: string) => void }} how */
  constructor({ area, seq, onDelta, onStatus }) {
    this.area = area;
    this.seq = seq;
    this.onDelta = onDelta;
    this.onStatus = onStatus;
    document.addEventListener("visibilitychange", this.#seen);
    addEventListener("offline", this.#cut);
    addEventListener("online", this.#retry);
  }

  start() {
    this.#wanted = true;
    if (!document.hidden) this.#open();
  }

  stop() {
    this.#wanted = false;
    this.#close();
    document.removeEventListener("visibilitychange", this.#seen);
    removeEventListener("offline", this.#cut);
    removeEventListener("online", this.#retry);
  }

  retry() {
    this.#retry();
  }

  #seen = () => {
    // A browser has six connections for one host: a hidden page gives its own back.
    if (document.hidden) this.#close();
    else this.#retry();
  };

  #cut = () => {
    this.#close();
    if (this.#wanted) this.onStatus("offline");
  };

  #retry = () => {
    if (!this.#wanted) return;
    this.#tries = 0;
    this.#open();
  };

  #open() {
    this.#close();
    const query = queryOf({ area: this.area(), after: this.seq() });
    const source = new EventSource(`${base}/api/v1/stream?${query}`);
    this.#source = source;
    this.#watch(OPEN_MS);
    source.onopen = () => {
      this.#tries = 0;
      this.#watch(QUIET_MS);
      this.onStatus("live");
    };
    source.onmessage = (message) => {
      this.#watch(QUIET_MS);
      this.onDelta(JSON.parse(message.data));
    };
    source.addEventListener("ping", () => this.#watch(QUIET_MS));
    source.addEventListener("condition", (message) => showCondition(JSON.parse(message.data)));
    source.addEventListener("ended", () => this.#ended());
    source.addEventListener("reload", () => location.reload());
    source.onerror = () => this.#failed();
  }

  /** Trying again would help nothing before somebody has signed in. */
  #ended() {
    this.stop();
    this.onStatus("ended");
    signedOut();
  }

  /** @param {number} ms */
  #watch(ms) {
    clearTimeout(this.#timer);
    // Comment pings are invisible here: after a silence, opening again by seq proves the line and misses nothing.
    this.#timer = setTimeout(() => (ms === OPEN_MS ? this.#failed() : this.#open()), ms);
  }

  #failed() {
    this.#close();
    if (!this.#wanted) return;
    this.onStatus("offline");
    const wait = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)];
    this.#tries += 1;
    // A session that ended meanwhile looks like a broken line to EventSource.
    if (this.#tries === 2)
      get("session", {}, undefined, { keep401: true }).catch(
        (error) => failureOf(error).status === 401 && this.#ended(),
      );
    this.#timer = setTimeout(() => this.#open(), wait * (0.8 + Math.random() * 0.4));
  }

  #close() {
    clearTimeout(this.#timer);
    if (!this.#source) return;
    this.#source.onerror = null;
    this.#source.close();
    this.#source = null;
  }
}
