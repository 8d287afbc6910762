//! All zones of the tz database, at each of their transitions in the years around: what a local time comes to is judged
//! by what clocks show at an instant, which is the other way round. And rules that change.

use domain::posts::schedule::Command as ScheduleCommand;
use domain::posts::{Command, Drafted, Event, Posts};
use domain::{Actor, Decider, DecisionContext, Role};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp as Instant};
use uuid::Uuid;

use super::*;

/// The years that are looked at: zone rules have changed in them, and schedules are set for them.
const FIRST: &str = "2015-01-01T00:00:00Z";
const LAST: &str = "2038-01-01T00:00:00Z";
/// As long as no transition is near, days that are looked at.
const DAYS: [&str; 3] = ["2015-02-03T12:00:00", "2026-06-15T00:00:00", "2037-11-30T23:59:59"];

/// A change of the offset from UTC.
struct Transition {
    at: Instant,
    before: Offset,
    after: Offset,
}

fn transitions(rules: &tz::TimeZone) -> Vec<Transition> {
    let (first, last): (Instant, Instant) = (FIRST.parse().unwrap(), LAST.parse().unwrap());
    let offset = |at: Instant| rules.to_offset(at);
    let of = |at: Instant| Transition { at, before: offset(at - SignedDuration::from_secs(1)), after: offset(at) };
    let all = rules.following(first).map(|transition| transition.timestamp()).take_while(|at| *at < last).map(of);
    // A zone may get another name and keep its offset.
    all.filter(|transition| transition.before != transition.after).collect()
}

impl Transition {
    /// Times that clocks may show around it: before, within and after what they skip or show twice.
    fn local_times(&self) -> Vec<DateTime> {
        let [one, other] = [self.before, self.after].map(|offset| offset.to_datetime(self.at));
        let (begin, end) = (one.min(other), one.max(other));
        let half = begin.duration_until(end) / 2;
        let second = SignedDuration::from_secs(1);
        let day = SignedDuration::from_hours(24);
        vec![begin - day, begin - second, begin, begin + second, begin + half, end - second, end, end + day]
    }

    /// What a time that is near is to come to.
    fn judged(&self, local: DateTime, rules: &tz::TimeZone) -> Instant {
        let read_by = |offset: Offset| offset.to_timestamp(local).unwrap();
        let both = [read_by(self.before), read_by(self.after)];
        let shown = both.into_iter().filter(|at| rules.to_datetime(*at) == local).min();
        // Clocks never show it: the offset before them is the one that they skip it from.
        shown.unwrap_or_else(|| read_by(self.before))
    }
}

fn moment(local: DateTime, zone: &str) -> Timestamp {
    let (local_time, time_zone) = (local.to_string().parse().ok(), zone.parse().ok());
    When { at: None, local_time, time_zone }.moment().unwrap().at
}

#[test]
fn in_every_zone_a_local_time_is_when_clocks_first_show_it_and_a_skipped_one_keeps_the_offset_before() {
    let (mut seen, mut skipped, mut twice) = (0, 0, 0);
    for zone in TimeZone::names() {
        let rules = ZONES.get(zone).unwrap();
        for transition in transitions(&rules) {
            for local in transition.local_times() {
                let (at, judged) = (moment(local, zone), transition.judged(local, &rules));
                assert_eq!(at.0, judged.as_millisecond(), "{local} in {zone}");
                let ambiguous = rules.to_ambiguous_timestamp(local).offset();
                skipped += u32::from(matches!(ambiguous, tz::AmbiguousOffset::Gap { .. }));
                twice += u32::from(matches!(ambiguous, tz::AmbiguousOffset::Fold { .. }));
                // Shown or not, it is never read more than what clocks skip away from what was typed.
                let off = local.duration_until(rules.to_datetime(judged));
                assert!(
                    off.is_zero() || off == transition.before.duration_until(transition.after),
                    "{local} in {zone}"
                );
                seen += 1;
            }
        }
        for local in DAYS.map(|day| day.parse().unwrap()) {
            let at = Instant::from_millisecond(moment(local, zone).0).unwrap();
            assert_eq!(rules.to_datetime(at), local, "{zone}");
        }
    }
    println!("{seen} times near a transition: {skipped} skipped, {twice} shown twice");
    assert!(
        skipped > 10_000 && twice > 10_000,
        "{seen} times near a transition: {skipped} skipped, {twice} shown twice"
    );
}

/// A country does away with daylight saving after a post was scheduled: it is released at the instant that was meant
/// when it was scheduled. Given once more the same local time is another instant, and so another schedule.
#[test]
fn rules_that_change_move_no_schedule_until_it_is_set_again() {
    let [before, after] = ["CET-1CEST,M3.5.0,M10.5.0/3", "CET-1"].map(|rules| tz::TimeZone::posix(rules).unwrap());
    let local = "2030-07-01T08:00:00";
    let at = |rules: &tz::TimeZone| meant(local.parse().unwrap(), rules).unwrap();
    assert_eq!(at(&after).0 - at(&before).0, 3_600_000);
    let given =
        |rules| Moment { at: at(rules), local: Some((local.parse().unwrap(), "Europe/Vienna".parse().unwrap())) };
    let author = Uuid::from_u128(7);
    let events = [
        Event::Drafted(Drafted::new(author, "a-post".parse().unwrap(), "A post".parse().unwrap())),
        Event::Scheduled(given(&before).into()),
    ];
    let state = events.iter().fold(Default::default(), Posts::evolve);
    assert_eq!(Posts::due(&state).map(|(due, _)| due), Some(at(&before)));

    let context = DecisionContext { now: Timestamp(0), actor: Actor::new(author).with(Role::Author) };
    let set = |rules| Command::Schedule(ScheduleCommand::Release(Some(given(rules))));
    assert_eq!(Posts::decide(&state, &set(&before), &context), Ok(None), "nothing has changed");
    let again = Posts::decide(&state, &set(&after), &context).unwrap().unwrap();
    let state = Posts::evolve(state, &again);
    assert_eq!(Posts::due(&state).map(|(due, _)| due), Some(at(&after)));
}
