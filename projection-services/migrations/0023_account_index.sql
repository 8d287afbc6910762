-- Where in the log the events of each account are, of all contexts: ids and places, and nothing that an event says.
-- What is held about a person is exported by it without reading what is held about all others. A projector of its own
-- fills it, whose positions say how far: what is not there yet, the export reads by itself.
CREATE TABLE content.account_events (
    account_id uuid NOT NULL,
    context text NOT NULL,
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    CONSTRAINT account_events_pkey PRIMARY KEY (account_id, context, partition, log_offset)
);

-- To whom an aggregate belongs, by one of its events, and from which version on: what others do to it is theirs.
CREATE TABLE content.aggregate_owners (
    context text NOT NULL,
    aggregate_id text NOT NULL,
    account_id uuid NOT NULL,
    since_version bigint NOT NULL,
    CONSTRAINT aggregate_owners_pkey PRIMARY KEY (context, aggregate_id, account_id)
);

CREATE INDEX aggregate_owners_account ON content.aggregate_owners (account_id);

-- Of these accounts there is nothing in the two tables, and nothing comes into them again, in whatever order the
-- partitions are read.
CREATE TABLE content.erased_accounts (
    account_id uuid CONSTRAINT erased_accounts_pkey PRIMARY KEY
);

-- What identity may read of this. Functions, for a rebuild puts other tables in the place of these, of which a view
-- would not hear; and they run with the rights of their owner, so that a role needs USAGE on this schema and no more.
CREATE SCHEMA account_index;

-- How far a projector has read.
CREATE FUNCTION account_index.positions(of_projector text)
    RETURNS TABLE (context text, partition integer, log_id uuid, next_offset bigint, term bigint, next_seq bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.context, p.partition, p.log_id, p.next_offset, p.term, p.next_seq
    FROM projection.positions AS p WHERE p.projector = of_projector
$$;

-- The offsets in a partition, from the first to before the end, at which an event may be the account's, at most so many
-- and those first. An event that is parked may be any account's. No parameter is called as a column is: the
-- column would be meant.
CREATE FUNCTION account_index.offsets(
    of_projector text, of_account uuid, of_context text, of_partition integer, first_offset bigint, end_offset bigint,
    at_most bigint
) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    (SELECT e.log_offset FROM content.account_events AS e
        WHERE e.account_id = of_account AND e.context = of_context AND e.partition = of_partition
            AND e.log_offset >= first_offset AND e.log_offset < end_offset
        ORDER BY e.log_offset LIMIT at_most)
    UNION
    (SELECT p."offset" FROM projection.parked_events AS p
        WHERE p.projector = of_projector AND p.context = of_context AND p.partition = of_partition
            AND p."offset" >= first_offset AND p."offset" < end_offset
        ORDER BY p."offset" LIMIT at_most)
    ORDER BY 1 LIMIT at_most
$$;
