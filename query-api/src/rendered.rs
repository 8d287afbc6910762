//! Rendered bodies, remembered: a version of a post never changes, so what was rendered once stays right.

use std::sync::Arc;
use std::time::Instant;

use actix_web::web;
use moka::sync::Cache;
use service_kit::Problem;
use uuid::Uuid;

use crate::markdown;

/// Larger bodies are rendered beside the threads that answer: they take milliseconds.
const LARGE_BYTES: usize = 8 * 1024;

/// A bounded memory of rendered bodies.
pub(crate) struct Rendered {
    cache: Cache<(Uuid, i64), Arc<str>>,
}

impl Rendered {
    /// Keeps at most so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weight = |_: &(Uuid, i64), html: &Arc<str>| u32::try_from(html.len() + 128).unwrap_or(u32::MAX);
        Self { cache: Cache::builder().max_capacity(bytes).weigher(weight).build() }
    }

    /// The HTML of a version of a post.
    pub(crate) async fn html(&self, post_id: Uuid, version: i64, body: &str) -> Result<Arc<str>, Problem> {
        let key = (post_id, version);
        let known = self.cache.get(&key);
        let outcome = if known.is_some() { "hit" } else { "miss" };
        measures::http::CACHE.with(["bodies", outcome]).increment(1);
        if let Some(html) = known {
            return Ok(html);
        }
        if body.len() <= LARGE_BYTES {
            let html = render(body);
            self.cache.insert(key, html.clone());
            return Ok(html);
        }
        let (cache, body) = (self.cache.clone(), body.to_owned());
        // Of several who ask for the same at the same time, one renders.
        web::block(move || cache.get_with(key, || render(&body))).await.map_err(Problem::internal)
    }
}

fn render(body: &str) -> Arc<str> {
    let began = Instant::now();
    let html = markdown::to_safe_html(body).into();
    measures::queries::RENDER.record(began.elapsed());
    html
}
