-- Who follows whom. Those who follow no more keep their row: the next event has to be its successor.
CREATE TABLE content.follows (
    follower_id uuid NOT NULL,
    followee_id uuid NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT follows_pkey PRIMARY KEY (follower_id, followee_id)
);

-- The lists, newest first.
CREATE INDEX follows_followers ON content.follows (followee_id, since DESC, follower_id DESC) WHERE active;
CREATE INDEX follows_following ON content.follows (follower_id, since DESC, followee_id DESC) WHERE active;

-- Sums over `follows`, written in the same transaction: counting a million followers at every look would take a second.
-- Whoever neither follows nor is followed has no row.
CREATE TABLE content.follow_counts (
    account_id uuid CONSTRAINT follow_counts_pkey PRIMARY KEY,
    followers bigint NOT NULL CONSTRAINT follow_counts_followers_check CHECK (followers >= 0),
    following bigint NOT NULL CONSTRAINT follow_counts_following_check CHECK (following >= 0)
);

-- What people prefer, of those who ever chose something; null where nothing is chosen. Values are as events have them: a
-- newer version may know more of them.
CREATE TABLE content.preferences (
    account_id uuid CONSTRAINT preferences_pkey PRIMARY KEY,
    locale text,
    time_zone text,
    theme text,
    posts_per_page bigint,
    email_new_follower boolean,
    email_comment boolean,
    email_digest text,
    following_list text,
    version bigint NOT NULL
);
