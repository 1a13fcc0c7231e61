-- Accounts and what seals their secrets. A secret stands in its own table, so that no list comes near it.

-- The keys that secrets are sealed with: `check_text` opens with the right key alone. One row is the current one;
-- `drained_at` says since when no secret needs a retired one.
CREATE TABLE vault_keys (
    id TEXT NOT NULL PRIMARY KEY,
    check_text TEXT NOT NULL,
    is_current BIGINT UNIQUE,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    drained_at BIGINT
);

-- `username_folded` is equal for usernames that are the same to the apps. `tags` is what people read; `account_tags` is
-- what filters and counts use. `search_text` is what a search looks through: username, e-mail, phone and tags, folded.
CREATE TABLE accounts (
    id BIGINT NOT NULL PRIMARY KEY,
    platform TEXT NOT NULL,
    username TEXT NOT NULL,
    username_folded TEXT NOT NULL,
    email TEXT,
    packagename TEXT,
    device TEXT,
    logined BIGINT NOT NULL,
    status BIGINT NOT NULL,
    tags TEXT NOT NULL,
    nickname TEXT,
    country TEXT,
    followers BIGINT,
    following BIGINT,
    hearts BIGINT,
    videos BIGINT,
    friends BIGINT,
    synced_at BIGINT,
    resting_until BIGINT,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_by_username ON accounts (platform, username_folded);
CREATE INDEX accounts_by_state ON accounts (platform, status, logined, id);
CREATE INDEX accounts_by_device ON accounts (device, platform, id);

-- `totp_used_step` is the last step whose code was given away.
CREATE TABLE account_secrets (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    password TEXT,
    totp_seed TEXT,
    totp_used_step BIGINT
);

CREATE TABLE account_tags (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (account_id, folded)
);
CREATE INDEX account_tags_by_name ON account_tags (folded, account_id);
