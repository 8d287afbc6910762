//! The gateway: who is let in, and how the services behind it do.

use crate::declaring::measures;

measures! {
    "The gateway" in ["gateway"];

    CONNECTIONS: Level<0> = "inklog_gateway_connections" in "connections" [],
        "Connections of clients that are open.";
    CLOSED: Count<1> = "inklog_gateway_connections_closed_total" in "connections" [why: "address, idle or untaken"],
        "Connections of clients that the gateway ended: their address had its part already; nothing was asked for too \
         long; or nothing of an answer was taken.";
    REFUSED: Count<1> = "inklog_gateway_refused_total" in "requests" [problem: "the end of a problem's type"],
        "Requests that the gateway itself said no to.";
    ASKED: Count<2> = "inklog_gateway_upstream_requests_total" in "requests"
        [upstream: "commands, identity, publishing, community or queries",
         outcome: "answered, exhausted, unreachable, broken, garbage, late or client"],
        "Requests that a replica was asked, and how it went: answered, whatever the answer; not connected to, for \
         the gateway has no file or port left, or because it takes no connection; broken off before the answer; \
         answered with what is no HTTP; not answered in time; or the client was at fault.";
    ANSWERED: Spread<1> = "inklog_gateway_upstream_seconds" in "seconds" [upstream: "as above"],
        "How long replicas took to begin an answer.";
    RETRIES: Count<2> = "inklog_gateway_retries_total" in "requests"
        [upstream: "as above", outcome: "tried or over_budget"],
        "Requests that another replica was asked, or would have been, had there not been too many of them.";
    LIMIT: Level<1> = "inklog_gateway_upstream_limit" in "requests" [upstream: "as above"],
        "How many requests an upstream is given at a time, by what it has borne lately.";
    OPENED: Count<1> = "inklog_gateway_breaker_opened_total" in "times"
        [upstream: "commands|identity|publishing|community|queries"],
        "How often an upstream was left alone, because most requests failed.";
    REPLICAS: Level<2> = "inklog_gateway_replicas" in "replicas"
        [upstream: "as above", state: "ready, unready or ejected"],
        "Replicas, by what they say of themselves, and what they did to requests.";
    LIMITED: Count<2> = "inklog_gateway_limited_total" in "requests"
        [class: "reads, writes, attempts, uploads, bulk or exports", by: "account or address"],
        "Requests that were refused because their caller had asked too often.";
    COUNTED: Count<1> = "inklog_gateway_counted_total" in "requests" [by: "redis|local"],
        "Requests that were counted, in Redis for all gateways together, or by this one alone, because Redis is away.";
}
