//! The write side: each service owns some contexts, takes their commands over HTTP, and has them decided by the leader
//! of the aggregate's partition, here or on another instance.
//!
//! Reading order: [`posts`], [`series`], [`taxonomy`], [`media`], [`bookmarks`], [`accounts`], [`following`] and
//! [`comments`] are the routes, one per context, and [`bulk`] takes many commands at once; [`due`] carries out what is
//! planned; [`commands`] is what every route does with a command, and [`reply`] what a client reads of its outcome;
//! [`reservations`] makes a value unique before it is used, and [`accounts::identifiers`] is how accounts do;
//! [`identity`] is how people log in; [`catch_up`] keeps all routes shut until the logs are read; [`bus`] carries
//! commands between instances; the table below says what each service is made of ([`part`]), and [`service`] puts a
//! process together.

pub mod accounts;
pub mod args;
pub mod body;
pub mod bookmarks;
pub mod bulk;
pub mod bus;
pub mod catch_up;
pub mod cli;
pub mod commands;
pub mod comments;
pub mod custom_fields;
pub mod due;
pub mod following;
pub mod freshness;
pub mod identity;
#[cfg(test)]
mod lagging;
pub mod logs;
pub mod media;
pub mod moderation;
pub mod moved;
pub mod openapi;
pub mod part;
pub mod posts;
pub mod reactions;
pub mod repartition;
pub mod reply;
pub mod reservations;
pub mod series;
pub mod service;
pub mod services;
pub mod tasks;
pub mod taxonomy;

services::services! {
    /// Run the service that owns posts, what they are sorted by and show, series of them, and bookmarks.
    Publishing "publishing": [posts::PART, taxonomy::PART, series::PART, bookmarks::PART, media::PART, bulk::PART];
    /// Run the service that owns accounts, who follows whom, and the audit of security.
    Identity "identity": [accounts::PART, following::PART, identity::PART, identity::AUDIT];
    /// Run the service that owns what readers answer, and what is decided of it.
    Community "community": [comments::PART, reactions::PART, moderation::PART];
}
