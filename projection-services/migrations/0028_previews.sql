-- Links by which posts are read before they are public, good or not. A row stays for good: what is older than it must
-- not make it good again. Of the token there is a digest only.
CREATE TABLE content.previews (
    post_id uuid NOT NULL,
    preview_id uuid NOT NULL,
    token_sha256 text NOT NULL,
    given_by uuid NOT NULL,
    given_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CONSTRAINT previews_expires_at_check CHECK (expires_at < '10000-01-01 UTC'),
    revoked boolean NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT previews_pkey PRIMARY KEY (post_id, preview_id)
);

CREATE INDEX previews_by_token ON content.previews (token_sha256);
-- The list of a post, newest first.
CREATE INDEX previews_of_post ON content.previews (post_id, given_at DESC, preview_id DESC) WHERE NOT revoked;

-- What an account writes, its own and others', drafts too, the newest first. By when they were drafted and not by when
-- they changed: an edit writes no index anew.
CREATE INDEX posts_of_owner ON content.posts (author_id, drafted_at DESC, post_id DESC);
CREATE INDEX posts_with_co_author ON content.posts USING gin (co_author_ids);
