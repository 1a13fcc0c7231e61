-- Portable on purpose: every column is BIGINT or TEXT. Times are milliseconds since 1970, ids come from `counters`,
-- UUIDs, hashes and JSON are text, yes and no are 1 and 0.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value_json TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE hosts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_seen BIGINT,
    agent_version TEXT,
    key_fingerprint TEXT NOT NULL UNIQUE
);

CREATE TABLE host_certificates (
    serial TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL REFERENCES hosts (id),
    csr_hash TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    pem TEXT NOT NULL
);
CREATE INDEX host_certificates_by_host ON host_certificates (host_id, not_after);

CREATE TABLE join_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    csr_hash TEXT,
    host_id TEXT REFERENCES hosts (id)
);

CREATE TABLE api_tokens (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    scopes_json TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);

CREATE TABLE devices (
    serial TEXT NOT NULL PRIMARY KEY,
    device_index BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    host_id TEXT,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    android TEXT NOT NULL,
    sdk BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);

CREATE TABLE device_groups (
    serial TEXT NOT NULL REFERENCES devices (serial),
    name TEXT NOT NULL,
    PRIMARY KEY (serial, name)
);

-- One row for each role that only one process may have: who has it until when. `host` and `pid` are for people,
-- `process` tells others on the same machine whether it still runs.
CREATE TABLE leadership (
    role TEXT NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL,
    holder TEXT,
    host TEXT,
    pid BIGINT,
    process TEXT,
    renewed_at BIGINT,
    lease_millis BIGINT
);

-- The number of a role, which grows with each change of hands. Apart from the row above because every transaction of the
-- holder holds it, and the lease must be renewed meanwhile.
CREATE TABLE fences (
    role TEXT NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL
);
