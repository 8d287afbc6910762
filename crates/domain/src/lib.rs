//! The rules of inklog, pure: nothing in this crate does I/O, reads a clock or draws a random number.
//!
//! Reading order: [`context`] says what a bounded context is, and the list of them is below; [`posts`], [`accounts`]
//! and [`following`] are what it is about, each with its state, commands, rejections, `decide` and `evolve` on one
//! page; [`taxonomy`] is what posts are sorted by, [`series`] are posts in an order, and [`media`] is what they show;
//! [`comments`] are what readers answer, [`reactions`] what they give, and [`moderation`] is what is decided of both;
//! [`security`] is the audit of accounts; [`reservations`] is the aggregate that makes a value unique; [`values`] are
//! types that cannot hold a bad value, [`personal`] those that the log holds only sealed; [`views`] fold events into
//! the rows that readers see; [`whose`] says in which exports an event is.

// The compiler lists what a new event or command must touch.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod accounts;
pub mod bookmarks;
pub mod comments;
pub mod context;
mod contexts;
mod digest;
mod fields;
pub mod following;
pub mod media;
pub mod moderation;
pub mod personal;
pub mod posts;
pub mod reactions;
pub mod reservations;
pub mod security;
pub mod series;
pub mod taxonomy;
#[cfg(test)]
mod testing;
pub mod values;
pub mod views;
pub mod whose;

pub use context::{Actor, Decider, DecisionContext, Event, Recorded, Role, Timestamp};
pub use contexts::{BoundedContext, ContextVisitor};
pub use digest::Digest;
pub use fields::Gained;

contexts::contexts! {
    /// Of the context `accounts`.
    Accounts = accounts::Accounts,
    /// Of the context `bookmarks`.
    Bookmarks = bookmarks::Bookmarks,
    /// Of the context `comments`.
    Comments = comments::Comments,
    /// Of the context `following`.
    Following = following::Following,
    /// Of the context `media`.
    Media = media::Media,
    /// Of the context `moderation`.
    Moderation = moderation::Moderation,
    /// Of the context `posts`.
    Posts = posts::Posts,
    /// Of the context `reactions`.
    Reactions = reactions::Reactions,
    /// Of the context `security`; no view for readers is made of it.
    Security = security::Security,
    /// Of the context `series`.
    Series = series::Series,
    /// Of the context `taxonomy`.
    Taxonomy = taxonomy::Taxonomy,
}
