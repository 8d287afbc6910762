//! `/healthz` (the process lives) and `/readyz` (what it needs answers).

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use futures::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Methods, Shutdown};

/// A check that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(2);

type Checking = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Check = Arc<dyn Fn() -> Checking + Send + Sync>;

/// The named checks that make a process ready. Clones share them.
#[derive(Clone)]
pub struct Health {
    checks: Arc<RwLock<Vec<(String, Check)>>>,
    shutdown: Shutdown,
}

/// A check that some part of the process sets by itself.
#[derive(Clone, Debug)]
pub struct Flag(Arc<AtomicBool>);

impl Flag {
    /// Says whether the part is ready.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }
}

/// What `/readyz` answers.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether every check passed.
    pub ready: bool,
    /// The checks.
    pub checks: Vec<CheckResult>,
}

/// How one check went.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckResult {
    /// What was checked.
    pub name: String,
    /// Whether it is as it should be.
    pub ready: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    /// Without checks: ready until the shutdown is requested.
    #[must_use]
    pub fn new(shutdown: Shutdown) -> Self {
        Self { checks: Arc::default(), shutdown }
    }

    /// Adds a check that is made whenever a client asks. What it gives as its reason is shown to it.
    pub fn check<F>(&self, name: &str, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.checks.write().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), check));
    }

    /// Adds a check that the returned flag answers; not ready at first.
    #[must_use]
    pub fn flag(&self, name: &str) -> Flag {
        let flag = Flag(Arc::new(AtomicBool::new(false)));
        let seen = flag.clone();
        self.check(name, move || {
            let ready = seen.0.load(Ordering::Acquire);
            async move { if ready { Ok(()) } else { Err("not ready".to_owned()) } }
        });
        flag
    }

    /// Makes all checks now, at the same time.
    pub async fn readiness(&self) -> Readiness {
        let known = self.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut checks = join_all(known.into_iter().map(|(name, check)| passed(name, check))).await;
        if self.shutdown.is_requested() {
            checks.push(CheckResult { name: "process".into(), ready: false, reason: Some("closing".into()) });
        }
        Readiness { ready: checks.iter().all(|check| check.ready), checks }
    }

    /// Registers the two routes.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::new(self.clone()))
            .service(Methods::at("/healthz").get(alive).build())
            .service(Methods::at("/readyz").get(ready).build());
    }
}

async fn passed(name: String, check: Check) -> CheckResult {
    let outcome = tokio::time::timeout(DEADLINE, check()).await;
    let reason = outcome.unwrap_or_else(|_| Err("no answer in time".into())).err();
    CheckResult { name, ready: reason.is_none(), reason }
}

pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain").body("alive\n")
}

async fn ready(health: web::Data<Health>) -> HttpResponse {
    let readiness = health.readiness().await;
    let mut answer = if readiness.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(readiness)
}

#[cfg(test)]
mod tests;
