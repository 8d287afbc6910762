use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::any;
use crate::{Deciding, testing};

/// Runs commands one after the other, each so many milliseconds after the one before.
fn run(commands: &[(Command, i64)], mut each: impl FnMut(&Claim, &Event, &Claim, Timestamp)) {
    let (mut claim, mut now) = (Claim::Free, NOW);
    for (command, after) in commands {
        now = now.plus_millis(*after);
        let deciding = Deciding { actor: testing::ada(), now };
        if let Ok(Some(event)) = decide(&claim, command, &deciding) {
            let next = evolve(&event);
            each(&claim, &event, &next, now);
            claim = next;
        }
    }
}

fn holder(claim: &Claim) -> Option<Uuid> {
    match claim {
        Claim::Free => None,
        Claim::Claimed { holder_id, .. } | Claim::Confirmed { holder_id } => Some(*holder_id),
    }
}

proptest! {
    /// The invariant that makes a value unique: whoever loses a claim could not have acted on it for half a claim's
    /// life, by any clock that is less wrong than that.
    #[test]
    fn nobody_loses_a_claim_that_could_be_acted_on(
        commands in vec((any::claim_command(), 0..2 * CLAIM_MS), 0..40),
    ) {
        run(&commands, |before, _, after, now| {
            if let Claim::Claimed { holder_id, expires_at } = before
                && holder(after) != Some(*holder_id)
            {
                let had = Grant { expires_at: Some(*expires_at) };
                assert!(!had.may_act(now.plus_millis(-MARGIN_MS)), "{before:?} to {after:?} at {now:?}");
            }
        });
    }

    #[test]
    fn nothing_follows_a_confirmation(commands in vec((any::claim_command(), 0..2 * CLAIM_MS), 0..40)) {
        run(&commands, |before, event, _, _| {
            assert!(!matches!(before, Claim::Confirmed { .. }), "{event:?} after a confirmation");
        });
    }
}
