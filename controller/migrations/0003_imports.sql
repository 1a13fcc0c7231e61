-- Imports of sheets. What is decided lies sealed in chunks until it is applied, and until it can no longer be taken back.

-- `chunks` of them are staged and `applied` of those done; while an import is taken back, `applied` counts down.
-- `first_new` is the id of its first new account. `left_out_json` lists rows that are not applied after all.
CREATE TABLE imports (
    id BIGINT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    dry_run BIGINT NOT NULL,
    who TEXT NOT NULL,
    platform TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    first_new BIGINT NOT NULL,
    chunks BIGINT NOT NULL,
    applied BIGINT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_applied BIGINT NOT NULL,
    left_out_json TEXT,
    report_json TEXT,
    undo_json TEXT
);
CREATE INDEX imports_by_state ON imports (state);

-- `id` is the import's times 1,000,000, and the chunk's number.
CREATE TABLE import_chunks (
    id BIGINT NOT NULL PRIMARY KEY,
    import_id BIGINT NOT NULL REFERENCES imports (id),
    sealed TEXT NOT NULL
);
CREATE INDEX import_chunks_by_import ON import_chunks (import_id);

-- Whoever changes accounts holds this row, and an import takes it to shut them out.
INSERT INTO fences (role, fence) VALUES ('accounts', 0);
