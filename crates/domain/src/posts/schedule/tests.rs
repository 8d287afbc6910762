use super::super::{Command as PostCommand, Deleted, Posts, Rejection as PostRejection, Restored};
use super::*;
use crate::testing::{NOW, ada, bob, drafted, given, text};
use crate::{Actor, Decider as _};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

fn draft() -> Event {
    Event::Drafted(drafted())
}

fn after(hours: i64) -> Moment {
    Moment { at: NOW.plus_millis(hours * HOUR), local: None }
}

fn in_vienna(hours: i64) -> Moment {
    Moment { local: Some((text("2026-10-25T02:30:00"), text("Europe/Vienna"))), ..after(hours) }
}

fn scheduled(hours: i64) -> Event {
    Event::Scheduled(after(hours).into())
}

fn expiring(hours: i64) -> Event {
    Event::ExpirySet(after(hours).into())
}

const PUBLISHED: Event = Event::Published(Published {});
const UNPUBLISHED: Event = Event::Unpublished(Unpublished {});
const UNSCHEDULED: Event = Event::Unscheduled(Unscheduled {});
const DELETED: Event = Event::Deleted(Deleted {});
const RESTORED: Event = Event::Restored(Restored {});

fn release(at: impl Into<Option<Moment>>) -> PostCommand {
    PostCommand::Schedule(Command::Release(at.into()))
}

fn expire(at: impl Into<Option<Moment>>) -> PostCommand {
    PostCommand::Schedule(Command::Expire(at.into()))
}

fn carry_out(what: Planned, hours: i64) -> PostCommand {
    PostCommand::CarryOut(Due { what, at: after(hours).at })
}

/// In whose name what is due is carried out.
fn no_account() -> Actor {
    Actor::new(Uuid::nil())
}

fn due(events: &[Event]) -> Option<(Timestamp, PostCommand)> {
    Posts::due(&events.iter().fold(Default::default(), Posts::evolve))
}

#[test]
fn a_draft_is_scheduled_and_withdrawn() {
    given::<Posts>([draft()]).when(release(in_vienna(1))).by(ada()).then(Event::Scheduled(in_vienna(1).into()));
    given::<Posts>([draft(), scheduled(1)]).when(release(after(1))).by(ada()).then_nothing();
    given::<Posts>([draft(), scheduled(1)]).when(release(after(2))).by(ada()).then(scheduled(2));
    given::<Posts>([draft(), scheduled(1)]).when(release(None)).by(ada()).then(UNSCHEDULED);
    given::<Posts>([draft()]).when(release(None)).by(ada()).then_nothing();
}

#[test]
fn the_same_instant_said_otherwise_is_another_schedule() {
    given::<Posts>([draft(), scheduled(1)])
        .when(release(in_vienna(1)))
        .by(ada())
        .then(Event::Scheduled(in_vienna(1).into()));
}

#[test]
fn only_the_author_schedules() {
    given::<Posts>([draft()]).when(release(after(1))).by(bob()).then_refused(PostRejection::NotFound);
    given::<Posts>([draft()]).when(expire(after(1))).by(bob()).then_refused(PostRejection::NotFound);
}

#[test]
fn a_schedule_is_for_a_time_to_come() {
    for moment in [after(0), after(-1), Moment { at: LATEST, local: None }] {
        given::<Posts>([draft()]).when(release(moment.clone())).by(ada()).then_refused(Rejection::NotToCome);
        given::<Posts>([draft()]).when(expire(moment)).by(ada()).then_refused(Rejection::NotToCome);
    }
}

#[test]
fn what_is_published_is_not_scheduled_and_may_expire() {
    given::<Posts>([draft(), PUBLISHED]).when(release(after(1))).by(ada()).then_refused(Rejection::Published);
    given::<Posts>([draft(), PUBLISHED]).when(expire(after(1))).by(ada()).then(expiring(1));
    given::<Posts>([draft(), PUBLISHED, expiring(1)])
        .when(expire(None))
        .by(ada())
        .then(Event::ExpiryWithdrawn(ExpiryWithdrawn {}));
}

#[test]
fn a_post_is_released_before_it_expires() {
    let refused = Rejection::ExpiresBeforeRelease;
    given::<Posts>([draft(), scheduled(2)]).when(expire(after(2))).by(ada()).then_refused(refused);
    given::<Posts>([draft(), expiring(2)]).when(release(after(2))).by(ada()).then_refused(refused);
    given::<Posts>([draft(), expiring(2)]).when(release(after(1))).by(ada()).then(scheduled(1));
}

#[test]
fn it_is_carried_out_at_its_time_and_not_before() {
    let events = || [draft(), scheduled(1)];
    let early = NOW.plus_millis(HOUR - 1);
    let command = || carry_out(Planned::Release, 1);
    given::<Posts>(events()).when(command()).by(no_account()).at(early).then_refused(Rejection::NotYet);
    given::<Posts>(events()).when(command()).by(no_account()).at(after(1).at).then(PUBLISHED);
    given::<Posts>([draft(), PUBLISHED, expiring(1)])
        .when(carry_out(Planned::Expiry, 1))
        .by(no_account())
        .at(after(1).at)
        .then(UNPUBLISHED);
}

#[test]
fn what_was_changed_meanwhile_is_not_carried_out() {
    let late = |events: Vec<Event>, what| {
        given::<Posts>(events).when(carry_out(what, 1)).by(no_account()).at(after(9).at).then_nothing();
    };
    late(vec![draft()], Planned::Release);
    late(vec![draft(), scheduled(2)], Planned::Release);
    late(vec![draft(), scheduled(1), UNSCHEDULED], Planned::Release);
    late(vec![draft(), scheduled(1), PUBLISHED], Planned::Release);
    late(vec![draft(), scheduled(1), PUBLISHED, UNPUBLISHED], Planned::Release);
    late(vec![draft(), expiring(1)], Planned::Expiry);
    late(vec![draft(), PUBLISHED, expiring(2)], Planned::Expiry);
}

/// Who takes a post back does not want it to appear later.
#[test]
fn to_unpublish_a_scheduled_draft_withdraws_its_schedule() {
    given::<Posts>([draft(), scheduled(1)]).when(PostCommand::Unpublish).by(ada()).then(UNSCHEDULED);
    given::<Posts>([draft()]).when(PostCommand::Unpublish).by(ada()).then_nothing();
}

#[test]
fn a_deleted_post_is_not_released_and_expires() {
    let deleted = || [draft(), scheduled(1), DELETED];
    let command = || carry_out(Planned::Release, 1);
    given::<Posts>(deleted()).when(command()).by(no_account()).at(after(1).at).then(UNSCHEDULED);
    given::<Posts>(deleted()).when(release(None)).by(ada()).then_refused(PostRejection::Deleted);
    let back = [draft(), scheduled(1), DELETED, RESTORED];
    given::<Posts>(back).when(command()).by(no_account()).at(after(1).at).then(PUBLISHED);
    let public = [draft(), PUBLISHED, expiring(1), DELETED];
    given::<Posts>(public).when(carry_out(Planned::Expiry, 1)).by(no_account()).at(after(1).at).then(UNPUBLISHED);
}

#[test]
fn a_release_of_an_owner_who_can_do_nothing_any_more_is_withdrawn() {
    let late = |events: Vec<Event>| given::<Posts>(events).when(carry_out(Planned::Withdrawal, 1)).by(no_account());
    late(vec![draft(), scheduled(1)]).at(after(1).at).then(UNSCHEDULED);
    late(vec![draft(), scheduled(1), DELETED]).at(after(1).at).then(UNSCHEDULED);
    late(vec![draft(), scheduled(1)]).at(NOW.plus_millis(HOUR - 1)).then_refused(Rejection::NotYet);
}

#[test]
fn what_was_changed_meanwhile_is_not_withdrawn() {
    let late = |events: Vec<Event>| given::<Posts>(events).when(carry_out(Planned::Withdrawal, 1)).by(no_account());
    late(vec![draft(), scheduled(2)]).at(after(9).at).then_nothing();
    late(vec![draft(), scheduled(1), PUBLISHED]).at(after(9).at).then_nothing();
    late(vec![draft(), scheduled(1), UNSCHEDULED]).at(after(9).at).then_nothing();
}

#[test]
fn a_release_is_called_off_and_an_expiry_is_not() {
    let called_off = |what| Due { what, at: NOW }.called_off();
    assert_eq!(called_off(Planned::Release), Due { what: Planned::Withdrawal, at: NOW });
    assert_eq!(called_off(Planned::Withdrawal), Due { what: Planned::Withdrawal, at: NOW });
    assert_eq!(called_off(Planned::Expiry), Due { what: Planned::Expiry, at: NOW });
}

/// The system was down for both.
#[test]
fn a_release_after_the_expiry_is_withdrawn() {
    let events = [draft(), scheduled(1), expiring(2)];
    given::<Posts>(events).when(carry_out(Planned::Release, 1)).by(no_account()).at(after(2).at).then(UNSCHEDULED);
}

#[test]
fn what_has_expired_is_published_again_once_its_expiry_is_changed() {
    let expired = || [draft(), expiring(-1)];
    given::<Posts>(expired()).when(PostCommand::Publish).by(ada()).then_refused(Rejection::Expired);
    given::<Posts>(expired()).when(expire(None)).by(ada()).then(Event::ExpiryWithdrawn(ExpiryWithdrawn {}));
    given::<Posts>(expired()).when(expire(after(1))).by(ada()).then(expiring(1));
}

#[test]
fn one_thing_is_due_at_a_time() {
    let is_due = |what, hours| Some((after(hours).at, carry_out(what, hours)));
    assert_eq!(due(&[draft(), expiring(2)]), None, "a draft has nothing to lose");
    assert_eq!(due(&[draft(), expiring(2), scheduled(1)]), is_due(Planned::Release, 1));
    assert_eq!(due(&[draft(), expiring(2), scheduled(1), PUBLISHED]), is_due(Planned::Expiry, 2));
    assert_eq!(due(&[draft(), expiring(2), scheduled(1), PUBLISHED, UNPUBLISHED]), None);
    assert_eq!(due(&[draft(), scheduled(1), DELETED]), is_due(Planned::Release, 1));
}
