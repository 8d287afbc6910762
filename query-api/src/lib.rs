//! What readers ask, answered from the read models in Postgres and Redis. This tier never sees Kafka: how far the
//! read models have come it learns from the projectors' announcements.
//!
//! Reading order: [`openapi`] describes the routes that are listed below; `posts`, `ranks`, `archive`, `authors`,
//! `feed`, `follows`, `interests`, `comments`, `moderation`, `reactions`, `invitations`, `previews`, `reads`, `media`,
//! `preferences`, `series`, `categories`, `tags` and `cards` are those routes; `names` is what all addresses with an
//! author's name share, `page` what all lists do; `freshness` and `progress` make a query wait for a write, and know
//! what is parked; `reply` gives answers their entity tags, and says which are stale; `compression` compresses them;
//! `markdown` and `rendered` turn a body into safe HTML.

mod app;
mod archive;
mod args;
mod author_refs;
mod authors;
mod bookmarks;
mod both_ways;
mod cards;
mod categories;
mod category_refs;
mod comments;
mod compression;
mod cursor;
mod database;
mod feed;
mod followers;
mod follows;
mod freshness;
mod interests;
mod invitations;
mod library;
mod limit;
mod list_of_author;
mod listed;
mod lists;
mod mark_counts;
mod markdown;
mod media;
mod moderation;
mod named_post;
mod names;
pub mod openapi;
mod page;
mod pictures;
mod posts;
mod preferences;
mod previews;
mod privacy;
mod progress;
mod ranks;
mod reactions;
mod reads;
mod rendered;
mod reply;
mod row;
mod series;
mod series_refs;
mod tags;

pub use app::serve;
pub use args::Args;

/// The routes that answer from the read models: what is asked most comes first.
const READ_MODELS: &[fn() -> Vec<service_kit::Route>] = &[
    posts::routes,
    ranks::routes,
    archive::routes,
    authors::routes,
    follows::routes,
    interests::routes,
    comments::routes,
    moderation::routes,
    bookmarks::routes,
    feed::routes,
    reactions::routes,
    invitations::routes,
    series::routes,
    previews::routes,
    reads::routes,
    media::routes,
    categories::routes,
    tags::routes,
    cards::routes,
    preferences::routes,
];
