-- Who is shown a comment, and what holds it until a moderator has read it. Those that were there before are shown.
ALTER TABLE content.comments
    ADD COLUMN visible text NOT NULL DEFAULT 'all',
    ADD COLUMN held_by text[] NOT NULL DEFAULT '{}';

-- What waits for moderators because it is held.
CREATE INDEX comments_held ON content.comments (written_at, comment_id) WHERE held_by <> '{}' AND NOT deleted;

-- What moderators have to look at. What was reported is in it until it is answered: then it is in the log alone.
CREATE TABLE content.cases (
    case_id text CONSTRAINT cases_pkey PRIMARY KEY,
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    post_id uuid,
    number bigint,
    subject_id uuid NOT NULL,
    reporter_ids uuid[] NOT NULL,
    rules text[] NOT NULL,
    statements text[] NOT NULL,
    -- In milliseconds since 1970.
    reported_at bigint[] NOT NULL,
    claimed_by uuid,
    claimed_until_at timestamptz,
    appealed_rulings bigint[] NOT NULL,
    waits_since timestamptz,
    rulings bigint NOT NULL,
    carried_out bigint NOT NULL,
    version bigint NOT NULL
);

-- The queue, what waits longest first.
CREATE INDEX cases_waiting ON content.cases (waits_since, target_id) WHERE waits_since IS NOT NULL;

-- What moderators decided, and what became of it.
CREATE TABLE content.rulings (
    case_id text NOT NULL,
    ruling bigint NOT NULL,
    subject_id uuid NOT NULL,
    kind text NOT NULL,
    rule text,
    explanation text NOT NULL,
    moderator_id uuid NOT NULL,
    moderator_role text NOT NULL,
    ruled_at timestamptz NOT NULL,
    ends_at timestamptz,
    blocked_post_id uuid,
    about_case text,
    former_ruling bigint,
    upheld boolean,
    lifted_at timestamptz,
    appealed_at timestamptz,
    appeal text NOT NULL,
    answered_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT rulings_pkey PRIMARY KEY (case_id, ruling)
);

-- What concerns a person, newest first.
CREATE INDEX rulings_of_subject ON content.rulings (subject_id, ruled_at DESC, case_id DESC);

-- Who blocks whom. Those who block no more keep their row: the next event has to be its successor.
CREATE TABLE content.person_blocks (
    blocker_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT person_blocks_pkey PRIMARY KEY (blocker_id, blocked_id)
);

CREATE INDEX person_blocks_list ON content.person_blocks (blocker_id, since DESC, blocked_id DESC) WHERE active;

-- What comments are held for: one row, or none.
CREATE TABLE content.comment_filters (
    id text CONSTRAINT comment_filters_pkey PRIMARY KEY,
    words text[] NOT NULL,
    most_links bigint,
    first_comments bigint NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL
);
