-- Every comment; one that is deleted keeps its row, its place and no word.
CREATE TABLE content.comments (
    post_id uuid NOT NULL,
    number bigint NOT NULL,
    comment_id uuid NOT NULL,
    author_id uuid NOT NULL,
    reply_to bigint,
    depth bigint NOT NULL,
    text text NOT NULL,
    former_texts text[] NOT NULL,
    -- In milliseconds since 1970.
    former_texts_at bigint[] NOT NULL,
    deleted boolean NOT NULL,
    written_at timestamptz NOT NULL,
    edited_at timestamptz,
    editable_until_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT comments_pkey PRIMARY KEY (post_id, number)
);

-- All on a post, and those that answer it or one of them, in time.
CREATE INDEX comments_thread ON content.comments (post_id, written_at, comment_id);
CREATE INDEX comments_answers ON content.comments (post_id, reply_to, written_at, comment_id);
-- What a person has written, newest first.
CREATE INDEX comments_author ON content.comments (author_id, written_at DESC, comment_id DESC) WHERE NOT deleted;

-- Sums over `comments`, written in the same transaction. What has none has no row.
CREATE TABLE content.comment_counts (
    post_id uuid CONSTRAINT comment_counts_pkey PRIMARY KEY,
    comments bigint NOT NULL CONSTRAINT comment_counts_comments_check CHECK (comments >= 0)
);
CREATE TABLE content.commenter_counts (
    account_id uuid CONSTRAINT commenter_counts_pkey PRIMARY KEY,
    comments bigint NOT NULL CONSTRAINT commenter_counts_comments_check CHECK (comments >= 0)
);
CREATE TABLE content.answer_counts (
    comment_id uuid CONSTRAINT answer_counts_pkey PRIMARY KEY,
    answers bigint NOT NULL CONSTRAINT answer_counts_answers_check CHECK (answers >= 0)
);
