-- What authors have typed and not made public, one for each post at most: it is no event until it is released, and
-- deletable, as no log is. A schema of its own, of the service that owns posts; readers of previews and of their own
-- posts read it, too (docs/adr/0017-working-copies.md).
CREATE SCHEMA writing;

-- Versions are never given twice, so a copy that was discarded is never taken for the next one.
CREATE SEQUENCE writing.versions START WITH 1000;

CREATE TABLE writing.working_copies (
    post_id uuid CONSTRAINT working_copies_pkey PRIMARY KEY,
    version bigint NOT NULL,
    -- Which version of the post it was begun on, or was last looked at beside; and how often the post's fields had
    -- changed by then.
    base_version bigint NOT NULL,
    base_revision bigint NOT NULL,
    -- The change, as the body of PATCH /v1/posts/{id} has it.
    change text NOT NULL CONSTRAINT working_copies_change_check CHECK (octet_length(change) <= 4194304),
    -- Whose the post was when it was saved last.
    owner_id uuid NOT NULL,
    -- Which account saved it last; nothing once that is forgotten.
    saved_by uuid,
    saved_at timestamptz NOT NULL DEFAULT now(),
    begun_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX working_copies_owner ON writing.working_copies (owner_id);
CREATE INDEX working_copies_saved_by ON writing.working_copies (saved_by);

-- What the tokens of preview links are made with, so that a request that is repeated gets the same link again although
-- no token is written down. 244 random bits, drawn by Postgres.
CREATE TABLE writing.preview_key (
    only_row boolean CONSTRAINT preview_key_pkey PRIMARY KEY DEFAULT true CONSTRAINT preview_key_check CHECK (only_row),
    key bytea NOT NULL
);

INSERT INTO writing.preview_key (key)
    VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
