-- What is to be noted in the log about an account's security, written in the transaction that is its reason. The id is
-- that of the command, so a note is in the log once, however often it is sent. A row is deleted when it is there.
CREATE TABLE vault.notes (
    note_id uuid CONSTRAINT notes_pkey PRIMARY KEY,
    account_id uuid NOT NULL,
    -- Who did it.
    actor_id uuid NOT NULL,
    -- domain::security::Note as JSON.
    note text NOT NULL,
    -- Whoever sends it has it until then.
    not_before timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX notes_waiting ON vault.notes (not_before, created_at);
