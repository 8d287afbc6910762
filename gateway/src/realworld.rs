//! The RealWorld interface at `/api`: its requests said in native ones, and their answers in its words. It holds no
//! rule of its own: what may be done the services say (ADR 32). Whatever was changed is waited for before it is
//! answered, so that anybody's next request sees it.
//!
//! Reading order: [`path`] is which endpoints there are; [`tokens`] has who asks; [`asking`] asks services natively,
//! and [`native`] is what they answer; [`fields`] reads bodies, [`shown`] writes them, [`failed`] says no; [`users`],
//! [`profiles`], [`articles`] and [`comments`] are the endpoints.

mod articles;
mod asking;
mod comments;
mod failed;
mod fields;
mod native;
mod path;
mod profiles;
mod shown;
mod tokens;
mod users;

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout_at;
use uuid::Uuid;

pub(crate) use path::{Asked, Endpoint, find, is_under, methods};

use crate::answer::{Response, empty};
use crate::interface::Services;
use crate::places::{Place, Places};
use crate::refusal::Refusal;
use crate::seen::Seen;
use asking::Asking;
use failed::Failed;
use tokens::Sessions;

/// Larger bodies wait for a place, for each is held whole.
const SMALL_BYTES: usize = 64 * 1024;
/// A body takes so many times as long as a client may pause, at most.
const PAUSES: u32 = 4;
/// So many larger ones are held at a time, and of one network.
const LARGE_BODIES: (usize, usize) = (64, 16);

/// The interface.
#[derive(Debug)]
pub(crate) struct RealWorld {
    sessions: Sessions,
    large: Places,
}

impl RealWorld {
    pub(crate) fn new() -> Self {
        Self { sessions: Sessions::new(), large: Places::new(LARGE_BODIES.0, LARGE_BODIES.1) }
    }

    /// Whose token this is, where that is known by now: who shows one for the first time is counted by address alone.
    pub(crate) fn account(&self, headers: &HeaderMap) -> Option<Uuid> {
        self.sessions.known(headers)?.account_id.parse().ok()
    }

    /// Answers a request that was counted, once its body has come: at most so many bytes, that pause no longer than
    /// that.
    pub(crate) async fn answer(
        &self,
        services: &dyn Services,
        seen: &Seen,
        asked: Asked,
        parts: Parts,
        (body, most, patience): (Incoming, u64, Duration),
    ) -> Response {
        let answered = async {
            // Who shows a bad token has no body taken.
            let access = self.sessions.access(services, seen, &parts.headers).await?;
            let (body, _place) = self.whole(seen, body, most, patience).await?;
            let asking = Asking::new(services, seen, access, &parts.headers);
            let answered = respond(&asking, asked.endpoint, &parts, &body).await;
            if answered.as_ref().is_err_and(|failed| failed.status == StatusCode::UNAUTHORIZED) {
                self.sessions.forget(&parts.headers);
            }
            answered
        };
        let mut response = answered.await.unwrap_or_else(Failed::into_response);
        if parts.method == Method::HEAD {
            *response.body_mut() = empty();
        }
        response
    }

    async fn whole(
        &self,
        seen: &Seen,
        mut body: Incoming,
        most: u64,
        patience: Duration,
    ) -> Result<(Bytes, Option<Place>), Failed> {
        let (end, mut whole, mut place) = (Instant::now() + PAUSES * patience, BytesMut::new(), None);
        let broken = || Refusal::malformed("the body is malformed, or broke off");
        loop {
            let pause = end.min(Instant::now() + patience);
            let next = timeout_at(pause.into(), body.frame()).await.map_err(|_| Refusal::too_slow())?;
            let Some(frame) = next else { break };
            if let Ok(data) = frame.map_err(|_| broken())?.into_data() {
                whole.extend_from_slice(&data);
            }
            if whole.len() as u64 > most {
                return Err(Refusal::too_large(most).into());
            }
            if whole.len() > SMALL_BYTES && place.is_none() {
                let full = || Refusal::overloaded(Duration::from_secs(1));
                place = Some(self.large.take(&seen.origin.network).ok_or_else(full)?);
            }
        }
        Ok((whole.freeze(), place))
    }
}

/// How the interface says what the gateway refuses.
pub(crate) fn refused(refusal: Refusal) -> Response {
    Failed::from(refusal).into_response()
}

async fn respond(asking: &Asking<'_>, endpoint: Endpoint, parts: &Parts, body: &[u8]) -> Result<Response, Failed> {
    let query = parts.uri.query().unwrap_or_default();
    match endpoint {
        Endpoint::Register => users::register(asking, body).await,
        Endpoint::LogIn => users::log_in(asking, body).await,
        Endpoint::CurrentUser => users::current(asking).await,
        Endpoint::UpdateUser => users::update(asking, body).await,
        Endpoint::Profile(name) => profiles::profile(asking, &name).await,
        Endpoint::Follow(name) => profiles::follow(asking, &name, Method::PUT).await,
        Endpoint::Unfollow(name) => profiles::follow(asking, &name, Method::DELETE).await,
        Endpoint::Articles => articles::list(asking, query).await,
        Endpoint::Feed => articles::feed(asking, query).await,
        Endpoint::Article(slug) => articles::one(asking, &slug).await,
        Endpoint::CreateArticle => articles::create(asking, body).await,
        Endpoint::UpdateArticle(slug) => articles::update(asking, &slug, body).await,
        Endpoint::DeleteArticle(slug) => articles::delete(asking, &slug).await,
        Endpoint::Favorite(slug) => articles::favorite(asking, &slug, Method::PUT).await,
        Endpoint::Unfavorite(slug) => articles::favorite(asking, &slug, Method::DELETE).await,
        Endpoint::Comments(slug) => comments::list(asking, &slug).await,
        Endpoint::CreateComment(slug) => comments::create(asking, &slug, body).await,
        Endpoint::DeleteComment(slug, number) => comments::delete(asking, &slug, &number).await,
        Endpoint::Tags => articles::tags(asking).await,
    }
}
