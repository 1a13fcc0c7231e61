"""How many jobs a second huey carries on SQLite, with a disk that is waited for: FILE JOBS WORKERS."""

import json
import sys
import threading
import time

from huey import SqliteHuey

path, jobs, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
huey = SqliteHuey(filename=path, fsync=True, results=False)
done = []


@huey.task()
def nothing(number):
    done.append(number)


# Made in one go: only the taking counts.
for number in range(jobs):
    nothing(number)


def work():
    while True:
        task = huey.dequeue()
        if task is None:
            return
        huey.execute(task)


begun = time.perf_counter()
threads = [threading.Thread(target=work) for _ in range(workers)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took = time.perf_counter() - begun
assert len(done) == jobs, f"{len(done)} of {jobs} were done"
print(json.dumps({"a_second": jobs / took}))
