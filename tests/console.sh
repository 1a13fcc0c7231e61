#!/bin/sh
# The console in Debian's Chromium, against a farm on simulated phones that it starts itself; `make console-test` builds
# everything first. --quick: the journeys, and every page once, on a laptop's screen and in the dark on a phone's.
# --figures: how smoothly a wall of phones and large tables scroll, and what watching costs, and nothing else.
# Pictures of all pages lie in target/console.
set -eu
cd "$(dirname "$0")/console"

if ! cmp -s package-lock.json node_modules/installed; then
    npm ci --ignore-scripts --no-audit --no-fund --silent >&2
    cp package-lock.json node_modules/installed
fi
npx tsc -p .
case "${1:-}" in
    --quick) shift; exec npx playwright test --grep-invert '@all|@figures' "$@" ;;
    --figures) shift; exec npx playwright test --grep @figures "$@" ;;
    *) exec npx playwright test --grep-invert @figures "$@" ;;
esac
