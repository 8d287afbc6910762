//! One event of each type, with every field filled. They are in the golden files: a sample is never changed, except
//! to fill a field that the type gained.

use domain::accounts::{
    self, Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, PreferencesChanged, ProfileChanged,
    Reactivated, Registered, RoleGranted, RoleRevoked, UserNameChanged,
};
use domain::following::{self, Followed, Unfollowed};
use domain::posts::{self, Deleted, Drafted, Edited, Published, Restored, Unpublished};
use domain::reservations::{Held, Reserved};
use domain::security::{self, Note};
use domain::values::{EmailKey, Invalid, Tag};
use domain::{AnyEvent, BoundedContext, Recorded, Role, Timestamp};
use uuid::Uuid;

use crate::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};

pub(super) const AGGREGATE: &str = "018f0000-0000-7000-8000-000000000001";
const AT: Timestamp = Timestamp(1_790_000_000_123);
const BEFORE: Timestamp = Timestamp(-86_400_001);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn text<T: std::str::FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap()
}

fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| text(name)).collect()
}

fn reserved(value: &str) -> Reserved {
    Reserved { claimed_value: value.into(), holder_id: id(1), expires_at: AT.plus_millis(60_000) }
}

fn held(value: &str) -> Held {
    Held { claimed_value: value.into(), holder_id: id(1) }
}

/// All of them.
fn all() -> Vec<AnyEvent> {
    let mut all: Vec<AnyEvent> = Vec::new();
    all.extend(posts().into_iter().map(AnyEvent::from));
    all.extend(accounts().into_iter().map(AnyEvent::from));
    all.extend(following().into_iter().map(AnyEvent::from));
    all.extend(security().into_iter().map(AnyEvent::from));
    all
}

/// Those of a context.
pub(super) fn of<C: BoundedContext>() -> Vec<C::Event> {
    all().iter().filter_map(C::event).cloned().collect()
}

pub(super) fn posts() -> Vec<posts::Event> {
    use posts::{Event, ReservationEvent};
    vec![
        Event::Drafted(Drafted {
            author_id: id(2),
            co_author_ids: vec![id(3), id(4)],
            slug: text("ueber-maschinen"),
            title: text("Über Maschinen 🖋"),
            summary: text("Was sie können."),
            body: text("# Über\n\n*Alles*, was wir `anordnen` können.\n"),
            tags: tags(&["maschinen", "notes-2"]),
            originally_published_at: Some(BEFORE),
        }),
        Event::Edited(Edited {
            co_author_ids: Some(vec![id(3)]),
            slug: Some(text("maschinen")),
            title: Some(text("Maschinen")),
            summary: Some(text("Kurz.")),
            body: Some(text("Neu.")),
            tags: Some(tags(&["maschinen"])),
            originally_published_at: Some(AT),
        }),
        Event::Published(Published {}),
        Event::Unpublished(Unpublished {}),
        Event::Deleted(Deleted {}),
        Event::Restored(Restored {}),
        ReservationEvent::SlugClaimed(reserved("maschinen")).into(),
        ReservationEvent::SlugConfirmed(held("maschinen")).into(),
    ]
}

/// The same types with as little in them as there can be.
pub(super) fn sparse_posts() -> Vec<posts::Event> {
    let drafted = Drafted {
        author_id: Uuid::nil(),
        co_author_ids: vec![],
        slug: text("a"),
        title: text("a"),
        summary: text(""),
        body: text(""),
        tags: vec![],
        originally_published_at: None,
    };
    let emptied = Edited { co_author_ids: Some(vec![]), tags: Some(vec![]), body: Some(text("")), ..Edited::default() };
    let untouched = Edited::default();
    vec![posts::Event::Drafted(drafted), posts::Event::Edited(emptied), posts::Event::Edited(untouched)]
}

pub(super) fn accounts() -> Vec<accounts::Event> {
    use accounts::{Event, ReservationEvent};
    vec![
        Event::Registered(Registered {
            user_name: text("Ada.L"),
            display_name: text("Ada Lovelace"),
            bio: text("Analystin, 1815–1852."),
            image_url: text("https://example.org/ada.png"),
            email_key: EmailKey::of_mac([0xa1; 32]),
        }),
        Event::ProfileChanged(ProfileChanged {
            display_name: Some(text("A. Lovelace")),
            bio: Some(text("")),
            image_url: Some(text("https://example.org/ada-2.png")),
        }),
        ReservationEvent::UserNameClaimed(reserved("ada.l")).into(),
        ReservationEvent::UserNameConfirmed(held("ada.l")).into(),
        ReservationEvent::UserNameReleased(reserved("ada.l")).into(),
        ReservationEvent::EmailClaimed(reserved(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        ReservationEvent::EmailConfirmed(held(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        ReservationEvent::EmailReleased(reserved(EmailKey::of_mac([0xa1; 32]).as_str())).into(),
        Event::UserNameChanged(UserNameChanged { user_name: text("Countess") }),
        Event::EmailVerified(EmailVerified { email_key: EmailKey::of_mac([0xa1; 32]) }),
        Event::EmailChanged(EmailChanged { email_key: EmailKey::of_mac([0xb2; 32]) }),
        Event::EmailGivenUp(EmailGivenUp { email_key: EmailKey::of_mac([0xa1; 32]) }),
        Event::RoleGranted(RoleGranted { role_name: "editor".into() }),
        Event::RoleRevoked(RoleRevoked { role_name: "editor".into() }),
        Event::Deactivated(Deactivated {}),
        Event::Reactivated(Reactivated {}),
        Event::Erased(Erased {}),
        Event::PreferencesChanged(PreferencesChanged {
            locale: Some("pt-BR".into()),
            time_zone: Some("Europe/Lisbon".into()),
            theme: Some("dark".into()),
            posts_per_page: Some(50),
            email_new_follower: Some(true),
            email_comment: Some(false),
            email_digest: Some("weekly".into()),
            following_list: Some("private".into()),
            reset_fields: vec!["mood".into(), "taste".into()],
        }),
    ]
}

fn following() -> Vec<following::Event> {
    use following::Event;
    vec![
        Event::Followed(Followed { follower_id: id(2), followee_id: id(3) }),
        Event::Unfollowed(Unfollowed { follower_id: id(2), followee_id: id(3) }),
    ]
}

fn security() -> Vec<security::Event> {
    let notes = [
        Note::Registered,
        Note::LoggedIn(id(9)),
        Note::LogInFailed,
        Note::RefreshReused(id(9)),
        Note::SessionEnded(id(9)),
        Note::PasswordChanged,
        Note::PasswordReset,
        Note::EmailConfirmed,
        Note::UserNameChanged,
        Note::RoleGranted(Role::Editor),
        Note::RoleRevoked(Role::Editor),
        Note::Deactivated,
        Note::Reactivated,
        Note::Exported,
        Note::Erased,
        Note::SecretsMissing,
        Note::SecondFactorAdded,
        Note::SecondFactorRemoved,
        Note::SecondFactorFailed,
        Note::RecoveryCodeUsed,
        Note::RecoveryCodesRenewed,
        Note::EmailGivenUp,
    ];
    notes.into_iter().map(Note::event).collect()
}

pub(super) fn record<E>(event: E) -> Record<E> {
    let command = CommandRef { id: id(5), digest: 0x0123_4567_89ab_cdef, correlation_id: id(6), traceparent: None };
    let recorded = Recorded { aggregate_id: AGGREGATE.into(), version: 300, occurred_at: AT, actor_id: id(2), event };
    Record::Event(EventRecord { stamp: Stamp { term: 7, seq: 70_000 }, command, recorded })
}

pub(super) fn term<E>() -> Record<E> {
    let address = "http://127.0.0.1:9081".into();
    Record::TermStarted(TermStarted { term: 7, owner: id(7), address, nonce: id(8) })
}
