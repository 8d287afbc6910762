-- The posts that accounts keep for later. One that was removed keeps its row: the next event has to be its successor.
CREATE TABLE content.bookmarks (
    account_id uuid NOT NULL,
    post_id uuid NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT bookmarks_pkey PRIMARY KEY (account_id, post_id)
);

-- The list of an account, newest first.
CREATE INDEX bookmarks_newest ON content.bookmarks (account_id, since DESC, post_id DESC) WHERE active;
