-- A second factor: a TOTP secret (RFC 6238) in somebody's authenticator, and codes for when that is lost.
CREATE TABLE vault.second_factors (
    account_id uuid CONSTRAINT second_factors_pkey PRIMARY KEY
        CONSTRAINT second_factors_account_fkey REFERENCES vault.people ON DELETE CASCADE,
    -- Sealed under the person's data key, which is wrapped by a key that is not in this database.
    secret text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    -- When a code of it was shown for the first time: until then nobody is asked for one.
    confirmed_at timestamptz,
    -- The time step of the last code that was taken: no code is taken twice.
    last_step bigint NOT NULL DEFAULT 0
);

CREATE INDEX second_factors_unconfirmed ON vault.second_factors (began_at) WHERE confirmed_at IS NULL;

-- SHA-256 of 125 random bits each.
CREATE TABLE vault.recovery_codes (
    account_id uuid NOT NULL
        CONSTRAINT recovery_codes_factor_fkey REFERENCES vault.second_factors ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash)
);

-- Somebody who showed the password and has yet to show a code. SHA-256 of 32 random bytes.
CREATE TABLE vault.challenges (
    token_hash bytea CONSTRAINT challenges_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT challenges_account_fkey REFERENCES vault.people ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE INDEX challenges_account ON vault.challenges (account_id);
CREATE INDEX challenges_expiry ON vault.challenges (expires_at);

-- Since when an account has an address to which nobody was shown to answer; null where somebody was. After a while such an
-- address is given up: it is emptied here, and the account goes on without one. At addresses that nobody has by their
-- names (RFC 2606), those of service accounts, nobody else is waited for.
ALTER TABLE vault.people ADD COLUMN unconfirmed_since timestamptz;
UPDATE vault.people SET unconfirmed_since = now() WHERE lower(email) NOT LIKE '%.invalid';
CREATE INDEX people_unconfirmed ON vault.people (unconfirmed_since) WHERE unconfirmed_since IS NOT NULL;
