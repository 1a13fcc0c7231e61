#!/bin/sh
# Fetches the resident driver (u2.jar) and the typing keyboard (keyboard.apk), which the agent puts onto its phones.
# Both are parts of the Python package uiautomator2 (MIT licence), taken from its published wheel and checked.
#
#   deploy/fetch-resident.sh [FOLDER]     default: where the agent looks, ~/.local/share/drover
set -eu

version=3.7.1
jar_sha256=87c8ac9505970d42aa5922baa90114808fda6f47f9e5fbd4caa0f621c2c8d30d
apk_sha256=6f85594700ad96de89d012b3767049c2c6988510b68b31b439dd2a6dd93a30c9
folder=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/drover}

say() { echo "fetch-resident: $*" >&2; }

matches() { [ -f "$1" ] && echo "$2  $1" | sha256sum -c --status; }

if matches "$folder/u2.jar" "$jar_sha256" && matches "$folder/keyboard.apk" "$apk_sha256"; then
    say "already in $folder"
    exit 0
fi

command -v python3 >/dev/null || { say "python3 is missing (Debian: apt-get install python3 python3-pip)"; exit 69; }
python3 -m pip --version >/dev/null 2>&1 || { say "pip is missing (Debian: apt-get install python3-pip)"; exit 69; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$scratch" "uiautomator2==$version" >&2
python3 - "$scratch" <<'PY'
import glob, sys, zipfile
folder = sys.argv[1]
with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel:
    for inside, name in (("u2.jar", "u2.jar"), ("app-uiautomator.apk", "keyboard.apk")):
        with open(f"{folder}/{name}", "wb") as file:
            file.write(wheel.read("uiautomator2/assets/" + inside))
PY
matches "$scratch/u2.jar" "$jar_sha256" || { say "u2.jar is not the one that was checked for version $version"; exit 65; }
matches "$scratch/keyboard.apk" "$apk_sha256" || { say "keyboard.apk is not the one that was checked for version $version"; exit 65; }
mkdir -p "$folder"
mv "$scratch/u2.jar" "$scratch/keyboard.apk" "$folder/"
say "u2.jar and keyboard.apk are in $folder"
