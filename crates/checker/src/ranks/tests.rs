use super::*;

#[test]
fn reactions_of_all_kinds_are_added_and_a_deleted_comment_is_ranked_by_none() {
    let mut rows = Rows::default();
    for (id, number, deleted) in [("a", 1, false), ("b", 2, true), ("c", 3, false)] {
        let comment = json!({"comment_id": id, "post_id": "p", "number": number, "reply_to": null, "deleted": deleted});
        rows.put(View::keyed("comments", &["comment_id"]), comment);
    }
    for (kind, target, name, people) in [
        ("comment", "a", "like", 2),
        ("comment", "a", "love", 1),
        ("comment", "b", "like", 4),
        ("post", "c", "like", 9),
    ] {
        let count = json!({"target_kind": kind, "target_id": target, "kind": name, "people": people});
        rows.put(View::keyed("reaction_counts", &[]), count);
    }
    add(&mut rows);
    let rank = |id: &str| (rows.of(RANKS)[id]["given"].clone(), rows.of(RANKS)[id]["reactions"].clone());
    assert_eq!(rank("a"), (json!(3), json!(3)));
    assert_eq!(rank("b"), (json!(4), json!(0)));
    assert_eq!(rank("c"), (json!(0), json!(0)));
}
