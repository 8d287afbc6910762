-- How the reviews of posts stand: of those that ever were in one.
CREATE TABLE content.reviews (
    post_id uuid NOT NULL,
    state text NOT NULL,
    copy_sha256 text,
    acted_by uuid NOT NULL,
    since timestamptz NOT NULL,
    note text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (post_id)
);

-- What waits for an editor, the oldest first.
CREATE INDEX reviews_queue ON content.reviews (since, post_id) WHERE state = 'in_review';
