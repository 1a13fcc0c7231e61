#!/usr/bin/env bash
# A whole farm on simulated phones: controller, agent, a private adb server and PHONES phones, until Ctrl-C.
# `make demo` builds the programs first. Everything it makes lies under DIR; a real adb server is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."

PHONES=${PHONES:-3}
API=${API:-127.0.0.1:50809}
CONTROL=${CONTROL:-127.0.0.1:50890}
DIR=${DIR:-target/demo}
BIN=${BIN:-target/debug}
PATIENCE=120 # seconds until all phones must be online

say() { echo "demo: $*" >&2; }
die() { say "$*"; exit 1; }

[[ $PHONES =~ ^[1-9][0-9]{0,2}$ ]] || die "PHONES is $PHONES: give a number from 1 to 999"
[[ $API =~ ^[^:]+:[0-9]+$ ]] || die "API is $API: give ADDRESS:PORT, such as 127.0.0.1:50809"
[[ $CONTROL =~ ^[^:]+:[0-9]+$ ]] || die "CONTROL is $CONTROL: give ADDRESS:PORT, such as 127.0.0.1:50890"

if ! command -v adb >/dev/null; then
    if command -v apt-get >/dev/null; then
        say "installing adb"
        sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
        $sudo apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends adb >&2
    else
        die "adb is missing: install Android's platform tools (Fedora: dnf install android-tools, macOS: brew install --cask android-platform-tools)"
    fi
fi
command -v curl >/dev/null || die "curl is missing: install it"

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_from() { # the first port from $1 on that nobody listens on
    local port=$1
    while taken "$port"; do port=$((port + 1)); done
    echo "$port"
}
taken_udp() { # whether $1 is; where the system does not tell, it counts as free
    grep -qis ":$(printf %04X "$1") " /proc/net/udp /proc/net/udp6
}
two_free_from() { # the first port from $1 on that is free for agents, and the next one as well
    local port=$1
    while taken_udp "$port" || taken_udp $((port + 1)); do port=$((port + 2)); done
    echo "$port"
}
taken "${API##*:}" && die "port ${API##*:} is taken: is a demo or a controller running? Choose another with API=127.0.0.1:PORT"
taken "${CONTROL##*:}" && die "port ${CONTROL##*:} is taken: choose another with CONTROL=127.0.0.1:PORT"

mkdir -p "$DIR"/{controller,agent,home,log,media}
chmod 700 "$DIR"/controller "$DIR"/agent
DIR=$(cd "$DIR" && pwd)
adb_port=$(free_from 50837)
phone_port=$(free_from 16000)
data_port=$(two_free_from 50810)
join_port=$((data_port + 1))

pids=()
stop() {
    trap '' INT TERM
    [ ${#pids[@]} -gt 0 ] || return 0
    say "stopping"
    # The agent first: it ends its adb server, and tells the controller.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${pids[i]}" 2>/dev/null || true
    done
    for pid in "${pids[@]}"; do
        for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'trap "" INT TERM HUP; exit 0' INT TERM HUP # a second signal must not end the clearing up

# Each runs in a process group of its own, so that Ctrl-C reaches this script alone and they are stopped in order.
start() { # NAME COMMAND…
    local name=$1; shift
    setsid "$@" >"$DIR/log/$name.log" 2>&1 &
    pids+=($!)
}
await() { # WHAT COMMAND…: until the command holds, or a program has died
    local what=$1; shift
    local until=$((SECONDS + PATIENCE))
    until "$@"; do
        for pid in "${pids[@]}"; do
            kill -0 "$pid" 2>/dev/null || { tail -n 20 "$DIR"/log/*.log >&2; die "a program ended before $what"; }
        done
        ((SECONDS < until)) || { tail -n 20 "$DIR"/log/*.log >&2; die "no $what within $PATIENCE s"; }
        sleep 0.1
    done
}

addresses=""
for ((i = 0; i < PHONES; i++)); do addresses+="${addresses:+,}127.0.0.1:$((phone_port + i))"; done

start simphone "$BIN/simphone" --phones "$PHONES" --base-port "$phone_port" --control "$CONTROL" --data "$DIR/phones"
controller=("$BIN/drover-controller" --data-dir "$DIR/controller" --listen "$API" --set plan=pro
    --set "agents.listen=127.0.0.1:$data_port" --set "agents.join_listen=127.0.0.1:$join_port"
    --set "media.roots=$DIR/media")
start controller "${controller[@]}" serve
await "the API" curl -sf -o /dev/null "http://$API/readyz"
token=$("${controller[@]}" token create 2>/dev/null)
start agent env HOME="$DIR/home" DROVER_TOKEN="$token" ADB_USB=0 ADB_EMU=0 ADB_LOCAL_TRANSPORT_MAX_PORT=5554 \
    "$BIN/drover-agent" run --controller "127.0.0.1:$join_port" --state "$DIR/agent" \
    --adb-port "$adb_port" --connect "$addresses"

# A few clips to publish: the head of an MP4 and a name, which is all that simulated phones look at.
for clip in morning workshop evening; do
    [ -e "$DIR/media/$clip.mp4" ] || printf '\0\0\0\030ftypmp42\0\0\0\0mp42isom%s' "$clip" >"$DIR/media/$clip.mp4"
done

all_online() {
    [ "$(curl -sf "http://$API/api/v1/devices?state=online&page_size=1" | sed -n 's/.*"total":\([0-9]*\).*/\1/p')" = "$PHONES" ]
}
await "$PHONES phones online" all_online

# Sample accounts on the first three phones; those of an earlier demo stay as they are.
"${controller[@]}" accounts import deploy/demo/accounts.csv --on-duplicate skip >"$DIR/log/accounts.log" 2>&1 ||
    { cat "$DIR/log/accounts.log" >&2; die "the sample accounts of deploy/demo/accounts.csv could not be imported"; }

# The simulated platforms know these accounts too, and two of them are logged in on their phones.
control() { # PATH JSON
    curl -sf -o /dev/null -d "$2" "http://$CONTROL/$1" || die "the simulated phones do not take $1"
}
known() { # PLATFORM NUMBER [TOTP]
    control "world/$1" "{\"accounts\": [{\"username\": \"demo.anna\", \"password\": \"demo-anna-$2\"${3:+, \"totp\": \"$3\"}},
        {\"username\": \"demo.bo\", \"password\": \"demo-bo-$2\"}, {\"username\": \"demo.cleo\", \"password\": \"demo-cleo-1\"}]}"
}
known tiktok 1
known instagram 2 JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
for app in com.zhiliaoapp.musically com.instagram.android; do
    control "phones/SIM0001/apps/$app" '{"sessions": ["demo.anna"]}'
    [ "$PHONES" -lt 2 ] || control "phones/SIM0002/apps/$app" '{"sessions": ["demo.bo"]}'
done

# Some more for the material library, out of which a post without a list takes its files. What is there already stays as it is.
library() { # NAME QUERY
    printf '\0\0\0\030ftypmp42\0\0\0\0mp42isom%s' "$1" |
        curl -sf -o /dev/null --data-binary @- -H 'Content-Type: video/mp4' \
            "http://$API/api/v1/materials?name=$1.mp4&$2" || die "the material library does not take $1.mp4"
}
library harbour 'tags=spring&sort=1&caption=%7BEarly%7CQuiet%7D%20at%20the%20harbour'
library kitchen 'tags=spring,food&sort=2'
library garden 'tags=spring&sort=3'
library market 'tags=food&username=demo.anna&caption=Market%20day'

say "the phones' control: http://$CONTROL   logs: $DIR/log"
echo "ready: http://$API"
wait -n "${pids[@]}" || true
tail -n 5 "$DIR"/log/*.log >&2
die "a program has ended"
