//! Commands on posts, as a service would send them.

use domain::posts::{Command, Drafted, Edited, Posts};
use domain::reservations::Lease;
use domain::values::Invalid;
use domain::{Actor, Digest, Role};
use event_log::Request;
use event_log::record::CommandRef;
use uuid::Uuid;

/// Who writes everything here.
pub(crate) fn author() -> Actor {
    Actor::new(Uuid::from_u128(0xada)).with(Role::Author)
}

pub(crate) fn text<T: std::str::FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A command of its own id.
pub(crate) fn request(post: Uuid, body: Command) -> Request<Posts> {
    let digest = Digest::of(&serde_json::to_string(&body).unwrap()).short();
    let id = Uuid::new_v4();
    Request {
        aggregate_id: post.to_string(),
        command: CommandRef { id, digest, correlation_id: id, traceparent: None },
        expected: None,
        actor: author(),
        body,
    }
}

/// Drafts a post.
pub(crate) fn draft(post: Uuid) -> Request<Posts> {
    let content = Drafted {
        body: text("Some *words*."),
        tags: vec![text("notes")],
        ..Drafted::new(author().id, text(&format!("post-{}", post.simple())), text("Untitled"))
    };
    request(post, Command::Put { content, overwrite: false, lease: Lease::CONFIRMED })
}

/// Gives a post a title that it did not have.
pub(crate) fn retitle(post: Uuid, number: usize) -> Request<Posts> {
    let change = Edited { title: Some(text(&format!("Title {number}"))), ..Edited::default() };
    request(post, Command::Edit { change, lease: None })
}
