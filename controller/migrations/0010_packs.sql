-- Packs that were edited or taken in here, and flows that were switched off.

-- A text of a pack's file, once however many versions have it.
CREATE TABLE pack_texts (
    hash TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
);

-- The files of a pack's content.
CREATE TABLE pack_files (
    pack_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    PRIMARY KEY (pack_hash, name)
);

-- `how` it came: built_in and folder are what lay there before the first edit; edited, imported, reverted.
CREATE TABLE pack_versions (
    pack TEXT NOT NULL,
    number BIGINT NOT NULL,
    pack_hash TEXT NOT NULL,
    label TEXT NOT NULL,
    how TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (pack, number)
);
CREATE INDEX pack_versions_by_hash ON pack_versions (pack_hash);

-- Which version of a pack goes before what comes with the program or lies in the folder; without a number none does.
CREATE TABLE packs (
    name TEXT NOT NULL PRIMARY KEY,
    number BIGINT,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);

-- Flows of which nothing new begins.
CREATE TABLE flows_off (
    platform TEXT NOT NULL,
    script TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (platform, script)
);

-- The phone's language, where an attempt has told it.
ALTER TABLE attempts ADD COLUMN language TEXT;
CREATE INDEX attempts_by_time ON attempts (handed_at);
