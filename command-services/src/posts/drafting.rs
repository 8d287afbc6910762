//! A draft, under a slug that no other post has.

use domain::posts::{Command as PostCommand, Drafted, Posts, Unique};
use domain::values::Slug;
use uuid::Uuid;

use crate::commands::{Command, Decided};
use crate::reservations::{NotReserved, with_suggestion};

/// The longest part of an id that is worth adding to a slug that is taken.
const SUFFIX: usize = 8;

/// Has a post drafted as given; under a slug with a part of its id, if the one given is a suggestion and taken.
///
/// # Errors
/// The slug is taken, or there is no outcome in time.
pub async fn drafted(
    command: &Command<'_, Posts>,
    id: Uuid,
    content: Drafted,
    is_suggestion: bool,
) -> Result<Decided<Posts>, NotReserved> {
    match draft_under(command, id, content.slug.clone(), &content).await {
        Err(NotReserved::Taken) if is_suggestion => {
            let plain = id.simple().to_string();
            let slug = content.slug.with_suffix(&plain[plain.len() - SUFFIX..]);
            draft_under(command, id, slug, &content).await
        }
        decided => decided,
    }
}

async fn draft_under(
    command: &Command<'_, Posts>,
    id: Uuid,
    slug: Slug,
    content: &Drafted,
) -> Result<Decided<Posts>, NotReserved> {
    let content = Drafted { slug: slug.clone(), ..content.clone() };
    let put = |lease| PostCommand::Put { content: content.clone(), overwrite: false, lease };
    with_suggestion(command, &Unique::Slug(slug), id, put).await
}
