-- What is to happen to a post by itself. No post has had any of it before, so there is nothing to fill in.
ALTER TABLE content.posts
    ADD COLUMN release_at timestamptz CONSTRAINT posts_release_at_check CHECK (release_at < '10000-01-01 UTC'),
    ADD COLUMN release_local_time text,
    ADD COLUMN release_time_zone text,
    ADD COLUMN expires_at timestamptz CONSTRAINT posts_expires_at_check CHECK (expires_at < '10000-01-01 UTC'),
    ADD COLUMN expiry_local_time text,
    ADD COLUMN expiry_time_zone text;

-- What is to come of an author's posts, the next first.
CREATE INDEX posts_to_come ON content.posts (author_id, coalesce(release_at, expires_at), post_id)
    WHERE NOT deleted AND (release_at IS NOT NULL OR published AND expires_at IS NOT NULL);
