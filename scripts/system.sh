#!/usr/bin/env bash
# What the tests need and no Python package brings: a browser and a Chinese font.
# Does nothing, and needs no network, where they are there. The demo needs neither.
set -euo pipefail

need=()
command -v "${CHROMIUM:-chromium}" >/dev/null || need+=(chromium)
[ -n "$(fc-list :lang=zh 2>/dev/null || true)" ] || need+=(fontconfig fonts-noto-cjk)
[ ${#need[@]} -gt 0 ] || exit 0

die() {
  echo "system: $*" >&2
  exit 1
}

command -v apt-get >/dev/null ||
  die "no apt-get here; install what Debian calls: ${need[*]}"
as=()
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || die "as root, run: apt-get install ${need[*]}"
  as=(sudo -n)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  ${as[@]+"${as[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" </dev/null >>"$log" 2>&1
}
echo "system: installing ${need[*]}" >&2
# A failed update matters only if the install then fails: both stand in the log.
apt update || true
apt install -y --no-install-recommends "${need[@]}" || {
  tail -n 20 "$log" >&2
  die "apt-get could not install: ${need[*]}"
}
