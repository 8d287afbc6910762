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
    format!(
        "{posts}.published AND NOT {posts}.deleted AND {posts}.visibility <> 'unlisted' \
         AND {posts}.published_at IS NOT NULL"
    )
}
