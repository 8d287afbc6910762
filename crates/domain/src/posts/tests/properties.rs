use proptest::collection::vec;
use proptest::prelude::*;

use super::{Posts, State};
use crate::Decider;
use crate::testing::any;

proptest! {
    /// Any state at all, whether commands can bring it about or not: nothing in a log may stop an owner.
    #[test]
    fn every_event_is_applied_and_every_command_decided(
        events in vec(any::posts_event(), 0..12),
        command in any::posts_command(),
        context in any::decision_context(),
    ) {
        let state = events.iter().fold(State::default(), Posts::evolve);
        let _ = Posts::decide(&state, &command, &context);
    }

    #[test]
    fn an_accepted_command_repeated_right_away_yields_no_event(
        events in vec(any::posts_event(), 0..12),
        command in any::posts_command(),
        context in any::decision_context(),
    ) {
        let state = events.iter().fold(State::default(), Posts::evolve);
        if let Ok(decided) = Posts::decide(&state, &command, &context) {
            let state = decided.iter().fold(state, Posts::evolve);
            prop_assert_eq!(Posts::decide(&state, &command, &context), Ok(None));
        }
    }

    /// What decides says yes to is what evolve then does: an event is never one that changes nothing.
    #[test]
    fn an_event_always_changes_something(
        events in vec(any::posts_event(), 0..12),
        command in any::posts_command(),
        context in any::decision_context(),
    ) {
        let state = events.iter().fold(State::default(), Posts::evolve);
        if let Ok(Some(event)) = Posts::decide(&state, &command, &context) {
            prop_assert_ne!(&Posts::evolve(state.clone(), &event), &state);
        }
    }

    /// Commands travel between instances as JSON.
    #[test]
    fn a_command_survives_the_way_to_its_owner(command in any::posts_command()) {
        let json = serde_json::to_string(&command).unwrap();
        prop_assert_eq!(serde_json::from_str::<super::Command>(&json).unwrap(), command);
    }
}
