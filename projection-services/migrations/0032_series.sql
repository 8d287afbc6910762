-- Every series; the row of a deleted one stays, for its addresses.
CREATE TABLE content.series (
    series_id uuid CONSTRAINT series_pkey PRIMARY KEY,
    owner_id uuid NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    post_ids uuid[] NOT NULL,
    deleted boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE INDEX series_newest ON content.series (created_at DESC, series_id DESC) WHERE NOT deleted;
CREATE INDEX series_owner ON content.series (owner_id, created_at DESC, series_id DESC) WHERE NOT deleted;

-- Every slug that a series ever had.
CREATE TABLE content.series_slugs (
    slug text CONSTRAINT series_slugs_pkey PRIMARY KEY,
    series_id uuid NOT NULL
);

-- The posts of the series that are there, in their order, as events name them: whether a reader can read one, `posts`
-- says when it is asked for.
CREATE TABLE content.series_posts (
    series_id uuid NOT NULL,
    place bigint NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT series_posts_pkey PRIMARY KEY (series_id, place, post_id)
);

CREATE INDEX series_posts_post ON content.series_posts (post_id);

-- Sums over `series`, written in the same transaction. An account without a series has no row.
CREATE TABLE content.series_counts (
    owner_id uuid CONSTRAINT series_counts_pkey PRIMARY KEY,
    series bigint NOT NULL CONSTRAINT series_counts_series_check CHECK (series >= 0)
);
