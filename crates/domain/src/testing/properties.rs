//! What holds of every context, whatever it is about.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::any::Drawn;
use crate::DecisionContext;

/// The state of an aggregate to which these events happened.
fn state<C: Drawn>(events: &[C::Event]) -> C::State {
    events.iter().fold(C::State::default(), C::evolve)
}

/// Any state at all, whether commands can bring it about or not: nothing in a log may stop an owner.
fn is_decided<C: Drawn>(state: &C::State, command: &C::Command, context: &DecisionContext) -> TestCaseResult {
    let _ = C::decide(state, command, context);
    Ok(())
}

fn repeated_it_yields_no_event<C: Drawn>(
    state: &C::State,
    command: &C::Command,
    context: &DecisionContext,
) -> TestCaseResult {
    if let Ok(decided) = C::decide(state, command, context) {
        let state = decided.iter().fold(state.clone(), C::evolve);
        let again = C::decide(&state, command, context);
        prop_assert_eq!(again.map(|event| event.is_none()), Ok(C::is_idempotent(command)));
    }
    Ok(())
}

/// What `decide` says yes to is what `evolve` then does: an event is never one that changes nothing.
fn its_event_changes_something<C: Drawn>(
    state: &C::State,
    command: &C::Command,
    context: &DecisionContext,
) -> TestCaseResult {
    if let Ok(Some(event)) = C::decide(state, command, context) {
        prop_assert_ne!(&C::evolve(state.clone(), &event), state);
    }
    Ok(())
}

/// Commands travel between instances as JSON.
fn it_survives_the_way_to_its_owner<C: Drawn>(command: &C::Command) -> TestCaseResult {
    let json = serde_json::to_string(command).unwrap();
    prop_assert_eq!(&serde_json::from_str::<C::Command>(&json).unwrap(), command);
    Ok(())
}

/// All of it, of one state and one command.
pub(crate) fn all_hold<C: Drawn>(
    events: &[C::Event],
    command: &C::Command,
    context: &DecisionContext,
) -> TestCaseResult {
    let state = state::<C>(events);
    is_decided::<C>(&state, command, context)?;
    repeated_it_yields_no_event::<C>(&state, command, context)?;
    its_event_changes_something::<C>(&state, command, context)?;
    it_survives_the_way_to_its_owner::<C>(command)
}

/// Asks every property of a context: `crate::testing::properties!(Posts);` in the tests of `posts` makes a test there
/// that draws states and commands of `Posts`, and calls [`all_hold`] with each.
macro_rules! properties {
    ($context:ty) => {
        ::proptest::proptest! {
            #[test]
            fn every_command_keeps_what_all_promise(
                events in ::proptest::collection::vec(<$context as $crate::testing::any::Drawn>::event(), 0..12),
                (_, command) in <$context as $crate::testing::any::Drawn>::command(),
                context in $crate::testing::any::decision_context(),
            ) {
                $crate::testing::properties::all_hold::<$context>(&events, &command, &context)?;
            }
        }
    };
}

pub(crate) use properties;
