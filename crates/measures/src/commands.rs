//! Commands on their way to the leader of their partition, and what becomes of them.

use crate::declaring::{LATENESS, measures};

measures! {
    "Commands" in ["command-services"];

    DECIDED: Count<2> = "inklog_commands_total" in "commands"
        [context: "a context", outcome: "accepted, unchanged, refused, moved, overloaded or unknown"],
        "Commands that came to this instance as the leader of their partition, from here or elsewhere, by what became \
         of them: unchanged says that it was so already, moved that another instance leads.";
    DURATION: Spread<1> = "inklog_command_duration_seconds" in "seconds" [context: "a context"],
        "How long commands took at this instance as their leader, until what they led to was read back.";
    WAITING: Level<1> = "inklog_commands_waiting" in "commands" [context: "a context"],
        "Commands that wait in the partitions that this instance leads.";
    FORWARDED: Count<1> = "inklog_commands_forwarded_total" in "commands" [context: "a context"],
        "Commands that this instance sent to another one, which leads their partition.";
    BUS: Count<2> = "inklog_bus_requests_total" in "commands"
        [context: "a context, or unknown", outcome: "answered, not-applied or unknown"],
        "Commands that other instances sent here.";
    BUS_DURATION: Spread<1> = "inklog_bus_request_duration_seconds" in "seconds" [context: "as above"],
        "How long the commands took that other instances sent here.";
    EVENTS: Count<2> = "inklog_events_total" in "events"
        [context: "a context", event: "the event's name: Registered, Published, Followed"],
        "Events that this instance appended and read back: what happened, each counted by one instance.";
    DUE: Count<2> = "inklog_due_total" in "commands"
        [context: "a context", outcome: "done, refused, not-yet or clock-is-wrong"],
        "What was due by itself, such as posts to be published.";
    DUE_LATE: Spread<1> = "inklog_due_late_seconds" in "seconds" [context: "a context"] by LATENESS,
        "How late that was done.";
}
