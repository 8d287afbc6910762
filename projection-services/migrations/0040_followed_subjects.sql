-- Which tags, categories and series accounts follow, as they named them: a tag by its name, the others by their ids. What
-- these stand for, the rows of `tag_names` and `categories` say when it is asked for.
CREATE TABLE content.followed_subjects (
    follower_id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_ref text NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT followed_subjects_pkey PRIMARY KEY (follower_id, subject_kind, subject_ref)
);

-- Who follows one, counted where several names stand for one.
CREATE INDEX followed_subjects_followers ON content.followed_subjects (subject_kind, subject_ref, follower_id)
    WHERE active;

-- Sums over them, written in the same transaction. What no account follows has no row.
CREATE TABLE content.subject_follow_counts (
    subject_kind text NOT NULL,
    subject_ref text NOT NULL,
    followers bigint NOT NULL CONSTRAINT subject_follow_counts_followers_check CHECK (followers >= 0),
    CONSTRAINT subject_follow_counts_pkey PRIMARY KEY (subject_kind, subject_ref)
);
