//! What each context brings to the load: a file for each, and the one list of them.

pub(super) mod accounts;
mod bookmarks;
mod co_authors;
mod comments;
mod following;
mod media;
mod moderation;
mod posts;
mod reactions;
mod series;
mod tags;
mod taxonomy;

use std::sync::Arc;

use super::{Generator, Person};

/// The context that most commands and reads are on: only there a silence tells something.
pub const BUSY: &str = "posts";

/// The generators that take part, the one of [`BUSY`] first.
pub(super) fn generators(partitions: usize, admin: Person) -> Vec<Arc<dyn Generator>> {
    let accounts = Arc::new(accounts::Accounts::default());
    let taxonomy = Arc::new(taxonomy::Taxonomy::default());
    let posts: Arc<dyn Generator> = Arc::new(posts::Posts::new(partitions, Arc::clone(&taxonomy)));
    let comments = Arc::new(comments::Comments::new(Arc::clone(&posts)));
    let series = Arc::new(series::Series::new(Arc::clone(&posts)));
    vec![
        Arc::clone(&posts),
        Arc::new(bookmarks::Bookmarks::new(Arc::clone(&posts))),
        Arc::new(co_authors::CoAuthors::new(Arc::clone(&posts))),
        Arc::new(reactions::Reactions::new(Arc::clone(&posts))),
        Arc::clone(&comments) as Arc<dyn Generator>,
        Arc::clone(&series) as Arc<dyn Generator>,
        Arc::clone(&accounts) as Arc<dyn Generator>,
        Arc::new(following::Following::new(series)),
        Arc::new(media::Media::default()),
        Arc::new(moderation::Moderation::new(comments)),
        Arc::new(moderation::Filters::new(admin.clone())),
        taxonomy,
        Arc::new(tags::Tags::default()),
        Arc::new(accounts::Standing::new(accounts, admin)),
    ]
}
