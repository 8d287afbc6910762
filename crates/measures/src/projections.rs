//! Projectors: how far they have read, and what they wrote.

use crate::declaring::{LATENESS, measures};

measures! {
    "Projectors" in ["projection-services"];

    EVENTS: Count<1> = "inklog_projection_events_total" in "events" [projector: "a projector"],
        "Events that were applied.";
    COMMIT: Spread<1> = "inklog_projection_commit_seconds" in "seconds" [projector: "a projector"],
        "How long a commit of rows and positions took.";
    EVENT_AGE: Spread<1> = "inklog_projection_event_age_seconds" in "seconds" [projector: "a projector"] by LATENESS,
        "How long ago the oldest event of a commit happened: how long readers did not see it.";
    LAG_EVENTS: Level<3> = "inklog_projection_lag_events" in "records"
        [projector: "a projector", context: "a context", partition: "a number"],
        "Records that are not applied yet. An instance that stands by measures it too: the least counts.";
    LAG_SECONDS: Level<2> = "inklog_projection_lag_seconds" in "seconds"
        [projector: "a projector", context: "a context"],
        "How old the oldest event is, at most, that is not applied yet; 0 where all are.";
    PARKED: Count<1> = "inklog_projection_parked_total" in "events" [projector: "a projector"],
        "Events that could not be handled and were parked.";
    READY: Level<1> = "inklog_projection_ready" in "1" [projector: "a projector"],
        "Whether the projector works, on what there is: 1, or 0.";
    ALARMS: Count<1> = "inklog_projection_alarms_total" in "alarms" [projector: "a projector"],
        "The projector has stopped, or the log that it reads goes on elsewhere.";
}
