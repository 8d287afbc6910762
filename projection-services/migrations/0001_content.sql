-- The read models: what the query API serves. Every row here is a fold of the log and can be made again from it.
CREATE SCHEMA content;

-- Drafts and deleted posts too: what may be shown is the query's business. The upper bound on times is there because
-- readers' date types end with the year 9999; an event beyond it is parked instead of breaking every read of its row.
CREATE TABLE content.posts (
    post_id uuid CONSTRAINT posts_pkey PRIMARY KEY,
    author_id uuid NOT NULL,
    co_author_ids uuid[] NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    body text NOT NULL,
    tags text[] NOT NULL,
    published boolean NOT NULL,
    deleted boolean NOT NULL,
    published_at timestamptz CONSTRAINT posts_published_at_check
        CHECK (published_at >= '0001-01-01 UTC' AND published_at < '10000-01-01 UTC'),
    originally_published_at timestamptz CONSTRAINT posts_originally_published_at_check
        CHECK (originally_published_at >= '0001-01-01 UTC' AND originally_published_at < '10000-01-01 UTC'),
    drafted_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE INDEX posts_newest ON content.posts (published_at DESC, post_id DESC) WHERE published AND NOT deleted;
CREATE INDEX posts_of_author ON content.posts (author_id, published_at DESC, post_id DESC)
    WHERE published AND NOT deleted;
CREATE INDEX posts_of_co_author ON content.posts USING gin (co_author_ids) WHERE published AND NOT deleted;
CREATE INDEX posts_slug ON content.posts (slug);

CREATE TABLE content.authors (
    account_id uuid CONSTRAINT authors_pkey PRIMARY KEY,
    user_name text NOT NULL,
    display_name text NOT NULL,
    bio text NOT NULL,
    image_url text NOT NULL,
    registered_at timestamptz NOT NULL,
    version bigint NOT NULL
);

-- User names are unique without regard to case; the log's claims see to that, so the index need not.
CREATE INDEX authors_user_name ON content.authors (lower(user_name), account_id);

-- Every slug that a post ever had.
CREATE TABLE content.slugs (
    slug text CONSTRAINT slugs_pkey PRIMARY KEY,
    post_id uuid NOT NULL,
    since timestamptz NOT NULL
);

CREATE INDEX slugs_post ON content.slugs (post_id);

-- The state of the view `tags`, which `post_tags` is derived from.
CREATE TABLE content.tagged_posts (
    post_id uuid CONSTRAINT tagged_posts_pkey PRIMARY KEY,
    tags text[] NOT NULL,
    published boolean NOT NULL,
    deleted boolean NOT NULL,
    published_at timestamptz CONSTRAINT tagged_posts_published_at_check
        CHECK (published_at >= '0001-01-01 UTC' AND published_at < '10000-01-01 UTC'),
    originally_published_at timestamptz CONSTRAINT tagged_posts_originally_published_at_check
        CHECK (originally_published_at >= '0001-01-01 UTC' AND originally_published_at < '10000-01-01 UTC'),
    version bigint NOT NULL
);

-- What is listed under which tag, in the order in which it is listed: listed posts only.
CREATE TABLE content.post_tags (
    tag text NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT post_tags_pkey PRIMARY KEY (tag, published_at, post_id)
);

CREATE INDEX post_tags_post ON content.post_tags (post_id);
