#!/usr/bin/env bash
# Gets the peers that `make bench` compares with, besides those that are Go
# modules: GEOS with its headers, and PostGIS. Says what it will do and asks,
# except with CI=true. Debian and its kin only.
set -euo pipefail

have_geos() { command -v geos-config; } >/dev/null 2>&1
have_postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control'; } >/dev/null 2>&1

packages=()
have_geos || packages+=(libgeos-dev)
have_postgis || packages+=(postgresql-postgis postgresql-postgis-scripts)
[ ${#packages[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "make bench compares with GEOS (headers and library) and PostGIS: install them with your package manager. It runs without them, too." >&2
  exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Installing ${packages[*]} needs root, and there is no sudo." >&2; exit 1; }
  root=(sudo)
fi
echo "This will be run:"
echo "  ${root[*]:-} apt-get update -q"
echo "  ${root[*]:-} apt-get install -y -q --no-install-recommends ${packages[*]}"
if [ "${CI:-}" != true ]; then
  if [ ! -t 0 ]; then
    echo "There is nobody to ask: run it yourself, or set CI=true." >&2
    exit 1
  fi
  read -r -p "Go on? [y/N] " answer
  case $answer in [yY]*) ;; *) exit 1 ;; esac
fi
${root[@]+"${root[@]}"} apt-get update -q
${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
