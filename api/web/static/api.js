export const base = document.body.dataset.base;

/** A refusal or a failure, in both languages, with the fields it speaks of. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body.zh ?? body.code);
    Object.assign(this, {
      status,
      code: body.code,
      zh: body.zh,
      en: body.en,
      fields: body.fields ?? [],
      facts: body.facts ?? {},
    });
  }

  /** True when the server said no; false when we cannot know whether it acted. */
  get final() {
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status);
  }
}

const UNREACHABLE = {
  code: "net.unreachable",
  zh: "连接不上服务，请稍后再试",
  en: "The service cannot be reached; try again shortly",
};
const UNREADABLE = { code: "net.unreadable", zh: "服务出错，请稍后再试", en: "The service failed; try again shortly" };

const LIMIT_MS = 20000;
const FILE_MS = 120000; // a roster of a whole district takes its time
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** Go to the sign-in page and come back here afterwards. */
export function signIn() {
  location.assign(`${base}/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function request(method, path, { body, file, key, keep401 = false, signal, limitMs = LIMIT_MS } = {}) {
  const headers = { Accept: "application/json" };
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
  if (answer.status === 401 && !keep401) signIn();
  throw new ApiError(answer.status, value?.code ? value : UNREADABLE);
}

/** Read; `params` without a value are left out. */
export function get(path, params = {}, signal, options = {}) {
  const query = new URLSearchParams(
    Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
  return request("GET", query.size ? `${path}?${query}` : path, { signal, ...options });
}

export const post = (path, body, options = {}) => request("POST", path, { body, ...options });
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
  #open = null;

  async send(path, body, seenSeq) {
    const content = JSON.stringify([path, body]);
    return this.#carry(
      content,
      () => ({ ...body, seen_seq: seenSeq }),
      (kept, key) => post(path, kept, { key }),
    );
  }

  /** The same with a file as what is sent. */
  async upload(path, file) {
    const content = JSON.stringify([path, file.name, file.size, file.lastModified]);
    return this.#carry(
      content,
      () => file,
      (kept, key) => request("POST", path, { file: kept, key, limitMs: FILE_MS }),
    );
  }

  async #carry(content, made, ask) {
    if (this.#open?.content !== content) this.#open = { content, key: newKey(), kept: made() };
    try {
      const receipt = await ask(this.#open.kept, this.#open.key);
      this.#open = null;
      return receipt;
    } catch (error) {
      if (error.final) this.#open = null;
      throw error;
    }
  }
}
