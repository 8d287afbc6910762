use super::histories::history_of;
use super::*;
use crate::taxonomy::{self, TagDescribed, TagRenamed};

fn described(tag: &str, description: &str) -> taxonomy::Event {
    taxonomy::Event::TagDescribed(TagDescribed { tag: text(tag), description: text(description) })
}

fn said(events: impl IntoIterator<Item = taxonomy::Event>) -> Vec<(String, String)> {
    let rows = rows::<TagNames>(&history_of(post_id(1), events));
    rows.into_values().map(|row| (row.name, row.tag)).collect()
}

/// Such rows stayed for ever, beyond the bound of the names of which something is said.
#[test]
fn a_tag_of_which_nothing_is_said_any_more_has_no_row() {
    let (rust, nothing) = (described("rust", "It does not."), described("rust", ""));
    assert_eq!(said([rust.clone()]), [("rust".to_owned(), "rust".to_owned())]);
    assert_eq!(said([rust, nothing.clone()]), []);
    assert_eq!(said([nothing]), []);
    let (tag, new_name, description) = (text("js"), text("javascript"), text(""));
    let renamed = TagRenamed { tag, new_name, names: vec![text("js")], description };
    assert_eq!(said([taxonomy::Event::TagRenamed(renamed)]), [("js".to_owned(), "javascript".to_owned())]);
}
