-- A letter whose address is about to become the account's: until then, nothing that voids letters goes on.
ALTER TABLE vault.one_time_tokens ADD COLUMN claimed_until timestamptz;

-- When a reader of an address showed that they answer to it by setting a new password; null again once the log says so.
ALTER TABLE vault.people ADD COLUMN proven_at timestamptz;
CREATE INDEX people_proven ON vault.people (proven_at) WHERE proven_at IS NOT NULL;

-- Networks from which an account was logged in to, as HMACs: what strangers elsewhere do keeps no owner out there.
CREATE TABLE vault.known_networks (
    account_id uuid NOT NULL CONSTRAINT known_networks_account_fkey REFERENCES vault.people ON DELETE CASCADE,
    network bytea NOT NULL,
    known_until timestamptz NOT NULL,
    CONSTRAINT known_networks_pkey PRIMARY KEY (account_id, network)
);
CREATE INDEX known_networks_end ON vault.known_networks (known_until);
