#!/bin/sh
# PHONES simulated phones beside an adb server of their own, for trying things out: both end together. The server
# keeps its key in DIR, sees no USB, and leaves the one on adb's usual port alone.
set -eu
cd "$(dirname "$0")/.."

phones=${PHONES:-3} port=${PHONE_PORT:-5610} control=${CONTROL:-127.0.0.1:50890} adb_port=${ADB_PORT:-5600}
dir=${DIR:-target/phones}
mkdir -p "$dir/home"
home=$(cd "$dir/home" && pwd)

server=
ended() {
    trap - EXIT INT TERM HUP
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    exit "${1:-0}"
}
trap 'ended $?' EXIT
# Ctrl-C reaches the phones by itself; other signals are handed on. The script ends with them.
simphone=
trap : INT
trap '[ -z "$simphone" ] || kill "$simphone"' TERM HUP

if command -v adb >/dev/null; then
    env -u ANDROID_SERIAL -u ADB_SERVER_SOCKET -u ANDROID_ADB_SERVER_PORT -u ADB_VENDOR_KEYS HOME="$home" \
        ANDROID_USER_HOME="$home/.android" ADB_USB=0 ADB_EMU=0 ADB_MDNS=0 ADB_LOCAL_TRANSPORT_MAX_PORT=5554 \
        adb -P "$adb_port" nodaemon server >"$dir/adb.log" 2>&1 </dev/null &
    server=$!
else
    echo "no adb here (apt-get install adb): the phones run, but nothing connects to them yet" >&2
fi

connect=
at=$port
while [ "$at" -lt $((port + phones)) ]; do
    connect="$connect${connect:+,}127.0.0.1:$at"
    at=$((at + 1))
done
echo "In another terminal:"
echo "    export DROVER_ADB_PORT=$adb_port DROVER_CONNECT=$connect"
"${CARGO_TARGET_DIR:-target}/debug/simphone" --phones "$phones" --base-port "$port" --control "$control" --data "$dir" &
simphone=$!
# A signal ends the wait early; the phones then take a moment to end.
while kill -0 "$simphone" 2>/dev/null; do
    wait "$simphone" && code=0 || code=$?
done
ended "$code"
