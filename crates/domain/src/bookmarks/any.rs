use proptest::prelude::*;

use super::{Added, Bookmark, Bookmarks, Command, Event, Removed};
use crate::testing::any::{Drawn, account_id};
use crate::testing::post_id;

impl Drawn for Bookmarks {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let add = bookmark().prop_map(|bookmark| (bookmark.id(), Command::Add(bookmark)));
        let remove = bookmark().prop_map(|bookmark| (bookmark.id(), Command::Remove(bookmark)));
        prop_oneof![add, remove]
    }

    fn event() -> impl Strategy<Value = Event> {
        let added = |Bookmark { account_id, post_id }| Event::Added(Added { account_id, post_id });
        let removed = |Bookmark { account_id, post_id }| Event::Removed(Removed { account_id, post_id });
        prop_oneof![bookmark().prop_map(added), bookmark().prop_map(removed)]
    }
}

fn bookmark() -> impl Strategy<Value = Bookmark> {
    (account_id(), 1..3_u128).prop_map(|(account_id, number)| Bookmark { account_id, post_id: post_id(number) })
}
