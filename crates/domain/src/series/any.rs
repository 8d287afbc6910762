use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Changed, Command, Created, Deleted, Event, Ordered, PostAdded, PostRemoved, ReservationEvent, Series, Unique,
};
use crate::reservations;
use crate::testing::any::reservations::{held, reserved};
use crate::testing::any::{self, Drawn, account_id, any_text, lease};
use crate::testing::post_id;

impl Drawn for Series {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let on_series = (1..3_u128, series_command()).prop_map(|(n, command)| (post_id(n).to_string(), command));
        let on_slug = any::reservations::command(slug()).prop_map(|command| ("slug:a".to_owned(), command.into()));
        prop_oneof![4 => on_series, 1 => on_slug]
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => created().prop_map(Event::Created),
            2 => changed().prop_map(Event::Changed),
            4 => member().prop_map(|post_id| Event::PostAdded(PostAdded { post_id })),
            2 => member().prop_map(|post_id| Event::PostRemoved(PostRemoved { post_id })),
            2 => vec(member(), 0..4).prop_map(|post_ids| Event::Ordered(Ordered { post_ids })),
            1 => Just(Event::Deleted(Deleted {})),
            1 => reserved().prop_map(|reserved| ReservationEvent::SlugClaimed(reserved).into()),
            1 => held().prop_map(|held| ReservationEvent::SlugConfirmed(held).into()),
        ]
    }
}

/// A command on a series.
fn series_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => (created(), lease()).prop_map(|(series, lease)| Command::Create { series, lease }),
        3 => (changed(), option::of(lease())).prop_map(|(change, lease)| Command::Change { change, lease }),
        6 => member().prop_map(|post_id| Command::Add { post_id }),
        2 => (member(), any::<bool>())
            .prop_map(|(post_id, by_its_author)| Command::Remove { post_id, by_its_author }),
        3 => vec(member(), 0..4).prop_map(|post_ids| Command::Order { post_ids }),
        1 => Just(Command::Delete),
        1 => slug().prop_map(|value| reservations::Command::Vouch { value }.into()),
    ]
}

fn created() -> impl Strategy<Value = Created> {
    (account_id(), any_text(), any_text(), any_text()).prop_map(|(owner_id, slug, title, description)| Created {
        owner_id,
        slug,
        title,
        description,
    })
}

fn changed() -> impl Strategy<Value = Changed> {
    (option::of(any_text()), option::of(any_text()), option::of(any_text()))
        .prop_map(|(slug, title, description)| Changed { slug, title, description })
}

fn member() -> impl Strategy<Value = Uuid> {
    (1..4_u128).prop_map(post_id)
}

fn slug() -> impl Strategy<Value = Unique> {
    any_text().prop_map(Unique::Slug)
}
