//! The log: partitions, leaders, appending, reading.

use crate::declaring::measures;

measures! {
    "The log" in ["command-services", "projection-services"];

    PARTITIONS: Level<2> = "inklog_log_partitions" in "partitions"
        [context: "a context", state: "led, followed, catching-up, silent or stuck"],
        "Partitions by what they are to this instance. Those that are silent have not been heard of within the read \
         lease; those that are stuck cannot be read on.";
    TERMS: Count<1> = "inklog_log_terms_total" in "terms" [context: "a context"],
        "Terms that this instance tried to begin.";
    APPEND: Spread<1> = "inklog_log_append_seconds" in "seconds" [topic: "a topic"],
        "From handing a batch of records to Kafka's client until all replicas that count have it.";
    READ_BACK: Spread<1> = "inklog_log_read_back_seconds" in "seconds" [context: "a context"],
        "From appending an event until this instance has read it back.";
    VOID: Count<1> = "inklog_log_void_records_total" in "records" [context: "a context"],
        "Records that were read and count for nothing, since the start of the log: those of leaders that had been \
         succeeded.";
    BARRIERS: Count<1> = "inklog_log_barrier_records_total" in "records" [context: "a context"],
        "Records that this instance appended only to know whether it still leads, or where a partition ends.";
    READ_ERRORS: Count<1> = "inklog_log_read_errors_total" in "errors" [context: "a context"],
        "Errors when reading.";
    CLOCK_AHEAD: Level<1> = "inklog_log_clock_ahead_seconds" in "seconds" [context: "a context"],
        "By how much this instance's clock is ahead of a broker's (behind, if negative), where that is too much.";
    ALARMS: Count<1> = "inklog_log_alarms_total" in "alarms" [context: "a context, or topics"],
        "The log is not as it should be: a line in the log of the program says how.";
    SUBSCRIPTION_VOID: Count<0> = "inklog_subscription_void_total" in "records" [],
        "Records that a projector read and that count for nothing.";
}
