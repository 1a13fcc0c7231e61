"""Saves the rows that come as JSON on standard input as a sheet, the way PROGRAM does it: save.py PROGRAM FILE."""

import json
import sys

program, path = sys.argv[1:]
header, *rows = json.load(sys.stdin)


def frame(rows):
    import pandas

    return pandas.DataFrame(rows, columns=header)


def in_windows_1252(row):
    try:
        json.dumps(row, ensure_ascii=False).encode("cp1252")
        return True
    except UnicodeEncodeError:
        return False


if program in ("openpyxl", "openpyxl-streaming"):
    import openpyxl

    book = openpyxl.Workbook(write_only=program.endswith("streaming"))
    sheet = book.create_sheet("accounts") if book.write_only else book.active
    for row in [header, *rows]:
        sheet.append(row)
    book.save(path)
elif program == "pandas":
    frame(rows).to_excel(path, index=False)
elif program == "pandas-csv":
    frame(rows).to_csv(path, index=False)
elif program == "pandas-csv-windows-1252":
    frame([row for row in rows if in_windows_1252(row)]).to_csv(path, index=False, sep=";", encoding="cp1252")
elif program == "python-csv-utf-16":
    import csv

    with open(path, "w", newline="", encoding="utf-16") as file:
        csv.writer(file, delimiter="\t").writerows([header, *rows])
else:
    sys.exit(f"no such program: {program}")
