//! Covers that are media here, of which their posts say no words: the item may say its own, as pictures in a text do.

use std::collections::HashMap;

use service_kit::Problem;
use uuid::Uuid;

use super::about::Covered;
use crate::database::Database;

/// Gives covers of which their posts say nothing the words of who writes these: each comes with those accounts, for
/// others may have brought the same bytes. Whether there are such covers. One statement asks for all.
///
/// # Errors
/// Postgres does not answer.
pub(super) async fn describe(covers: Vec<(&mut Covered, Vec<Uuid>)>, database: &Database) -> Result<bool, Problem> {
    let undescribed = covers.iter().filter_map(|(cover, writers)| Some((cover.undescribed()?.to_owned(), writers)));
    let (sha256s, writers): (Vec<String>, Vec<&Vec<Uuid>>) = undescribed.unzip();
    if sha256s.is_empty() {
        return Ok(false);
    }
    // Of several writers that have described it, the words of the first that brought it.
    let sql = "SELECT m.sha256, m.account_id, m.alt FROM content.media m WHERE m.active AND m.alt <> '' \
               AND m.sha256 = ANY($1) AND m.account_id = ANY($2) ORDER BY m.uploaded_at DESC, m.upload_id DESC";
    let query = sqlx::query_as(sql).bind(sha256s).bind(writers.into_iter().flatten().copied().collect::<Vec<Uuid>>());
    let known: Vec<(String, Uuid, String)> = database.run(query.fetch_all(database.pool())).await?;
    for (cover, writers) in covers {
        let of_writers = known.iter().filter(|(_, account_id, _)| writers.contains(account_id));
        let alts: HashMap<&str, &str> = of_writers.map(|(sha256, _, alt)| (sha256.as_str(), alt.as_str())).collect();
        if let Some(alt) = cover.undescribed().and_then(|sha256| alts.get(sha256)) {
            cover.describe((*alt).to_owned());
        }
    }
    Ok(true)
}
