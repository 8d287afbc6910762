-- Answers to readers say which aggregates wait for a parked event, so a change of that is announced, be it made by a
-- projector, a replay, a rebuild or an operator. In the transaction of a commit this comes before the positions are
-- announced: a listener that hears of a position has heard what is parked before it.
CREATE FUNCTION projection.announce_parked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('inklog_parked', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER parked_events_announced AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON projection.parked_events
    FOR EACH STATEMENT EXECUTE FUNCTION projection.announce_parked();
