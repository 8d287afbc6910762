//! `grpc.health.v1.Health`: whether the gateway takes calls, and whether somebody is there to answer a service's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, StatusCode};
use prost_reflect::prost::Message;
use service_kit::Shutdown;

use super::answer;
use super::frames::Messages;
use super::messages::health::health_check_response::ServingStatus;
use super::messages::health::{HealthCheckRequest, HealthCheckResponse, HealthListResponse};
use super::rpcs::RPCS;
use super::status::{Code, Status};
use crate::answer::Response;
use crate::routes::{Found, Routes};
use crate::upstream::{Name, Upstreams};

/// How often a change is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Check,
    List,
    Watch,
}

impl Call {
    pub(super) fn of(path: &str) -> Option<Self> {
        [Self::Check, Self::List, Self::Watch].into_iter().find(|call| call.path() == path)
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Check => "/grpc.health.v1.Health/Check",
            Self::List => "/grpc.health.v1.Health/List",
            Self::Watch => "/grpc.health.v1.Health/Watch",
        }
    }
}

/// What health depends on.
pub(super) struct State {
    /// The names of services, and who answers their calls. The gateway itself has no name.
    services: BTreeMap<String, BTreeSet<Name>>,
    upstreams: Upstreams,
    shutdown: Shutdown,
}

impl State {
    pub(super) fn of(routes: &Routes, upstreams: Upstreams, shutdown: Shutdown) -> Self {
        let mut services: BTreeMap<String, BTreeSet<Name>> = BTreeMap::from([(String::new(), BTreeSet::new())]);
        for rpc in RPCS.values() {
            if let Found::Route(route) = routes.find(&rpc.method, &rpc.pattern) {
                services.entry(rpc.service.clone()).or_default().insert(route.upstream);
            }
        }
        Self { services, upstreams, shutdown }
    }

    /// `None` where there is no such service.
    fn look(&self, service: &str) -> Option<ServingStatus> {
        let needed = self.services.get(service)?;
        let is_served = needed.iter().all(|name| self.upstreams.is_ready(*name)) && !self.shutdown.is_requested();
        Some(if is_served { ServingStatus::Serving } else { ServingStatus::NotServing })
    }
}

/// The answer; what is watched is watched until `end`.
///
/// # Errors
/// There is no such service, or the question is malformed.
pub(super) async fn answer(call: Call, mut messages: Messages, state: State, end: Instant) -> Result<Response, Status> {
    let request = HealthCheckRequest::decode(messages.only().await?);
    let service = request.map_err(|_| Status::malformed("this is no question"))?.service;
    let one = |status: ServingStatus| HealthCheckResponse { status: status.into() };
    match call {
        Call::Check => {
            let no_such =
                || Status::new(Code::NotFound, StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such service");
            Ok(message(&one(state.look(&service).ok_or_else(no_such)?)))
        }
        Call::List => {
            let names = state.services.keys();
            let statuses = names.filter_map(|name| Some((name.clone(), one(state.look(name)?)))).collect();
            Ok(message(&HealthListResponse { statuses }))
        }
        Call::Watch => Ok(watch(service, state, end)),
    }
}

fn message(message: &impl Message) -> Response {
    answer::message(&message.encode_to_vec(), HeaderMap::new(), &Status::ok())
}

/// How it is, and again whenever that has changed. A gateway that ends says so and ends the call; the client calls
/// another.
fn watch(service: String, state: State, end: Instant) -> Response {
    let first = (state, None, false);
    answer::messages(stream::unfold(first, move |(state, told, is_over)| {
        let service = service.clone();
        async move {
            if is_over {
                return None;
            }
            loop {
                let status = state.look(&service).unwrap_or(ServingStatus::ServiceUnknown);
                if told != Some(status) {
                    let message = HealthCheckResponse { status: status.into() }.encode_to_vec();
                    return Some((Ok(Bytes::from(message)), (state, Some(status), false)));
                }
                if state.shutdown.is_requested() || Instant::now() >= end {
                    let message = "it is watched here no longer: watch again";
                    let status =
                        Status::new(Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
                    return Some((Err(status), (state, told, true)));
                }
                tokio::select! {
                    () = tokio::time::sleep_until((Instant::now() + LOOK).min(end).into()) => {}
                    () = state.shutdown.requested() => {}
                }
            }
        }
    }))
}
