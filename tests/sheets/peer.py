"""Reads or writes the benchmark's sheet the way PROGRAM does it: peer.py PROGRAM read|write FILE [ROWS.json].

Prints what it cost: seconds of the processor from the first cell on, the reading of ROWS.json apart, and peak memory."""

import json
import resource
import sys

program, what, path, *given = sys.argv[1:]
rows = json.load(open(given[0], encoding="utf-8")) if given else None


def openpyxl_read():
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


def openpyxl_write():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("accounts")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return len(rows) - 1


def pandas_read():
    return len(pandas.read_excel(path, engine="calamine", dtype=str))


def pandas_write():
    pandas.DataFrame(rows[1:], columns=rows[0]).to_excel(path, index=False)
    return len(rows) - 1


if program == "openpyxl":
    import openpyxl
else:
    import pandas

before = resource.getrusage(resource.RUSAGE_SELF)
count = globals()[f"{program}_{what}"]()
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"rows": count, "cpu_s": cpu, "peak_mb": after.ru_maxrss / 1024}))
