//! What every process of inklog shares, so that they all behave alike at their edges.
//!
//! Reading order: [`config`] reads the environment, [`telemetry`] starts logs and metrics, [`server`] runs HTTP with
//! [`health`] beside it; [`mod@routes`] makes the router and the OpenAPI document, [`schemas`] what it says of value
//! types, and [`in_process`] asks the routes from within; [`problem`] is the one error format, [`json`], [`query`] and
//! [`auth`] are the extractors that give it; [`network`] says where a request comes from, and [`quota`] how much a
//! caller may ask for, [`patience`] how long it waits; [`position`], [`etag`] and [`times`] are the small formats
//! that all interfaces agree on; [`postgres`] refuses a pooler where sessions are needed.

mod allocator;
pub mod auth;
pub mod config;
pub mod etag;
pub mod health;
pub mod in_process;
pub mod json;
pub mod network;
pub mod patience;
pub mod position;
pub mod postgres;
pub mod problem;
pub mod query;
pub mod quota;
pub mod routes;
pub mod schemas;
pub mod server;
pub mod shutdown;
pub mod telemetry;
pub mod times;
pub mod trace;

pub use auth::{Authenticated, MaybeAuthenticated, TokenVerifier};
pub use in_process::InProcess;
pub use json::Json;
pub use position::PositionToken;
pub use problem::{FieldError, Problem, ProblemDetails};
pub use query::Query;
pub use quota::Quota;
pub use routes::{Access, Gate, Methods, Route, RoutePattern};
pub use shutdown::Shutdown;
pub use trace::TraceContext;
