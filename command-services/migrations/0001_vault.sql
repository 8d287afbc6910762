-- The vault: what must be deletable and therefore is not in the log. Only `identity` reads and writes this schema.

-- One row per person who logs in.
CREATE TABLE vault.people (
    account_id uuid CONSTRAINT people_pkey PRIMARY KEY,
    email text NOT NULL,
    -- Argon2id, in PHC format.
    password_hash text NOT NULL,
    -- The person's data key, wrapped; null until personal fields are encrypted.
    wrapped_key bytea,
    -- False between writing the row and the account's event: whoever finds such a row asks the log.
    registered boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX people_unregistered ON vault.people (created_at) WHERE NOT registered;

-- One row per log-in; what is refreshed belongs to the same session.
CREATE TABLE vault.sessions (
    session_id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT sessions_account_fkey REFERENCES vault.people ON DELETE CASCADE,
    -- What the client called itself.
    client text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    -- However often it is refreshed.
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX sessions_account ON vault.sessions (account_id, last_used_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON vault.sessions (expires_at);

-- Refresh tokens, as SHA-256 of 32 random bytes. A token that was used keeps what its successor was derived with, so
-- that a client whose reply was lost can have the same successor again; see src/identity/vault/sessions.rs.
CREATE TABLE vault.refresh_tokens (
    token_hash bytea CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT refresh_tokens_session_fkey REFERENCES vault.sessions ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    successor_salt bytea
);

CREATE INDEX refresh_tokens_session ON vault.refresh_tokens (session_id);

-- What is sent by mail and proves that its reader answers to the address, as SHA-256.
CREATE TABLE vault.one_time_tokens (
    token_hash bytea CONSTRAINT one_time_tokens_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT one_time_tokens_account_fkey REFERENCES vault.people ON DELETE CASCADE,
    purpose text NOT NULL CONSTRAINT one_time_tokens_purpose_check
        CHECK (purpose IN ('verify_email', 'change_email', 'reset_password')),
    -- The address it was sent to.
    email text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX one_time_tokens_account ON vault.one_time_tokens (account_id, purpose);
CREATE INDEX one_time_tokens_expiry ON vault.one_time_tokens (expires_at);

-- Mail to be sent, written in the transaction that is its reason.
CREATE TABLE vault.outbox (
    mail_id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
    kind text NOT NULL,
    -- Recipient and body are emptied once it is sent.
    recipient text NOT NULL,
    token text NOT NULL,
    user_name text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    -- Whoever sends it has it until then.
    not_before timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    failed_at timestamptz
);

CREATE INDEX outbox_waiting ON vault.outbox (not_before) WHERE sent_at IS NULL AND failed_at IS NULL;

-- How often something was tried within a while; what is tried is an HMAC.
CREATE TABLE vault.attempts (
    subject bytea CONSTRAINT attempts_pkey PRIMARY KEY,
    tried integer NOT NULL,
    window_ends_at timestamptz NOT NULL
);

CREATE INDEX attempts_window ON vault.attempts (window_ends_at);

-- What identity tells the other services that take commands: sessions that ended while their tokens may still be good.
-- No secret is in it.
CREATE SCHEMA IF NOT EXISTS identity;

CREATE TABLE identity.ended_sessions (
    session_id uuid CONSTRAINT ended_sessions_pkey PRIMARY KEY,
    tokens_expire_at timestamptz NOT NULL
);

CREATE INDEX ended_sessions_expiry ON identity.ended_sessions (tokens_expire_at);
