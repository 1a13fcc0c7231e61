-- Tasks, the attempts at them, and the leave that was given for each lasting act.

-- `config_json` is what was asked for, checked. `serial`, `account_id` and `username` are told again here, so that what
-- was done stays readable when a phone or an account is gone. `queue_key` orders the tasks of one phone, `due_at` is the
-- earliest start (its time, or a retry's), `attempt` the one that is alive. `materials_json` is chosen at the first
-- hand-out and stays. What is to be deleted and cannot be yet has `delete_asked_at`, and goes with its end.
CREATE TABLE tasks (
    id BIGINT NOT NULL PRIMARY KEY,
    platform TEXT NOT NULL,
    pack TEXT NOT NULL,
    script TEXT NOT NULL,
    config_json TEXT NOT NULL,
    serial TEXT NOT NULL,
    account_id BIGINT,
    username TEXT,
    username_folded TEXT,
    package TEXT,
    source TEXT NOT NULL,
    created_by TEXT NOT NULL,
    status BIGINT NOT NULL,
    state TEXT NOT NULL,
    queue_key BIGINT NOT NULL,
    start_at BIGINT,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    attempt TEXT,
    attempts BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    max_retries BIGINT,
    stop_asked_at BIGINT,
    stop_asked_by TEXT,
    delete_asked_at BIGINT,
    seed BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    materials_json TEXT,
    progress BIGINT NOT NULL,
    progress_text TEXT,
    waiting_for TEXT,
    error_kind TEXT,
    error_message TEXT,
    result_json TEXT,
    proof_json TEXT
);
CREATE INDEX tasks_by_queue ON tasks (serial, status, queue_key);
CREATE INDEX tasks_by_due ON tasks (status, due_at);
CREATE INDEX tasks_by_status ON tasks (status, id);
CREATE INDEX tasks_by_serial ON tasks (serial, id);
CREATE INDEX tasks_by_account ON tasks (account_id, status);
CREATE INDEX tasks_by_username ON tasks (username_folded, id);
CREATE INDEX tasks_by_script ON tasks (script, id);
CREATE INDEX tasks_by_time ON tasks (created_at, id);

-- How many tasks there are of each kind, so that no list has to count.
CREATE TABLE task_counts (
    status BIGINT NOT NULL,
    platform TEXT NOT NULL,
    script TEXT NOT NULL,
    serial TEXT NOT NULL,
    source TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (serial, status, script, platform, source)
);

-- The first answer to a call that names itself, for a day.
CREATE TABLE idempotency_keys (
    name TEXT NOT NULL PRIMARY KEY,
    body_hash TEXT NOT NULL,
    answer_json TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- `holds` is the phone's serial for as long as no other attempt may have the phone: no two rows name the same.
CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY,
    task_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    host_id TEXT NOT NULL,
    serial TEXT NOT NULL,
    account_id BIGINT,
    holds TEXT UNIQUE,
    state TEXT NOT NULL,
    pack_hash TEXT NOT NULL,
    lease_millis BIGINT NOT NULL,
    handed_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    lost_at BIGINT,
    ended_at BIGINT,
    outcome TEXT,
    message TEXT,
    uncertain BIGINT,
    place TEXT,
    steps BIGINT,
    took_millis BIGINT,
    driver TEXT,
    app_version TEXT
);
CREATE INDEX attempts_by_task ON attempts (task_id, number);
CREATE INDEX attempts_by_state ON attempts (state, host_id);
CREATE INDEX attempts_by_account ON attempts (account_id, state);

CREATE TABLE attempt_lines (
    attempt TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (attempt, number)
);

-- `claims` names the act (task, commit, key) for as long as nobody else may do it: no two rows name the same. Free again
-- only where the grant is void. `day` is the day of the farm's time zone that it counts for.
CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    task_id BIGINT NOT NULL,
    attempt TEXT NOT NULL,
    request BIGINT NOT NULL,
    account_id BIGINT,
    serial TEXT NOT NULL,
    platform TEXT NOT NULL,
    action TEXT NOT NULL,
    commit_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    act_key TEXT NOT NULL,
    claims TEXT UNIQUE,
    host_id TEXT NOT NULL,
    journal TEXT NOT NULL,
    evidence_json TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    proof_json TEXT,
    granted_at BIGINT NOT NULL,
    settled_at BIGINT,
    day TEXT NOT NULL,
    UNIQUE (attempt, request)
);
CREATE INDEX grants_by_task ON grants (task_id, number);
CREATE INDEX grants_by_account ON grants (account_id, action, day);
CREATE INDEX grants_by_state ON grants (state, account_id);
CREATE INDEX grants_by_journal ON grants (journal, number);

-- The journals of the hosts, and up to which history each has told all that is in it.
CREATE TABLE journals (
    identity TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL,
    highest BIGINT NOT NULL,
    replayed_epoch BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX journals_by_host ON journals (host_id);

-- What waits for a person. An item stays when its task is deleted.
CREATE TABLE attention (
    id BIGINT NOT NULL PRIMARY KEY,
    task_id BIGINT,
    grant_id TEXT,
    account_id BIGINT,
    serial TEXT,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    resolution TEXT,
    resolved_by TEXT
);
CREATE INDEX attention_by_state ON attention (resolved_at, id);
CREATE INDEX attention_by_task ON attention (task_id, id);

-- Evidence: files under the data folder.
CREATE TABLE artifacts (
    attempt TEXT NOT NULL,
    name TEXT NOT NULL,
    task_id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (attempt, name)
);
CREATE INDEX artifacts_by_task ON artifacts (task_id);
