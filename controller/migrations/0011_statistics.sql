-- How an account's numbers stood, a row a day: the last that was known of that day. `day` counts from 1970-01-01 in UTC.

CREATE TABLE account_statistics (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    day BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    followers BIGINT,
    following BIGINT,
    hearts BIGINT,
    videos BIGINT,
    friends BIGINT,
    PRIMARY KEY (account_id, day)
);
