use domain::views::{Authors, Follows, Posts};

use super::*;

fn row(context: &str, key: &str) -> (String, Vec<u8>) {
    (context.to_owned(), key.as_bytes().to_vec())
}

#[test]
fn an_aggregate_is_found_by_each_id_that_it_is_made_of() {
    let parked = Parked::of(vec![row("posts", "p"), row("following", "ada:bob")]);
    assert!(parked.concerns::<Posts>("p") && !parked.concerns::<Posts>("q"));
    assert!(parked.concerns::<Follows>("ada") && parked.concerns::<Follows>("bob"));
    assert!(!parked.concerns::<Follows>("p") && !parked.concerns::<Authors>("ada"));
    assert!(parked.concerns_any::<Posts>() && parked.concerns_any::<Follows>());
    assert!(!parked.concerns_any::<Authors>());
}

#[test]
fn too_many_concern_everything() {
    let rows = (0..=MOST).map(|n| row("posts", &n.to_string())).collect();
    let parked = Parked::of(rows);
    assert!(parked.concerns::<Authors>("ada") && parked.concerns_any::<Authors>());
}
