#!/usr/bin/env bash
# Make .venv with the pinned requirements and ionspice itself, on a fresh Linux x86_64 machine.
#
#   tools/bootstrap.sh [tests]     "tests" also wants the ngspice program
#   PYTHON=/path/to/python3.13     the interpreter to use (default: the first >= 3.12 found)
#
# System libraries are installed with apt where that is allowed; elsewhere the script says what to install.
# A second call with nothing changed takes a fraction of a second.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'bootstrap: %s\n' "$@" >&2; exit 1; }
say() { printf 'bootstrap: %s\n' "$*"; }

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
    fail "this is $(uname -s) on $(uname -m); the DOLFINx wheel is for Linux on x86_64 only." \
        "Elsewhere install DOLFINx (conda-forge, Spack, its container) and then: pip install . "

# --- what may install system packages ------------------------------------------------------------------------
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}
install_packages() {
    if may_install; then
        say "installing with apt: $*"
        as_root apt-get update -q >/dev/null || say "apt-get update failed; going on with the old package lists"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null ||
            fail "apt could not install: $*"
    else
        fail "missing system packages, and this user may not install them. Ask for (Debian and Ubuntu names):" \
            "    sudo apt-get install $*" "then run the same command again."
    fi
}

# --- Python >= 3.12 ------------------------------------------------------------------------------------------
candidates() {
    [ -z "${PYTHON:-}" ] || { echo "$PYTHON"; return; }
    local name
    for name in python3.13 python3.12 python3.14 python3; do command -v "$name" || true; done
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3 2>/dev/null | sort -V || true
    ! command -v uv >/dev/null || uv python find '>=3.12' 2>/dev/null || true
}
find_python() {
    local candidate
    while read -r candidate; do
        # A pyenv shim exists for versions that are switched off: only running it tells.
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done < <(candidates)
    return 1
}
if ! python=$(find_python); then
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not a Python >= 3.12"
    if ! command -v python3 >/dev/null && may_install; then install_packages python3; fi
    python=$(find_python) ||
        fail "no Python >= 3.12 found on the path, under pyenv or under uv. Install one, for example:" \
            "    sudo apt-get install python3.13 python3.13-dev python3.13-venv   (Debian 13, Ubuntu 25.04 and newer)" \
            "    uv python install 3.13      or      pyenv install 3.13" \
            "or name one: make PYTHON=/path/to/python3.13 ..."
fi

# --- system libraries ----------------------------------------------------------------------------------------
loads() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }
missing=()
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# DOLFINx compiles its forms into a Python extension when they are first used.
echo '#include <math.h>' | cc -E - >/dev/null 2>&1 || missing+=(gcc libc6-dev)
"$python" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
    missing+=("python$version-dev")
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=("python$version-venv")
# PySpice runs the circuits on libngspice; the rest is what the gmsh wheel is linked against.
while read -r library package; do
    loads "$library" || missing+=("$package")
done <<'LIBRARIES'
libngspice.so.0 libngspice0
libGLU.so.1 libglu1-mesa
libGL.so.1 libgl1
libXrender.so.1 libxrender1
libXcursor.so.1 libxcursor1
libXfixes.so.3 libxfixes3
libXext.so.6 libxext6
libXft.so.2 libxft2
libfontconfig.so.1 libfontconfig1
libXinerama.so.1 libxinerama1
libX11.so.6 libx11-6
libgomp.so.1 libgomp1
LIBRARIES
if [ "${1:-}" = tests ] && ! command -v ngspice >/dev/null; then missing+=(ngspice); fi
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
# Tests of the gnucap export are skipped without it.
if [ "${1:-}" = tests ] && ! command -v gnucap >/dev/null && may_install; then
    (install_packages gnucap gnucap-default-plugins0) || say "going on without gnucap"
fi

# --- .venv ---------------------------------------------------------------------------------------------------
stamp=.venv/.bootstrapped
wanted=$(cat requirements.txt pyproject.toml tools/bootstrap.sh <(pwd) | sha256sum | cut -d' ' -f1)
if [ -x .venv/bin/python ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted" ]; then exit 0; fi

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
fi
say "installing the pinned requirements"
installer=(.venv/bin/python -m pip --disable-pip-version-check)
quiet=(-q)
if command -v uv >/dev/null && uv pip install -q --compile-bytecode --python .venv/bin/python --require-hashes -r requirements.txt; then
    :
else
    "${installer[@]}" install "${quiet[@]}" --require-hashes --only-binary :all: -r requirements.txt ||
        fail "pip could not install requirements.txt (see above); is a package index reachable?"
fi
"${installer[@]}" install "${quiet[@]}" --no-deps --no-build-isolation -e .
echo "$wanted" > $stamp
