use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::any;
use crate::{DecisionContext, testing};

/// Commands on the reservation of a slug, each so many milliseconds after the one before.
fn commands() -> impl Strategy<Value = Vec<(Command<Unique>, i64)>> {
    let slug = any::any_text().prop_map(Unique::Slug);
    vec((any::reservations::command(slug), 0..2 * LEASE_MS), 0..40)
}

/// Runs commands one after the other.
fn run(
    commands: &[(Command<Unique>, i64)],
    mut each: impl FnMut(&Reservation, &ReservationEvent, &Reservation, Timestamp),
) {
    let (mut reservation, mut now) = (Reservation::Free, NOW);
    for (command, after) in commands {
        now = now.plus_millis(*after);
        let context = DecisionContext { actor: testing::ada(), now };
        let aggregate = Aggregate::Reservation(command.value().kind(), &reservation);
        if let Ok(Some(event)) = decide(&aggregate, command, &context) {
            let (_, next) = event.reservation();
            each(&reservation, &event, &next, now);
            reservation = next;
        }
    }
}

proptest! {
    /// The invariant that makes a value unique: a holder that loses a reservation could not have acted on it for half a
    /// reservation's life, by any clock that is less wrong than that.
    #[test]
    fn no_holder_loses_a_reservation_that_could_be_acted_on(commands in commands()) {
        run(&commands, |before, _, after, now| {
            if let Reservation::Reserved { holder_id, expires_at } = before
                && after.holder_id() != Some(*holder_id)
            {
                let had = Lease { expires_at: Some(*expires_at) };
                assert!(!had.may_act(now.plus_millis(-MARGIN_MS)), "{before:?} to {after:?} at {now:?}");
            }
        });
    }

    #[test]
    fn nothing_follows_a_confirmation(commands in commands()) {
        run(&commands, |before, event, _, _| {
            assert!(!matches!(before, Reservation::Confirmed { .. }), "{event:?} after a confirmation");
        });
    }
}
