use domain::values::Visible;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Which posts are in lists: a condition on rows of `content.posts`, which the statement calls so. One that is for
/// those who have its address is in none, and one in the archive in those of the archive alone.
pub(crate) fn listed(posts: &str) -> String {
    format!("{} AND NOT {posts}.archived", shown(posts))
}

/// Which posts are in the lists of the archive.
pub(crate) fn in_archive(posts: &str) -> String {
    format!("{} AND {posts}.archived", shown(posts))
}

/// Which posts other pages lead to, archived or not: in a series, as translations, or by what they show.
pub(crate) fn shown(posts: &str) -> String {
    format!("{} AND {posts}.visibility <> 'unlisted' AND {posts}.published_at IS NOT NULL", public(posts))
}

/// Which posts everyone can read, members at least: what a moderator hides no one can but those of [`theirs`].
pub(crate) fn public(posts: &str) -> String {
    format!("{posts}.published AND NOT {posts}.deleted AND {posts}.visible = 'all'")
}

/// Adds which posts an account can read: what is public, and what it writes, but for what moderators have removed.
pub(crate) fn public_or_theirs(posts: &str, account_id: Uuid, query: &mut QueryBuilder<Postgres>) {
    query.push(format_args!("({} OR {} AND ({posts}.author_id = ", public(posts), left_to_its_authors(posts)));
    query.push_bind(account_id).push(format_args!(" OR {posts}.co_author_ids @> "));
    query.push_bind(vec![account_id]).push("))");
}

/// Which posts those see who write them: not what moderators have removed.
pub(crate) fn left_to_its_authors(posts: &str) -> String {
    format!("NOT {posts}.deleted AND {posts}.visible <> 'moderators'")
}

/// Who is shown a post whose column says so. What this version does not know hides.
pub(crate) fn seen_by(visible: &str) -> Visible {
    visible.parse().unwrap_or(Visible::Moderators)
}
