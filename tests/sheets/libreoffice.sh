#!/bin/sh
# Makes the files in tests/sheets/libreoffice anew: the rows of rows.json, as LibreOffice saves them. It is too large a
# program to be installed for every test run (Debian: libreoffice-calc-nogui), so what it saved is kept.
#
#   tests/sheets/libreoffice.sh PYTHON      a Python with openpyxl, such as target/test-python/bin/python
set -eu
cd "$(dirname "$0")"
python=${1:-../../target/test-python/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" save.py openpyxl "$work/accounts.xlsx" < rows.json
convert() { soffice -env:UserInstallation="file://$work/profile" --headless --convert-to "$1" --outdir "$2" "$3" >&2; }
mkdir -p "$work/saved" libreoffice
convert ods "$work/saved" "$work/accounts.xlsx"
for kind in xlsx xls; do convert $kind "$work/saved" "$work/saved/accounts.ods"; done
# 59: semicolon, 34: quotes, 76: UTF-8.
convert csv:"Text - txt - csv (StarCalc)":59,34,76 "$work/saved" "$work/saved/accounts.ods"
cp "$work"/saved/accounts.* libreoffice/
ls -l libreoffice >&2
