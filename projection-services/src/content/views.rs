//! The views that are kept in Postgres, one file each: its table, and the tables that are made of its rows.

mod authors;
mod bookmarks;
mod categories;
mod comments;
mod follows;
mod invitations;
mod media;
mod moderation;
mod posts;
mod preferences;
mod previews;
mod reactions;
mod reviews;
mod series;
mod slugs;
mod tag_names;
mod tags;

use domain::views::{
    AllSeries, Authors, Bookmarks, Cases, Categories, CategorySlugs, CommentFilters, CommentRanks, Comments,
    FollowedSubjects, Follows, Invitations, Media, MediaUses, PersonBlocks, Posts, Preferences, Previews, Reactions,
    Reviews, Rulings, SeriesSlugs, Shares, Slugs, TagNames, Tags,
};

use super::view::{ContentView, Stored};

/// What is done for each view; see [`for_each_view`].
pub trait ViewVisitor {
    /// Does it for one.
    fn visit<V: Stored>(&mut self) -> impl Future<Output = ()> + Send;
}

/// Declares the views, in the order in which they are written: `views! { Posts, Tags }` expands to
/// `VIEWS: &[ContentView::of::<Posts>(), ContentView::of::<Tags>()]`, and a visit to each in `for_each_view`.
macro_rules! views {
    ($($view:ty,)+) => {
        /// All views, in the order in which they are written.
        pub static VIEWS: &[ContentView] = &[$(ContentView::of::<$view>()),+];

        /// Visits every view, in the order of [`VIEWS`].
        pub async fn for_each_view(visitor: &mut impl ViewVisitor) {
            $(visitor.visit::<$view>().await;)+
        }
    };
}

views! {
    Posts,
    Authors,
    Slugs,
    Tags,
    Follows,
    Preferences,
    Bookmarks,
    Categories,
    CategorySlugs,
    TagNames,
    Invitations,
    AllSeries,
    SeriesSlugs,
    Previews,
    Media,
    MediaUses,
    Reviews,
    Reactions,
    Shares,
    FollowedSubjects,
    Comments,
    Cases,
    Rulings,
    PersonBlocks,
    CommentFilters,
    CommentRanks,
}
