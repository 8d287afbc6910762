-- Since when a letter counts as waiting: what a person waits for in front of a screen goes ahead of what can wait, by a
-- fixed time, so that no letter waits for ever.
ALTER TABLE vault.outbox ADD COLUMN turn timestamptz NOT NULL DEFAULT now();
UPDATE vault.outbox SET turn = not_before WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_turn ON vault.outbox (turn) WHERE sent_at IS NULL AND failed_at IS NULL;
DROP INDEX vault.outbox_waiting;

-- Which requests make a letter's address the account's right now, and how many there ever were: one that is refused takes
-- no other's claim away, and a letter holds up for so long only.
ALTER TABLE vault.one_time_tokens
    ADD COLUMN claimed_by uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN claims integer NOT NULL DEFAULT 0;

-- The version of the account at which the log gave it the address that is here: an earlier event that is noted late
-- changes nothing.
ALTER TABLE vault.people ADD COLUMN email_version bigint NOT NULL DEFAULT 0;

-- Until when which requests may deactivate the account that showed its present password: until then that is no other.
ALTER TABLE vault.people
    ADD COLUMN deactivating_until timestamptz,
    ADD COLUMN deactivating_by uuid[] NOT NULL DEFAULT '{}';
