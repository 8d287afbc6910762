-- The key under which what is personal of somebody is sealed in the log, wrapped by a key that is not in this database.
-- A table of its own, for not every account logs in. Whoever deletes a row has deleted what was sealed under it.
CREATE TABLE vault.data_keys (
    account_id uuid CONSTRAINT data_keys_pkey PRIMARY KEY,
    -- Which key of the ring wraps it.
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX data_keys_wrapping ON vault.data_keys (key_id);

-- Never used.
ALTER TABLE vault.people DROP COLUMN wrapped_key;

-- Whoever is to be forgotten, or was: nothing is kept of them from then on. An id and times, no more.
CREATE TABLE vault.erasures (
    account_id uuid CONSTRAINT erasures_pkey PRIMARY KEY,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

CREATE INDEX erasures_unfinished ON vault.erasures (requested_at) WHERE finished_at IS NULL;

-- Whose letter it is, so that it can be taken back.
ALTER TABLE vault.outbox ADD COLUMN account_id uuid;

CREATE INDEX outbox_account ON vault.outbox (account_id);

-- What identity lets the readers of the log read. It is of no use without the key ring.
CREATE VIEW identity.data_keys AS SELECT account_id, key_id, wrapped_key FROM vault.data_keys;
