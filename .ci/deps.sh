#!/usr/bin/env bash
# Gets what the tests need besides Go and Node: Chromium, and Postgres' server
# programs. Says what it will do and asks, except with CI=true.
set -euo pipefail

have_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1
have_postgres() {
  [ -n "${AMAN_TEST_POSTGRES_URL:-}" ] || command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}
have_cc() { command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1; }

missing=()
have_chromium || missing+=(chromium)
have_postgres || missing+=(postgres)
have_cc || missing+=(cc)
[ ${#missing[@]} -eq 0 ] && exit 0

packages=()
for what in "${missing[@]}"; do
  if command -v apt-get >/dev/null; then
    case $what in chromium) packages+=(chromium) ;; postgres) packages+=(postgresql) ;; cc) packages+=(gcc libc6-dev) ;; esac
  elif command -v dnf >/dev/null; then
    case $what in chromium) packages+=(chromium) ;; postgres) packages+=(postgresql-server) ;; cc) packages+=(gcc) ;; esac
  elif command -v apk >/dev/null; then
    case $what in chromium) packages+=(chromium) ;; postgres) packages+=(postgresql) ;; cc) packages+=(build-base) ;; esac
  fi
done
if [ ${#packages[@]} -eq 0 ]; then
  echo "The tests need, and this machine lacks: ${missing[*]}. Install them with your package manager, then run this again." >&2
  exit 1
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Installing ${packages[*]} needs root, and there is no sudo." >&2; exit 1; }
  root=(sudo)
fi
if command -v apt-get >/dev/null; then
  commands=("apt-get update -q" "env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${packages[*]}")
elif command -v dnf >/dev/null; then
  commands=("dnf install -y ${packages[*]}")
else
  commands=("apk add ${packages[*]}")
fi

echo "The tests need what this machine lacks: ${missing[*]}. This will be run:"
for c in "${commands[@]}"; do echo "  ${root[*]:-} $c"; done
if [ "${CI:-}" != true ]; then
  if [ ! -t 0 ]; then
    echo "There is nobody to ask: run it yourself, or set CI=true." >&2
    exit 1
  fi
  read -r -p "Go on? [y/N] " answer
  case $answer in [yY]*) ;; *) exit 1 ;; esac
fi
for c in "${commands[@]}"; do
  read -r -a words <<<"$c"
  ${root[@]+"${root[@]}"} "${words[@]}"
done
for what in "${missing[@]}"; do
  "have_$what" || { echo "$what is still missing." >&2; exit 1; }
done
