use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::archive::{Archived, Unarchived};
use super::co_authors::{
    CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver, InvitationDeclined, InvitationWithdrawn,
};
use super::moderated::{Hidden, Ruled, RulingEvent, Shown};
use super::previews::{PreviewGiven, PreviewRevoked};
use super::review::{Approved, ChangesRequested, ReviewWithdrawn, SubmittedForReview};
use super::schedule::{Due, Moment, Planned};
use super::{
    ArchiveCommand, ArchiveEvent, CoAuthorCommand, CoAuthorEvent, Command, Deleted, Drafted, Edited, Event,
    ExpiryWithdrawn, Posts, PreviewCommand, PreviewEvent, Published, Release, ReservationEvent, Restored,
    ReviewCommand, ReviewEvent, SlugGivenUp, Unique, Unpublished, Unscheduled, schedule,
};
use crate::fields::Gained;
use crate::reservations;
use crate::testing::any::reservations::{held, reserved};
use crate::testing::any::{self, Drawn, account_id, any_text, category_id, lease, time};
use crate::testing::{NOW, post_id, text};
use crate::values::{Comments, Tag, Visibility, Visible};

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
            1 => Just(Event::Archive(ArchiveEvent::Archived(Archived {}))),
            1 => Just(Event::Archive(ArchiveEvent::Unarchived(Unarchived {}))),
            2 => ruling().prop_map(Event::Ruling),
            1 => any_text().prop_map(|slug| Event::SlugGivenUp(SlugGivenUp { slug })),
            3 => planned(),
            6 => co_author_event().prop_map(Event::CoAuthors),
            2 => preview_event().prop_map(Event::Previews),
            2 => review_event().prop_map(Event::Review),
            1 => reserved().prop_map(|reserved| ReservationEvent::SlugClaimed(reserved).into()),
            1 => held().prop_map(|held| ReservationEvent::SlugConfirmed(held).into()),
            1 => reserved().prop_map(|reserved| ReservationEvent::SlugReleased(reserved).into()),
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

fn ruling() -> impl Strategy<Value = RulingEvent> {
    (1..4_i64, option::of(any::<bool>())).prop_map(|(ruling, hidden)| match hidden {
        Some(from_author) => RulingEvent::Hidden(Hidden { ruling, from_author }),
        None => RulingEvent::Shown(Shown { ruling }),
    })
}

fn ruled() -> impl Strategy<Value = Ruled> {
    (1..4_i64, select(Visible::ALL)).prop_map(|(ruling, visible)| Ruled { ruling, visible })
}

/// One of few, so that what is revoked was given.
fn link() -> impl Strategy<Value = PreviewGiven> {
    (1..4_u128, 0..4_i64).prop_map(|(number, minutes)| PreviewGiven {
        preview_id: Uuid::from_u128(number),
        token_sha256: format!("{number:064x}"),
        expires_at: NOW.plus_millis(minutes * 60_000),
    })
}

fn preview_event() -> impl Strategy<Value = PreviewEvent> {
    (link(), any::<bool>()).prop_map(|(link, is_given)| {
        let PreviewGiven { preview_id, .. } = link;
        let revoked = PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id });
        if is_given { PreviewEvent::PreviewGiven(link) } else { revoked }
    })
}

fn preview_command() -> impl Strategy<Value = PreviewCommand> {
    (link(), any::<bool>()).prop_map(|(link, gives)| {
        let revoke = PreviewCommand::Revoke(link.preview_id);
        if gives { PreviewCommand::Give(link) } else { revoke }
    })
}

fn release() -> impl Strategy<Value = Release> {
    (edited(), 1..4_u64, copy(), option::of(lease())).prop_map(|(change, revision, copy_sha256, lease)| Release {
        change,
        revision,
        copy_sha256,
        lease,
    })
}

/// The digest of a working copy, or none.
fn copy() -> impl Strategy<Value = Option<String>> {
    option::of(any_text::<Tag>().prop_map(|text| text.to_string()))
}

fn review_event() -> impl Strategy<Value = ReviewEvent> {
    (copy(), any_text(), 0..4).prop_map(|(copy_sha256, note, what)| match what {
        0 => ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256 }),
        1 => ReviewEvent::Approved(Approved { copy_sha256 }),
        2 => ReviewEvent::ChangesRequested(ChangesRequested { note }),
        _ => ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {}),
    })
}

fn review_command() -> impl Strategy<Value = ReviewCommand> {
    prop_oneof![
        copy().prop_map(ReviewCommand::Submit),
        copy().prop_map(ReviewCommand::Approve),
        any_text().prop_map(ReviewCommand::RequestChanges),
        Just(ReviewCommand::Withdraw),
    ]
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    vec(any_text(), 0..3)
}

fn post_content() -> impl Strategy<Value = Drafted> {
    let people = (account_id(), vec(account_id(), 0..2));
    let texts = (any_text(), any_text(), any_text(), any_text(), any_tags());
    let others = (option::of(time()), vec(category_id(), 0..2));
    let written =
        (people, texts, others).prop_map(|((author_id, co_author_ids), texts, (originally_published_at, ids))| {
            let (slug, title, summary, body, tags) = texts;
            Drafted {
                co_author_ids,
                summary,
                body,
                tags,
                originally_published_at,
                category_ids: Gained(ids),
                ..Drafted::new(author_id, slug, title)
            }
        });
    (written, about()).prop_map(|(post, about)| Drafted {
        language_tag: about.language_tag,
        translation_of: about.translation_of,
        custom_fields: about.custom_fields,
        visibility: about.visibility,
        featured: about.featured,
        comments: about.comments,
        ..post
    })
}

/// Fields that may be missing; of those that are texts, two stand for all.
fn about() -> impl Strategy<Value = Edited> {
    let texts = (option::of(select(vec!["de", "pt-BR"])), option::of(select(vec!["{}", r#"{"a":1}"#])));
    let choices = (option::of(select(Visibility::ALL)), option::of(select(Comments::ALL)), option::of(any::<bool>()));
    (texts, choices, option::of(category_id())).prop_map(|((language, custom), choices, translation_of)| {
        let (visibility, comments, featured) = choices;
        Edited {
            language_tag: language.map(text),
            custom_fields: custom.map(text),
            translation_of,
            visibility,
            featured,
            comments,
            ..Edited::default()
        }
    })
}

fn edited() -> impl Strategy<Value = Edited> {
    let texts = (option::of(any_text()), option::of(any_text()), option::of(any_text()), option::of(any_text()));
    let lists = (option::of(vec(account_id(), 0..2)), option::of(any_tags()), option::of(vec(category_id(), 0..2)));
    let others = (lists, option::of(time()), any::<bool>());
    (texts, others, about()).prop_map(|((slug, title, summary, body), others, about)| {
        let ((co_author_ids, tags, category_ids), originally_published_at, resets) = others;
        // What is taken away is not there too.
        let featured = about.featured.filter(|_| !resets);
        Edited {
            co_author_ids,
            slug,
            title,
            summary,
            body,
            tags,
            category_ids,
            reset_fields: if resets { RESET.map(str::to_owned).to_vec() } else { Vec::new() },
            originally_published_at: originally_published_at.filter(|_| !resets),
            featured,
            ..about
        }
    })
}

/// What is taken away, where something is.
const RESET: [&str; 2] = ["originally_published_at", "featured"];

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
        2 => Just(Command::Archive(ArchiveCommand::PutIn)),
        1 => Just(Command::Archive(ArchiveCommand::TakeOut)),
        1 => any_text().prop_map(Command::GiveUpSlug),
        1 => ruled().prop_map(Command::Rule),
        3 => schedule_command(),
        6 => co_author_command().prop_map(Command::CoAuthors),
        2 => preview_command().prop_map(Command::Previews),
        2 => release().prop_map(Command::Release),
        2 => review_command().prop_map(Command::Review),
        1 => release().prop_map(|release| Command::Reviewed(Box::new(Command::Release(release)))),
        1 => Just(Command::Reviewed(Box::new(Command::Publish))),
        1 => slug().prop_map(|value| reservations::Command::Vouch { value }.into()),
    ]
}

/// Something that happened to a schedule.
fn planned() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => moment().prop_map(|moment| Event::Scheduled(moment.into())),
        1 => Just(Event::Unscheduled(Unscheduled {})),
        2 => moment().prop_map(|moment| Event::ExpirySet(moment.into())),
        1 => Just(Event::ExpiryWithdrawn(ExpiryWithdrawn {})),
    ]
}

fn schedule_command() -> impl Strategy<Value = Command> {
    let what = prop_oneof![Just(Planned::Release), Just(Planned::Withdrawal), Just(Planned::Expiry)];
    let due = (what, moment()).prop_map(|(what, Moment { at, .. })| Command::CarryOut(Due { what, at }));
    prop_oneof![
        option::of(moment()).prop_map(|to| Command::Schedule(schedule::Command::Release(to))),
        option::of(moment()).prop_map(|to| Command::Schedule(schedule::Command::Expire(to))),
        due,
    ]
}

/// One of few, so that what is due is met.
fn moment() -> impl Strategy<Value = Moment> {
    (0..4_i64, any::<bool>()).prop_map(|(minutes, is_local)| {
        let local = is_local.then(|| (text("2026-10-25T02:30:00"), text("Europe/Vienna")));
        Moment { at: NOW.plus_millis(minutes * 60_000), local }
    })
}

fn slug() -> impl Strategy<Value = Unique> {
    any_text().prop_map(Unique::Slug)
}
