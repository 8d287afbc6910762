//! The view of preview links.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::{Preview, Previews};
use super::a_draft;
use super::histories::{history, rows};
use crate::posts::previews::{PreviewGiven, PreviewRevoked};
use crate::posts::{Edited, Event, PreviewEvent};
use crate::testing::{NOW, ada_id, post_id, text};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn gave(number: u128) -> Event {
    let token_sha256 = format!("{number:064x}");
    let given = PreviewGiven { preview_id: id(number), token_sha256, expires_at: NOW.plus_millis(60_000) };
    Event::Previews(PreviewEvent::PreviewGiven(given))
}

fn revoked(number: u128) -> Event {
    Event::Previews(PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id: id(number) }))
}

#[test]
fn a_link_is_good_until_it_is_revoked_and_its_row_stays() {
    let link = |number: u128, given_in: i64, revoked, version| Preview {
        post_id: post_id(1),
        preview_id: id(number),
        token_sha256: format!("{number:064x}"),
        given_by: ada_id(),
        given_at: NOW.plus_millis(given_in),
        expires_at: NOW.plus_millis(60_000),
        revoked,
        version,
    };
    let retitled = Event::Edited(Edited { title: Some(text("T")), ..Edited::default() });
    let events = history([a_draft(), gave(1), retitled, gave(2), revoked(1), revoked(3)]);
    let expected = [link(1, 2, true, 5), link(2, 4, false, 4)].map(|row| ((row.post_id, row.preview_id), row));
    assert_eq!(rows::<Previews>(&events), HashMap::from(expected), "what was never given has none");
}
