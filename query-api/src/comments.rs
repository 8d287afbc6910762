//! Comments: `GET /v1/posts/{slug}/comments` and each by its number; `GET /v1/me/comments` and `GET
//! /v1/authors/{user_name}/comments`, newest first. They are written at the command API.
//!
//! What moderators hid, or filters hold, is shown to its author and moderators only: `shown.rs`. All others are shown
//! while their post is: whether it can be read is asked of its row, at the moment of asking, so the answer is the same
//! in whichever order the two topics were read.

mod entry;
mod of_person;
mod of_post;
mod one;
mod shown;

pub(crate) use of_person::CommentOnPost;
pub(crate) use shown::Reader;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [of_post::routes(), one::routes(), of_person::routes()].concat()
}
