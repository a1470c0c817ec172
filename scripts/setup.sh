#!/usr/bin/env bash
# setup.sh base|test: the one environment, .venv, from the hash-locked lists.
# setup.sh uv:        only the installer, .tools/bin/uv.
# setup.sh node:      only Node with npm, .tools/node, for machines that have none.
# Does nothing, and needs no network, while the stamp in .venv is true.
# PYTHON=... chooses the interpreter; a package index set for pip is used for uv too.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
uv=.tools/bin/uv
profile=${1:-base}

die() {
  echo "setup: $*" >&2
  exit 1
}

case $profile in
  base | test | uv | node) ;;
  *) die "usage: scripts/setup.sh base|test|uv|node" ;;
esac

# --- an interpreter: the real one, also where .venv is the active environment

interpreter() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    "$name" -c 'import os, sys
assert (3, 11) <= sys.version_info < (3, 14)
print(os.path.realpath(sys.executable), "%d.%d" % sys.version_info[:2])
' 2>/dev/null && return
  done
  return 1
}
found=$(interpreter) || die "Python 3.11, 3.12 or 3.13 is needed" \
  "(${PYTHON:-python3}: $("${PYTHON:-python3}" -V 2>&1 | tail -n 1)); set PYTHON=..."
py=${found% *}

# --- is there anything to do?

# An environment serves only the interpreter and the folder it was made for.
home="$PWD $found"
venv_serves() {
  [ "$(cat "$venv/.home" 2>/dev/null)" = "$home" ] && "$venv/bin/python" -c '' 2>/dev/null
}
stamp_for() {
  echo "$1 $(cat "requirements/$1.txt" requirements/build.txt pyproject.toml |
    "$py" -c 'import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')"
}
if [[ $profile = @(base|test) ]] && venv_serves; then
  stamp=$(cat "$venv/.stamp" 2>/dev/null || true)
  [ "$stamp" = "$(stamp_for test)" ] && exit # what holds test holds base
  [ "$stamp" = "$(stamp_for "$profile")" ] && exit
fi

# --- what pip fetches (--target needs no python3-venv, and PEP 668 allows it)

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
pip=("$py" -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then
  "$py" -m venv --clear .tools/pip >/dev/null 2>&1 ||
    die "$py has neither pip nor venv; on Debian: apt-get install python3-pip"
  pip=(.tools/pip/bin/python -m pip)
fi

if [ "$profile" = node ]; then
  "${pip[@]}" install -q --no-warn-script-location --upgrade \
    --target .tools/node --require-hashes -r requirements/node.txt ||
    die "Node could not be fetched, see above"
  exit
fi

uv_is_pinned() {
  local pin
  read -r pin _ <requirements/uv.txt
  [ "$("$uv" --version 2>/dev/null | cut -d' ' -f2)" = "${pin#uv==}" ]
}
uv_is_pinned || "${pip[@]}" install -q --no-warn-script-location --upgrade \
  --target .tools --require-hashes -r requirements/uv.txt ||
  echo "setup: uv could not be fetched, see above" >&2
if [ "$profile" = uv ]; then
  uv_is_pinned || die "no uv that runs in .tools/bin"
  exit
fi

# uv does not read pip's settings: hand it the mirror that pip was told to use.
index=${PIP_INDEX_URL:-$("${pip[@]}" config get global.index-url 2>/dev/null || true)}
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"

# --- the environment: made anew where the old one does not serve

rm -f "$venv/.stamp"
if ! venv_serves; then
  "$py" -m venv --clear --without-pip "$venv" # not by uv: it may be out of order
  echo "$home" >"$venv/.home"
fi

lists=(--require-hashes -r "requirements/$profile.txt" -r requirements/build.txt)
project=(--no-deps --no-build-isolation -e .)
if uv_is_pinned &&
  "$uv" pip install -q --python "$venv/bin/python" --compile-bytecode "${lists[@]}"; then
  "$uv" pip install -q --python "$venv/bin/python" "${project[@]}"
else
  # uv does not start here, or does not reach its index: pip, from the same lists
  echo "setup: uv cannot install here; trying pip" >&2
  "${pip[@]}" --python "$venv/bin/python" install -q "${lists[@]}" ||
    die "neither uv nor pip could install requirements/$profile.txt, see above"
  "${pip[@]}" --python "$venv/bin/python" install -q "${project[@]}"
fi
stamp_for "$profile" >"$venv/.stamp"
