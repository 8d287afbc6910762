-- What is listed by whom, in the order in which it is listed: a row for the author and for each co-author of a listed
-- post. The feed of a reader is merged of these, of `post_tags` and of `post_categories`.
CREATE TABLE content.post_writers (
    account_id uuid NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT post_writers_pkey PRIMARY KEY (account_id, published_at, post_id)
);

CREATE INDEX post_writers_post ON content.post_writers (post_id);

-- What is there already. What an instance of the version before writes after this is not in it: a rebuild of `posts`,
-- once none of them runs any more, puts that right.
INSERT INTO content.post_writers (account_id, published_at, post_id)
SELECT DISTINCT w.account_id, p.published_at, p.post_id
FROM content.posts p CROSS JOIN LATERAL unnest(p.co_author_ids || p.author_id) AS w (account_id)
WHERE p.published AND NOT p.deleted AND p.visibility <> 'unlisted' AND NOT p.archived AND p.published_at IS NOT NULL;
