use domain::views::{Follow, Post};

use super::*;

#[test]
fn the_statements_on_a_table_of_one_key() {
    let Statements { load, delete, copy, store } = Statements::of::<Post>();
    let names = "post_id, author_id, co_author_ids, slug, title, summary, body, tags, category_ids, \
        published, deleted, archived, visible, published_at, published_here_at, originally_published_at, drafted_at, \
        updated_at, release_at, release_local_time, release_time_zone, expires_at, expiry_local_time, \
        expiry_time_zone, canonical_url, cover_image, cover_alt, cover_focal_x, cover_focal_y, language_tag, \
        translation_of, meta_title, meta_description, custom_fields, visibility, featured, comments, \
        edited_version, version";
    assert_eq!(load, format!("SELECT {names} FROM posts WHERE post_id = ANY($1)"));
    assert_eq!(delete, "DELETE FROM posts WHERE post_id = ANY($1)");
    assert_eq!(copy, format!("COPY posts ({names}) FROM STDIN (FORMAT binary)"));
    let cast = "SELECT post_id, author_id, co_author_ids::uuid[], slug";
    assert!(store.starts_with(&format!("INSERT INTO posts ({names}) {cast}")), "{store}");
    assert!(store.contains(" FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], "), "{store}");
    assert!(store.contains(" ON CONFLICT (post_id) DO UPDATE SET author_id = EXCLUDED.author_id, "), "{store}");
}

#[test]
fn the_statements_on_a_table_of_two_keys() {
    let Statements { load, delete, .. } = Statements::of::<Follow>();
    let condition = "(follower_id, followee_id) IN (SELECT * FROM UNNEST($1::uuid[], $2::uuid[]))";
    assert_eq!(load, format!("SELECT follower_id, followee_id, active, since, version FROM follows WHERE {condition}"));
    assert_eq!(delete, format!("DELETE FROM follows WHERE {condition}"));
}
