-- Accounts have numbers a day of their own and go from phone to phone, and phones are replaced by others.

-- What is set for an account, by action; for the others the settings go.
ALTER TABLE accounts ADD COLUMN caps_json TEXT;

-- A task that was asked for by its phone (`of_phone`) stays with it when its account goes to another one. A task that went
-- along with its account waits until that is logged in there (`awaits_login`).
ALTER TABLE tasks ADD COLUMN of_phone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN awaits_login BIGINT NOT NULL DEFAULT 0;

-- The phone that took a phone's place, and since when.
ALTER TABLE devices ADD COLUMN replaced_by TEXT;
ALTER TABLE devices ADD COLUMN replaced_at BIGINT;
