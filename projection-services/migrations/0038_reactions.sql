-- Who reacted to what, and who shared what where. What was taken back keeps its row: the next event has to be its
-- successor. Whether a target can be read, its own rows say when it is asked for: two topics have no common order.
CREATE TABLE content.reactions (
    account_id uuid NOT NULL,
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    kind text NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT reactions_pkey PRIMARY KEY (account_id, target_kind, target_id, kind)
);

-- The lists, newest first: who reacted to a target, and what an account reacted to.
CREATE INDEX reactions_of_target ON content.reactions (target_kind, target_id, kind, since DESC, account_id DESC)
    WHERE active;
CREATE INDEX reactions_of_account ON content.reactions
    (account_id, target_kind, kind, since DESC, target_id DESC) WHERE active;

CREATE TABLE content.shares (
    account_id uuid NOT NULL,
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    place text NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT shares_pkey PRIMARY KEY (account_id, target_kind, target_id, place)
);

-- The list of an account, newest first.
CREATE INDEX shares_of_account ON content.shares
    (account_id, target_kind, place, since DESC, target_id DESC) WHERE active;

-- Sums over both, written in the same transactions. What no account gives has no row.
CREATE TABLE content.reaction_counts (
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    kind text NOT NULL,
    people bigint NOT NULL CONSTRAINT reaction_counts_people_check CHECK (people >= 0),
    CONSTRAINT reaction_counts_pkey PRIMARY KEY (target_kind, target_id, kind)
);

CREATE TABLE content.share_counts (
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    place text NOT NULL,
    people bigint NOT NULL CONSTRAINT share_counts_people_check CHECK (people >= 0),
    CONSTRAINT share_counts_pkey PRIMARY KEY (target_kind, target_id, place)
);
