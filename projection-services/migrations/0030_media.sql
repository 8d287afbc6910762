-- The pictures and files that accounts have brought. One that is gone keeps its row: the next event has to be its
-- successor.
CREATE TABLE content.media (
    item text NOT NULL,
    account_id uuid NOT NULL,
    sha256 text NOT NULL,
    active boolean NOT NULL,
    upload_id uuid NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    width bigint,
    height bigint,
    alt text NOT NULL,
    renditions text[] NOT NULL,
    uploaded_at timestamptz NOT NULL,
    kept_until_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT media_pkey PRIMARY KEY (item)
);

-- What an account has, newest first.
CREATE INDEX media_newest ON content.media (account_id, uploaded_at DESC, upload_id DESC) WHERE active;

-- What is at an address.
CREATE INDEX media_address ON content.media (sha256) WHERE active;

-- Which of it a post uses; a post that never used any has no row.
CREATE TABLE content.media_uses (
    post_id uuid NOT NULL,
    sha256s text[] NOT NULL,
    cover_sha256 text,
    version bigint NOT NULL,
    CONSTRAINT media_uses_pkey PRIMARY KEY (post_id)
);

-- Who uses it.
CREATE INDEX media_uses_sha256s ON content.media_uses USING gin (sha256s);
CREATE INDEX media_uses_cover ON content.media_uses (cover_sha256);
