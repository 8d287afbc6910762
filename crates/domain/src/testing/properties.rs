//! What holds of every context, whatever it is about.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::any::{Drawn, decision_context};
use crate::DecisionContext;
use crate::accounts::Accounts;
use crate::following::Following;
use crate::posts::Posts;
use crate::security::Security;

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
        prop_assert_eq!(again.map(|event| event.is_none()), Ok(C::IS_IDEMPOTENT));
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

/// Asks all of each context: `of_each! { posts: Posts }` makes a module `posts` with a test that draws states and
/// commands of `Posts` and asks every property of them.
macro_rules! of_each {
    ($($name:ident: $context:ty,)+) => {$(
        mod $name {
            use super::*;

            proptest! {
                #[test]
                fn every_command_keeps_what_all_promise(
                    events in vec(<$context>::event(), 0..12),
                    (_, command) in <$context>::command(),
                    context in decision_context(),
                ) {
                    let state = state::<$context>(&events);
                    is_decided::<$context>(&state, &command, &context)?;
                    repeated_it_yields_no_event::<$context>(&state, &command, &context)?;
                    its_event_changes_something::<$context>(&state, &command, &context)?;
                    it_survives_the_way_to_its_owner::<$context>(&command)?;
                }
            }
        }
    )+};
}

of_each! {
    accounts: Accounts,
    following: Following,
    posts: Posts,
    security: Security,
}
