//! What readers are shown of posts.

use checker::history::Seen;
use serde_json::{Map, Value};
use testkit::http::Response;

use crate::load::Question;

/// The fields of an answer that are those of a row.
const FIELDS: [(&str, &str); 5] =
    [("title", "title"), ("summary", "summary"), ("slug", "slug"), ("tags", "tags"), ("body_markdown", "body")];

fn seen(entry: &Value) -> Option<Seen> {
    // The text of a post for members is not shown to everyone.
    let shown = |field: &str| entry.get(field).filter(|value| !value.is_null()).cloned();
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

/// What a list of posts shows.
pub(in crate::load::contexts) fn seen_in_list(_: &Question, response: &Response) -> Option<Vec<Seen>> {
    if response.status != 200 {
        return None;
    }
    let list: Value = serde_json::from_slice(&response.body).ok()?;
    list["posts"].as_array()?.iter().map(seen).collect()
}
