-- What accounts have done on a day, and the languages of phones, without a look at all that ever was.
CREATE INDEX grants_by_day ON grants (day, account_id, platform, action);
CREATE INDEX attempts_by_language ON attempts (serial, language, handed_at);
