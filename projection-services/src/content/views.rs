//! The views that are kept in Postgres, one file each: its table, and the tables that are made of its rows.

mod authors;
mod follows;
mod posts;
mod preferences;
mod slugs;
mod tags;

use domain::views::{Authors, Follows, Posts, Preferences, Slugs, Tags};

use super::view::ContentView;

/// All of them, in the order in which they are written.
pub static VIEWS: [ContentView; 6] = [
    ContentView::of::<Posts>(),
    ContentView::of::<Authors>(),
    ContentView::of::<Slugs>(),
    ContentView::of::<Tags>(),
    ContentView::of::<Follows>(),
    ContentView::of::<Preferences>(),
];
