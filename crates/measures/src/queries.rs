//! Queries: waiting for what was written, and what they are answered from.

use crate::declaring::measures;

measures! {
    "Queries" in ["query-api"];

    WAIT: Spread<1> = "inklog_query_wait_seconds" in "seconds" [outcome: "passed|behind|foreign"],
        "How long queries waited for the position that they named: until it was passed, in vain (behind), or not at \
         all, for it is of another log.";
    PARKED: Level<0> = "inklog_query_parked_aggregates" in "aggregates" [],
        "Aggregates of which events are parked: what is shown of them is said to be stale.";
    DATABASE_FAILURES: Count<0> = "inklog_query_database_failures_total" in "failures" [],
        "Queries that Postgres did not answer.";
    REDIS_FAILURES: Count<0> = "inklog_query_redis_failures_total" in "failures" [],
        "Questions that Redis did not answer. After each it is left alone for a second.";
    TAGS: Count<1> = "inklog_query_tags_total" in "queries" [source: "redis|postgres"],
        "Lists of the most used tags, by where they came from.";
    FEEDS: Count<1> = "inklog_query_feeds_total" in "queries" [source: "redis|postgres"],
        "Pages of feeds, by where it was looked up which posts of the authors whom the reader follows are on them.";
    READS: Count<1> = "inklog_query_reads_total" in "reads" [outcome: "taken|no_person|lost"],
        "Requests for a post that may be a reader's: taken to be counted, of a program, or lost, for too many wait \
         while Postgres does not answer.";
    RENDER: Spread<0> = "inklog_query_render_seconds" in "seconds" [],
        "How long it took to turn a post's Markdown into HTML.";
}
