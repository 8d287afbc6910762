-- What an account may do, for what it gave others to follow: a preview link ends with the role by which it was given, and
-- while the account is deactivated. Rows of before get theirs by a rebuild of `authors`; until then an editor's links lead
-- nowhere.
ALTER TABLE content.authors
    ADD COLUMN roles text[] NOT NULL DEFAULT '{}',
    ADD COLUMN deactivated boolean NOT NULL DEFAULT false;
