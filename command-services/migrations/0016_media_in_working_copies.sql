-- Which pictures and files a working copy may show: what looks like the address of one anywhere in it, more rather than
-- less. Made by Postgres from the change itself, so that it is right whichever version of the service saves a copy; with
-- it a sweep asks for one picture and reads no text.
CREATE FUNCTION writing.sha256s(change text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY (SELECT DISTINCT found[1] FROM regexp_matches(change, '[0-9a-f]{64}', 'g') AS found);

ALTER TABLE writing.working_copies
    ADD COLUMN sha256s text[] GENERATED ALWAYS AS (writing.sha256s(change)) STORED;

CREATE INDEX working_copies_sha256s ON writing.working_copies USING gin (sha256s);
