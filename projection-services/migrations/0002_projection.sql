-- What the projectors keep for themselves.
CREATE SCHEMA projection;

-- How far each projector has read. Written in the transaction that writes the rows, guarded by the offset that the
-- writer believes to be the next: whoever is wrong about it changes nothing.
CREATE TABLE projection.positions (
    projector text NOT NULL,
    context text NOT NULL,
    partition integer NOT NULL,
    log_id uuid,
    next_offset bigint NOT NULL,
    term bigint NOT NULL,
    next_seq bigint NOT NULL,
    CONSTRAINT positions_pkey PRIMARY KEY (projector, context, partition)
);

-- Events that a projector could not handle, and the later ones of the same aggregates, which must wait for them. The
-- event itself stays in the log, at its offset, and is read there again when it is replayed (from_*: the position to
-- read from); here is only what a person needs in order to see what it is. `value` is kept for a record that no one
-- can decode.
CREATE TABLE projection.parked_events (
    projector text NOT NULL,
    context text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    view text,
    reason text NOT NULL,
    key bytea NOT NULL,
    value bytea,
    event jsonb,
    from_log_id uuid,
    from_offset bigint NOT NULL,
    from_term bigint NOT NULL,
    from_seq bigint NOT NULL,
    attempts integer NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT parked_events_pkey PRIMARY KEY (projector, context, partition, "offset")
);

CREATE INDEX parked_events_key ON projection.parked_events (projector, context, key);
