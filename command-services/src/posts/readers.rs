use domain::Actor;
use domain::posts::{Post, Sight};
use service_kit::Problem;
use service_kit::problem::Kind;

/// Whether a reader reads the text of a post, and so may answer it. Who may not know of a draft is not told that there
/// is one.
///
/// # Errors
/// It is a draft, hidden by moderators, deleted, for members, or not there as far as the reader may know.
pub fn readable(post: &Post, reader: &Actor) -> Result<(), Problem> {
    match post.sight(reader) {
        Sight::Nothing => Err(unreadable()),
        Sight::Deleted => Err(Problem::gone("the post was deleted")),
        Sight::Draft => Err(Problem::new(&Kind::NOT_PUBLISHED, "the post is a draft")),
        Sight::Hidden => Err(Problem::new(&Kind::NOT_PUBLISHED, "a moderator has hidden the post")),
        Sight::Outside => Err(Problem::new(&Kind::PRIVATE, "the post is for members")),
        Sight::Whole => Ok(()),
    }
}

/// There is no post, as far as a reader may know.
#[must_use]
pub fn unreadable() -> Problem {
    Problem::not_found("there is no such post, or you cannot read it")
}
