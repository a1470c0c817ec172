/* Opens the page 值守 without a network. The service puts the version and the files it needs on top of this: */
/* global VERSION, FILES, PAGE */
const scope = /** @type {ServiceScope} */ (/** @type {unknown} */ (self));
const PATIENCE_MS = 4000;
const KEPT_AT = "x-kept-at";

/**
 * Keep a copy, with the time it was true: the page counts its clock from there.
 * @param {Cache} cache
 * @param {string} key
 * @param {Response} answer
 */
async function keep(cache, key, answer) {
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name); // the copy is unpacked
  headers.set(KEPT_AT, String(Date.now()));
  await cache.put(key, new Response(await answer.blob(), { headers }));
}

/** @param {Response} answer */
const fit = (answer) => answer.ok && answer.type === "basic" && !answer.redirected;

async function install() {
  const cache = await caches.open(VERSION);
  await Promise.all(
    [PAGE, ...FILES].map(async (key) => {
      const answer = await fetch(key, { cache: "no-cache" });
      if (fit(answer)) await keep(cache, key, answer);
      else if (key !== PAGE) throw new Error(`${key}: ${answer.status}`);
    }),
  );
  await scope.skipWaiting();
}

async function activate() {
  const ours = VERSION.slice(0, VERSION.lastIndexOf(":") + 1); // a drill beside it has its own
  for (const name of await caches.keys()) if (name.startsWith(ours) && name !== VERSION) await caches.delete(name);
  await scope.clients.claim();
}

/**
 * The page as it was, with the time it was kept.
 * @param {string} key
 */
async function old(key) {
  const found = await (await caches.open(VERSION)).match(key);
  if (!found || key !== PAGE) return found ?? null;
  const html = (await found.text()).replace("<body ", `<body data-kept="${Number(found.headers.get(KEPT_AT))}" `);
  return new Response(html, { headers: found.headers });
}

/**
 * The network first; a slow or broken one is no reason to show nothing.
 * @param {Request} request
 * @param {string} key
 */
async function answer(request, key) {
  const back = await old(key);
  try {
    const fresh = await fetch(request, back ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (fit(fresh)) await keep(await caches.open(VERSION), key, fresh.clone());
    return fresh.status >= 500 && back ? back : fresh;
  } catch (error) {
    if (back) return back;
    throw error;
  }
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const known = pathname === PAGE ? event.request.mode === "navigate" : FILES.includes(pathname);
  // Nothing else is touched, least of all an answer of the API.
  if (origin === location.origin && event.request.method === "GET" && known)
    event.respondWith(answer(event.request, pathname));
});
