-- The archive. No post has been in it before, so there is nothing to fill in.
ALTER TABLE content.posts ADD COLUMN archived boolean NOT NULL DEFAULT false;
ALTER TABLE content.tagged_posts ADD COLUMN archived boolean NOT NULL DEFAULT false;
ALTER TABLE content.month_counts ADD COLUMN archived bigint NOT NULL DEFAULT 0
    CONSTRAINT month_counts_archived_check CHECK (archived >= 0);

-- What is in the archive, under which tags and in which categories: as `post_tags` and `post_categories` are of the
-- posts that are in the lists.
CREATE TABLE content.archived_post_tags (
    tag text NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT archived_post_tags_pkey PRIMARY KEY (tag, published_at, post_id)
);
CREATE INDEX archived_post_tags_post ON content.archived_post_tags (post_id);

CREATE TABLE content.archived_post_categories (
    category_id uuid NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT archived_post_categories_pkey PRIMARY KEY (category_id, published_at, post_id)
);
CREATE INDEX archived_post_categories_post ON content.archived_post_categories (post_id);

-- The lists of all, and of the archive. The version before goes on reading `posts_listed`.
CREATE INDEX posts_current ON content.posts (published_at DESC, post_id DESC)
    WHERE published AND NOT deleted AND visibility <> 'unlisted' AND NOT archived;
CREATE INDEX posts_archived ON content.posts (published_at DESC, post_id DESC)
    WHERE published AND NOT deleted AND visibility <> 'unlisted' AND archived;
