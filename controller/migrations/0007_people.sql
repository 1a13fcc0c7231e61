-- A phone is kept as it is for a person who has to deal with what is on its screen: until `held_until`; `freed_at` says
-- since when it works again although nobody came.
ALTER TABLE attention ADD COLUMN held_until BIGINT;
ALTER TABLE attention ADD COLUMN freed_at BIGINT;
CREATE INDEX attention_by_phone ON attention (serial, resolved_at);
