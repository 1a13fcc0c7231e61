#!/bin/sh
# Builds the console into controller/console/dist/web, from where the next build of the controller takes it. Does nothing
# where nothing has changed.
set -eu
cd "$(dirname "$0")/../controller/console"

say() { echo "console: $*" >&2; }

command -v npm >/dev/null || { say "npm is missing: install Node 20.19 or newer with npm"; exit 69; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    { say "Node $(node --version) is too old: 20.19 or newer is needed"; exit 69; }

if ! cmp -s package-lock.json node_modules/installed; then
    say "installing what it is built with"
    npm ci --ignore-scripts --no-audit --no-fund --silent >&2
    cp package-lock.json node_modules/installed
fi
built=dist/web/index.html.br
if [ ! -e $built ] || [ -n "$(find src public scripts index.html package-lock.json ./*.ts ./*.js -newer $built -print -quit)" ]; then
    say "building"
    npm run --silent build >&2
fi
