//! What readers are shown of posts.

use checker::history::Seen;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value};
use testkit::http::Response;

use super::super::tags::NAMES;
use crate::load::Question;
use crate::load::values::{one_of, tags};

/// The fields of an answer that are those of a row.
const FIELDS: [(&str, &str); 5] =
    [("title", "title"), ("summary", "summary"), ("slug", "slug"), ("tags", "tags"), ("body_markdown", "body")];

fn seen(entry: &Value) -> Option<Seen> {
    let is_named = |tag: &Value| tag.as_str().is_some_and(|tag| NAMES.contains(&tag));
    let is_said_of = |field: &str| field == "tags" && entry[field].as_array().into_iter().flatten().any(is_named);
    // The text of a post for members is not shown to everyone, and tags are shown by the names that they have by now.
    let shown = |field: &str| entry.get(field).filter(|value| !value.is_null() && !is_said_of(field)).cloned();
    let fields = FIELDS.iter().filter_map(|(field, row)| Some(((*row).to_owned(), shown(field)?)));
    Some(Seen {
        context: "posts".to_owned(),
        aggregate_id: entry["id"].as_str()?.to_owned(),
        version: entry["version"].as_u64(),
        fields: fields.collect(),
    })
}

/// What an answer to a question for one post shows.
pub(super) fn seen_alone(question: &Question, response: &Response) -> Option<Vec<Seen>> {
    let slug = question.path.rsplit('/').next().map(|slug| ("slug".to_owned(), Value::from(slug)));
    let gone = |fields: Map<String, Value>| Seen {
        context: "posts".to_owned(),
        aggregate_id: question.aggregate_id.clone(),
        version: None,
        fields,
    };
    match response.status {
        200 => Some(vec![seen(&serde_json::from_slice(&response.body).ok()?)?]),
        410 => Some(vec![gone(Map::new())]),
        // Without the position of the command that gave the slug, the reader's instance may not have heard of it.
        404 if question.after.is_some() => Some(vec![gone(slug.into_iter().collect())]),
        // It has another slug by now.
        301 => Some(Vec::new()),
        _ => None,
    }
}

/// What a preview link shows. There is no telling why one shows nothing.
pub(super) fn seen_in_preview(_: &Question, response: &Response) -> Option<Vec<Seen>> {
    if response.status != 200 {
        return None;
    }
    let preview: Value = serde_json::from_slice(&response.body).ok()?;
    let shown = seen(&preview)?;
    // What a working copy changes is in no event.
    let fields = if preview["working_copy"] == false { shown.fields } else { Map::new() };
    Some(vec![Seen { fields, ..shown }])
}

/// A list of posts: of all, of the popular ones, of those with a tag, or of those related to one.
pub(super) fn a_list(rng: &mut StdRng, slug: &str) -> Option<String> {
    Some(match rng.random_range(0..7) {
        0 | 1 => "/v1/posts?limit=20".to_owned(),
        2 => "/v1/popular?limit=20".to_owned(),
        3 => format!("/v1/posts/{slug}/related?limit=20"),
        4 => format!("/v1/posts?limit=10&tag={}", one_of(rng, &NAMES)),
        _ => format!("/v1/posts?limit=10&tag={}", tags(rng).first()?),
    })
}

/// What a list of posts shows.
pub(in crate::load::contexts) fn seen_in_list(_: &Question, response: &Response) -> Option<Vec<Seen>> {
    if response.status != 200 {
        return None;
    }
    let list: Value = serde_json::from_slice(&response.body).ok()?;
    list["posts"].as_array()?.iter().map(seen).collect()
}
