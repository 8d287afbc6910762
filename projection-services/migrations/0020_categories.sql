-- The categories that a post is in, as its events name them: what they stand for is looked up when it is read.
ALTER TABLE content.posts ADD COLUMN category_ids uuid[] NOT NULL DEFAULT '{}';

-- Every category; of those that were merged or deleted the row stays, for posts name them.
CREATE TABLE content.categories (
    category_id uuid CONSTRAINT categories_pkey PRIMARY KEY,
    parent_id uuid,
    slug text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    place bigint NOT NULL,
    merged_into uuid,
    deleted boolean NOT NULL,
    version bigint NOT NULL
);

CREATE INDEX categories_parent ON content.categories (parent_id) WHERE NOT deleted AND merged_into IS NULL;
CREATE INDEX categories_merged ON content.categories (merged_into) WHERE merged_into IS NOT NULL;

-- Every slug that a category ever had.
CREATE TABLE content.category_slugs (
    slug text CONSTRAINT category_slugs_pkey PRIMARY KEY,
    category_id uuid NOT NULL
);

-- What is listed in which category, in the order in which it is listed: listed posts only.
CREATE TABLE content.post_categories (
    category_id uuid NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT post_categories_pkey PRIMARY KEY (category_id, published_at, post_id)
);

CREATE INDEX post_categories_post ON content.post_categories (post_id);

-- Sums over `post_categories`, written in the same transaction. A category without listed posts has no row.
CREATE TABLE content.category_counts (
    category_id uuid CONSTRAINT category_counts_pkey PRIMARY KEY,
    posts bigint NOT NULL CONSTRAINT category_counts_posts_check CHECK (posts >= 0)
);
