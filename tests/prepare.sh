#!/bin/sh
# Gets what the tests need and a fresh Debian machine lacks: adb, Postgres, oathtool, Node, Chromium, and in target/ a Python with the two
# clients that the simulated phones must satisfy and the programs that write sheets, the same for Node, and the resident
# driver. Quick where all is there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "tests/prepare: $*" >&2; }

apt() {
    command -v apt-get >/dev/null || { say "please install: $*"; exit 69; }
    run=""
    [ "$(id -u)" = 0 ] || run=sudo
    say "installing $*"
    $run apt-get update -qq >&2 || say "the package lists could not be refreshed; trying with those that are here"
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$@" >&2
}

command -v adb >/dev/null || apt adb
command -v oathtool >/dev/null || apt oathtool
command -v cc >/dev/null || apt gcc libc6-dev
command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || apt postgresql
command -v npm >/dev/null || apt nodejs npm
command -v "${DROVER_CHROMIUM:-chromium}" >/dev/null || apt chromium
fc-list :lang=zh 2>/dev/null | grep -q . || apt fonts-noto-cjk
python3 -c 'import ensurepip, venv' 2>/dev/null || apt python3 python3-venv python3-pip

python=target/test-python
wanted="adbutils==2.12.0 uiautomator2==3.7.1 lxml==6.1.3 huey==3.5.4 openpyxl==3.1.5 pandas==3.1.1 python-calamine==0.9.1"
if [ "$(cat $python/wanted 2>/dev/null)" != "$wanted" ]; then
    say "making $python ($wanted)"
    rm -rf $python
    python3 -m venv $python
    # shellcheck disable=SC2086
    $python/bin/pip install --quiet --disable-pip-version-check $wanted >&2
    echo "$wanted" > $python/wanted
fi

node=target/test-node
if ! cmp -s tests/sheets/package-lock.json $node/installed; then
    say "making $node"
    rm -rf $node
    mkdir -p $node
    cp tests/sheets/package.json tests/sheets/package-lock.json $node/
    (cd $node && npm ci --ignore-scripts --no-audit --no-fund --silent >&2)
    cp $node/package-lock.json $node/installed
fi

PATH="$PWD/$python/bin:$PATH" deploy/fetch-resident.sh target/resident
