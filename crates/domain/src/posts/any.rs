use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::co_authors::{
    CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined, InvitationWithdrawn,
};
use super::{
    CoAuthorCommand, CoAuthorEvent, Command, Deleted, Drafted, Edited, Event, Posts, Published, ReservationEvent,
    Restored, Unique, Unpublished,
};
use crate::reservations;
use crate::testing::any::reservations::{held, reserved};
use crate::testing::any::{self, Drawn, account_id, any_text, lease, time};
use crate::testing::post_id;
use crate::values::Tag;

impl Drawn for Posts {
    fn command() -> impl Strategy<Value = (String, Command)> {
        let on_post = (0..3_u128, post_command()).prop_map(|(number, command)| (post_id(number).to_string(), command));
        let on_slug = any::reservations::command(slug()).prop_map(|command| ("slug:a".to_owned(), command.into()));
        prop_oneof![2 => on_post, 1 => on_slug]
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => post_content().prop_map(Event::Drafted),
            2 => edited().prop_map(Event::Edited),
            1 => Just(Event::Published(Published {})),
            1 => Just(Event::Unpublished(Unpublished {})),
            1 => Just(Event::Deleted(Deleted {})),
            1 => Just(Event::Restored(Restored {})),
            6 => co_author_event().prop_map(Event::CoAuthors),
            1 => reserved().prop_map(|reserved| ReservationEvent::SlugClaimed(reserved).into()),
            1 => held().prop_map(|held| ReservationEvent::SlugConfirmed(held).into()),
        ]
    }
}

fn co_author_event() -> impl Strategy<Value = CoAuthorEvent> {
    (account_id(), account_id(), 0..6).prop_map(|(account_id, other_id, what)| match what {
        0 => CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id }),
        1 => CoAuthorEvent::InvitationWithdrawn(InvitationWithdrawn { account_id }),
        2 => CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id }),
        3 => CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id }),
        4 => CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }),
        _ => CoAuthorEvent::HandedOver(HandedOver { from_account_id: account_id, to_account_id: other_id }),
    })
}

fn co_author_command() -> impl Strategy<Value = CoAuthorCommand> {
    (account_id(), 0..6).prop_map(|(account_id, what)| match what {
        0 => CoAuthorCommand::Invite(account_id),
        1 => CoAuthorCommand::Withdraw(account_id),
        2 => CoAuthorCommand::Accept,
        3 => CoAuthorCommand::Decline,
        4 => CoAuthorCommand::Remove(account_id),
        _ => CoAuthorCommand::HandOver(account_id),
    })
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    vec(any_text(), 0..3)
}

fn post_content() -> impl Strategy<Value = Drafted> {
    let people = (account_id(), vec(account_id(), 0..2));
    let texts = (any_text(), any_text(), any_text(), any_text(), any_tags());
    (people, texts, option::of(time())).prop_map(|((author_id, co_author_ids), texts, originally_published_at)| {
        let (slug, title, summary, body, tags) = texts;
        Drafted { author_id, co_author_ids, slug, title, summary, body, tags, originally_published_at }
    })
}

fn edited() -> impl Strategy<Value = Edited> {
    let texts = (option::of(any_text()), option::of(any_text()), option::of(any_text()), option::of(any_text()));
    let others = (option::of(vec(account_id(), 0..2)), option::of(any_tags()), option::of(time()), any::<bool>());
    (texts, others).prop_map(|((slug, title, summary, body), others)| {
        let (co_author_ids, tags, originally_published_at, resets) = others;
        Edited {
            co_author_ids,
            slug,
            title,
            summary,
            body,
            tags,
            reset_fields: if resets { vec!["originally_published_at".to_owned()] } else { Vec::new() },
            originally_published_at: originally_published_at.filter(|_| !resets),
        }
    })
}

/// A command on a post.
fn post_command() -> impl Strategy<Value = Command> {
    let put = (post_content(), any::<bool>(), lease());
    prop_oneof![
        3 => put.prop_map(|(content, overwrite, lease)| Command::Put { content, overwrite, lease }),
        3 => (edited(), option::of(lease())).prop_map(|(change, lease)| Command::Edit { change, lease }),
        1 => Just(Command::Publish),
        1 => Just(Command::Unpublish),
        1 => Just(Command::Delete),
        1 => Just(Command::Restore),
        6 => co_author_command().prop_map(Command::CoAuthors),
        1 => slug().prop_map(|value| reservations::Command::Vouch { value }.into()),
    ]
}

fn slug() -> impl Strategy<Value = Unique> {
    any_text().prop_map(Unique::Slug)
}
