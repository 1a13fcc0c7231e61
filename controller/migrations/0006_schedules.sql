-- Groups of phones as things of their own, schedules, and what came of each of their runs.

-- A group may be empty; who is in it stands in `device_groups`.
CREATE TABLE phone_groups (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);
INSERT INTO phone_groups (name, created_at)
SELECT g.name, MIN(d.first_seen) FROM device_groups g JOIN devices d ON d.serial = g.serial GROUP BY g.name;
CREATE INDEX device_groups_by_name ON device_groups (name, serial);

-- `timing_json` says when, `task_json` is what a call for tasks would say. `next_due` is the moment of the next run as the
-- rule tells it, `next_at` when it begins, which is later where it is spread. `revision` grows with each change by a person.
CREATE TABLE schedules (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    enabled BIGINT NOT NULL,
    timing_json TEXT NOT NULL,
    zone TEXT,
    jitter_minutes BIGINT NOT NULL,
    missed TEXT NOT NULL,
    grace_minutes BIGINT,
    valid_from BIGINT,
    valid_until BIGINT,
    task_json TEXT NOT NULL,
    revision BIGINT NOT NULL,
    next_due BIGINT,
    next_at BIGINT,
    last_due BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX schedules_by_next ON schedules (enabled, next_at);

-- A run is its schedule and its moment: there are no two of the same. Its tasks have the numbers from `first_task` on.
CREATE TABLE schedule_runs (
    id BIGINT NOT NULL PRIMARY KEY,
    schedule_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    by_hand BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    missed BIGINT NOT NULL,
    missed_from BIGINT,
    first_task BIGINT,
    tasks BIGINT NOT NULL,
    skipped_json TEXT NOT NULL,
    warnings_json TEXT NOT NULL,
    error_code BIGINT,
    error TEXT,
    who TEXT NOT NULL,
    UNIQUE (schedule_id, due_at, by_hand)
);
CREATE INDEX schedule_runs_by_schedule ON schedule_runs (schedule_id, id);
CREATE INDEX schedule_runs_by_time ON schedule_runs (at);

ALTER TABLE tasks ADD COLUMN schedule_id BIGINT;
CREATE INDEX tasks_by_schedule ON tasks (schedule_id, id) WHERE schedule_id IS NOT NULL;
