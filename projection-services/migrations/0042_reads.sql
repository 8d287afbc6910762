-- How often posts are read. query-api counts it: it is in no log, and no rebuild brings it back (docs/adr/0025).
CREATE SCHEMA reads;

CREATE TABLE reads.daily (
    post_id uuid NOT NULL,
    -- In UTC.
    day date NOT NULL,
    reads bigint NOT NULL CHECK (reads > 0),
    PRIMARY KEY (post_id, day)
);

-- Who was counted for what on a day, as hashes by that day's key, which Redis has. Deleted when the day is over. Not logged,
-- so that no archive of the write-ahead log keeps what was thrown away; who read before Postgres crashed is counted anew.
CREATE UNLOGGED TABLE reads.visits (
    day date NOT NULL,
    visit bytea NOT NULL,
    PRIMARY KEY (day, visit)
);
