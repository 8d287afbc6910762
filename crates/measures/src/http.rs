//! What every process has: HTTP, and the process itself.

use std::time::Duration;

use metrics::Gauge;

use crate::Value;
use crate::declaring::measures;

measures! {
    "HTTP and the process" in ["command-services", "projection-services", "query-api", "gateway"];

    REQUESTS: Count<3> = "http_requests_total" in "requests"
        [method: "GET, HEAD, POST, PUT, PATCH, DELETE, or other", route: "a route's pattern, or unmatched",
         status: "a status code"],
        "Requests that were answered.";
    DURATION: Spread<2> = "http_request_duration_seconds" in "seconds"
        [method: "as above", route: "as above"],
        "How long requests took, from their head to the head of their answer.";
    IN_FLIGHT: Level<0> = "http_requests_in_flight" in "requests" [],
        "Requests that are being answered.";
    BODY_BYTES: Level<0> = "http_request_body_bytes" in "bytes" [],
        "What the bodies of all requests under way hold.";
    BODIES_REFUSED: Count<1> = "http_request_bodies_refused_total" in "requests" [full: "network|all"],
        "Requests whose bodies were not taken, because those of one network or of all hold too much.";
    BODIES_TOO_SLOW: Count<0> = "http_request_bodies_too_slow_total" in "requests" [],
        "Requests whose bodies did not arrive in time.";
    OVER_QUOTA: Count<2> = "http_requests_over_quota_total" in "requests"
        [quota: "a quota's name", by: "whom it is counted for: an account or a network"],
        "Requests that were refused because their caller had asked too often.";
    POOL: Level<2> = "inklog_pool_connections" in "connections" [pool: "vault, queries or keys", state: "used|idle"],
        "Connections to Postgres.";
    POOL_MOST: Level<1> = "inklog_pool_connections_most" in "connections" [pool: "as above"],
        "Connections to Postgres that the pool may have.";
    CACHE: Count<2> = "inklog_cache_lookups_total" in "look-ups"
        [cache: "bodies, data-keys or tokens", outcome: "hit|miss"],
        "Look-ups in what a process remembers: rendered bodies, data keys, tokens that were found to be good.";
    LINES_HELD_BACK: Count<1> = "inklog_log_lines_held_back_total" in "lines" [level: "error|warn"],
        "Warnings and errors in the log that said the same as one before, and were counted in its stead.";
    BUILD: Level<1> = "inklog_build_info" in "1" [version: "the program's version"],
        "Which version runs.";
    STARTED: Level<0> = "process_start_time_seconds" in "seconds" [],
        "When the process started, since 1970.";
    CPU: Count<0> = "process_cpu_seconds_total" in "seconds" [],
        "Time that the process has spent on processors, in whole seconds.";
    MEMORY: Level<0> = "process_resident_memory_bytes" in "bytes" [],
        "Memory that the process has.";
    FILES: Level<0> = "process_open_fds" in "files" [],
        "Files and connections that are open.";
}

/// Counts a request that was answered.
pub fn answered(method: &'static str, route: &'static str, status: u16, took: Duration) {
    let labels: [Value; 3] = [method.into(), route.into(), status.to_string().into()];
    REQUESTS.with(labels).increment(1);
    DURATION.with([method, route]).record(took);
}

/// The method as a label: of a closed set, for anyone can invent methods.
#[must_use]
pub fn method_label(method: &str) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    known.into_iter().find(|known| *known == method).unwrap_or("other")
}

/// A request that is being answered, or whose client has gone meanwhile.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl InFlight {
    /// Begins now, and ends when it is dropped.
    #[must_use]
    pub fn begin() -> Self {
        let all = IN_FLIGHT.with::<Value>([]);
        all.increment(1.0);
        Self(all)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
