//! The one public door. It routes requests to the services and streams both ways; what is malformed, too slow, too
//! large or too much it answers itself, so that a service is asked only what is worth its time. It holds no business
//! rule, and services check everything that matters for themselves.
//!
//! Reading order: `args` is what can be set; `routes` says which service a request is for, and of which `class` it is;
//! `door` accepts connections and ends them; `pipeline` is the way of a request: `head` refuses what is malformed,
//! `origin` says who asks, `cors` answers browsers, `own` answers what is the gateway's own, `auth` looks at tokens,
//! `limits` counts, `validation` refuses what a service would refuse by its document, and `forward` passes the rest on
//! to a replica of an `upstream`, with the headers of `headers` and the bodies of `body`. Where the replicas of an
//! upstream are, `discovery` finds out. Of what is scarce one network has a share only: `places`. `seen` is what is
//! known of a request, and by `native` other interfaces of the gateway ask services: `realworld`, as `interface` has
//! it, and `grpc`. `refusal` is every no, and `answer` what all answers are.

mod answer;
pub mod args;
mod auth;
mod body;
mod class;
mod cors;
mod discovery;
mod door;
mod forward;
mod grpc;
mod head;
mod headers;
mod interface;
mod limits;
mod native;
mod origin;
mod own;
mod pipeline;
mod places;
mod realworld;
mod refusal;
mod routes;
mod seen;
mod upstream;
mod validation;

pub use args::Args;
pub use door::Gateway;
