/// Which posts are in lists: a condition on rows of `content.posts`, which the statement calls so. One that is for
/// those who have its address is in none.
pub(crate) fn listed(posts: &str) -> String {
    format!(
        "{posts}.published AND NOT {posts}.deleted AND {posts}.visibility <> 'unlisted' \
         AND {posts}.published_at IS NOT NULL"
    )
}
