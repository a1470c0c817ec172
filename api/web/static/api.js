export const base = document.body.dataset.base ?? "";

/** A refusal or a failure, in both languages, with the fields it speaks of. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{ code: string, zh?: string, en?: string, fields?: Fault[], facts?: Row }} body
   */
  constructor(status, body) {
    super(body.zh ?? body.code);
    this.status = status;
    this.code = body.code;
    this.zh = body.zh;
    this.en = body.en;
    this.fields = body.fields ?? [];
    this.facts = body.facts ?? {};
  }

  /** True when the server said no; false when we cannot know whether it acted. */
  get final() {
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status);
  }
}

/**
 * What was caught, as far as something is known of it.
 * @param {unknown} error
 */
export const failureOf = (error) => /** @type {Failure} */ (error);

const UNREACHABLE = {
  code: "net.unreachable",
  zh: "连接不上服务，请稍后再试",
  en: "The service cannot be reached; try again shortly",
};
const UNREADABLE = { code: "net.unreadable", zh: "服务出错，请稍后再试", en: "The service failed; try again shortly" };

const FILE_CHANGED = {
  code: "file.changed",
  zh: "磁盘上的文件已改动或移走，请重新选择文件",
  en: "The file on disk has changed or is gone; choose it again",
};

const LIMIT_MS = 20000;
const FILE_MS = 120000; // a roster of a whole district takes its time
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** Go to the sign-in page and come back here afterwards. */
export function signIn() {
  location.assign(`${base}/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** The session is over: the page says so (ended.js); one that does not goes to the sign-in page. */
export function signedOut() {
  if (document.dispatchEvent(new CustomEvent("signed-out", { cancelable: true }))) signIn();
}

/**
 * @param {string} method
 * @param {string} path below /api/v1/
 * @param {{ body?: Json, file?: File, key?: string, keep401?: boolean, signal?: AbortSignal, limitMs?: number }} [options]
 * @returns {Promise<Json>}
 */
async function request(method, path, { body, file, key, keep401 = false, signal, limitMs = LIMIT_MS } = {}) {
  /** @type {Record<string, string>} */ const headers = { Accept: "application/json" };
  if (file) headers["Content-Type"] = /\.xlsx$/i.test(file.name) ? XLSX : "text/csv";
  else if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  let content;
  try {
    const limit = AbortSignal.timeout(limitMs);
    answer = await fetch(`${base}/api/v1/${path}`, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    content = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, UNREACHABLE);
  }
  let value = null;
  try {
    value = content ? JSON.parse(content) : null;
  } catch {
    throw new ApiError(answer.status, UNREADABLE);
  }
  if (answer.ok) return value;
  if (answer.status === 401 && !keep401) signedOut();
  const own = `${base}/me`; // where a password that somebody else has set is changed first
  if (value?.code === "auth.must-change" && location.pathname !== own) location.assign(`${own}#password`);
  throw new ApiError(answer.status, value?.code ? value : UNREADABLE);
}

/**
 * The query of an address; what has no value is left out.
 * @param {Record<string, Attribute>} params
 */
export const queryOf = (params) =>
  new URLSearchParams(
    Object.entries(params)
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => [name, String(value)]),
  );

/**
 * Read; `params` without a value are left out.
 * @template {string} P
 * @param {P} path
 * @param {Record<string, Attribute>} [params]
 * @param {AbortSignal} [signal]
 * @param {{ keep401?: boolean }} [options]
 * @returns {Promise<Answer<P>>}
 */
export function get(path, params = {}, signal, options = {}) {
  const query = queryOf(params);
  return request("GET", query.size ? `${path}?${query}` : path, { signal, ...options });
}

/**
 * @param {string} path
 * @param {Json} body
 * @param {{ key?: string, keep401?: boolean, limitMs?: number }} [options]
 */
export const post = (path, body, options = {}) => request("POST", path, { body, ...options });
/** @param {string} path */
export const remove = (path) => request("DELETE", path, { keep401: true });

/** A key that names one intention, however often it is sent. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * One intention of a person, sent as often as it takes.
 * The same content keeps its key and its `seen_seq` until the server has answered for certain, so a repeat after a
 * broken connection is recognised and carried out once.
 */
export class Attempt {
  /** @type {{ content: string, key: string, kept: Json } | null} */
  #open = null;

  /**
   * @param {string} path
   * @param {Row} body
   * @param {number} [seenSeq]
   * @returns {Promise<Receipt>}
   */
  async send(path, body, seenSeq) {
    const content = JSON.stringify([path, body]);
    return this.#carry(
      content,
      () => ({ ...body, seen_seq: seenSeq }),
      (kept, key) => post(path, kept, { key }),
    );
  }

  /**
   * The same with a file as what is sent, as it is now: one that was changed after it was chosen cannot be read.
   * @param {string} path
   * @param {File} file
   * @param {number} [seenSeq]
   */
  async upload(path, file, seenSeq) {
    const content = JSON.stringify([path, file.name, file.size, file.lastModified]);
    const bytes = await file.arrayBuffer().catch(() => {
      const { zh, en } = FILE_CHANGED;
      throw new ApiError(409, { ...FILE_CHANGED, fields: [{ field: "file", zh, en }] });
    });
    const seen = seenSeq ? `${path.includes("?") ? "&" : "?"}seen_seq=${seenSeq}` : "";
    return this.#carry(
      content,
      () => ({ sent: new File([bytes], file.name), to: path + seen }),
      ({ sent, to }, key) => request("POST", to, { file: sent, key, limitMs: FILE_MS }),
    );
  }

  /**
   * @param {string} content
   * @param {() => Json} made
   * @param {(kept: Json, key: string) => Promise<Json>} ask
   */
  async #carry(content, made, ask) {
    if (this.#open?.content !== content) this.#open = { content, key: newKey(), kept: made() };
    try {
      const receipt = await ask(this.#open.kept, this.#open.key);
      this.#open = null;
      return receipt;
    } catch (error) {
      if (failureOf(error).final) this.#open = null;
      throw error;
    }
  }
}
