//! Who has a confirmed reservation bears the value: what is accepted on the strength of a lease is borne from then on,
//! and a process confirms only after that, or after the holder said so.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::accounts::{self, Accounts, Change};
use crate::posts::{Edited, Release, State};
use crate::testing::any::{self, Drawn as _};
use crate::testing::drafted;
use crate::{Decider, DecisionContext};

/// The values that a command has its aggregate bear.
fn given_to_post(command: &posts::Command) -> Vec<Unique> {
    let slug = match command {
        posts::Command::Put { content, .. } => Some(&content.slug),
        posts::Command::Edit { change, .. } | posts::Command::Release(Release { change, .. }) => change.slug.as_ref(),
        posts::Command::Reviewed(asked) => return given_to_post(asked),
        posts::Command::Publish
        | posts::Command::Unpublish
        | posts::Command::Delete
        | posts::Command::Restore
        | posts::Command::GiveUpSlug(_)
        | posts::Command::Schedule(_)
        | posts::Command::CarryOut(_)
        | posts::Command::CoAuthors(_)
        | posts::Command::Previews(_)
        | posts::Command::Review(_)
        | posts::Command::Archive(_)
        | posts::Command::Rule(_)
        | posts::Command::Reservation(_) => None,
    };
    slug.cloned().map(Unique::Slug).into_iter().collect()
}

/// The same of accounts.
fn given_to_account(command: &accounts::Command) -> Vec<accounts::Unique> {
    use accounts::{Command, Unique};
    match command {
        Command::Put { profile, .. } => vec![Unique::UserName(profile.user_name.clone())],
        Command::Register { profile, .. } if profile.email_key.is_none() => {
            vec![Unique::UserName(profile.user_name.clone())]
        }
        Command::Register { profile, .. } => {
            vec![Unique::UserName(profile.user_name.clone()), Unique::Email(profile.email_key.clone())]
        }
        Command::Change { change: Change::UserName { user_name, .. }, .. } => {
            vec![Unique::UserName(user_name.clone())]
        }
        Command::Change { change: Change::Email { email_key, .. }, .. } => vec![Unique::Email(email_key.clone())],
        Command::Change { .. } | Command::Reservation(_) => vec![],
    }
}

/// What the aggregate says to the question whether it bears the value.
fn bears<C: Reserves>(state: &C::State, value: C::Unique, context: &DecisionContext) -> bool {
    C::decide(state, &Command::Vouch { value }.into(), context) == Ok(None)
}

/// If the command is accepted, its aggregate bears these values after it.
fn is_borne_if_accepted<C: Reserves>(
    events: &[C::Event],
    command: &C::Command,
    values: Vec<C::Unique>,
    context: &DecisionContext,
) -> Result<(), TestCaseError> {
    let state = events.iter().fold(C::State::default(), C::evolve);
    if let Ok(decided) = C::decide(&state, command, context) {
        let state = decided.iter().fold(state, C::evolve);
        for value in values {
            prop_assert!(bears::<C>(&state, value.clone(), context), "{state:?} does not bear {value:?}");
        }
    }
    Ok(())
}

/// Posts and reservations of slugs, of which each process has one post bear one slug.
#[derive(Default)]
struct World(HashMap<String, State>);

/// How far a process has come.
#[derive(Clone, Copy, Debug)]
enum Step {
    Reserve(Option<Expired>),
    Act(Lease),
    Confirm(Timestamp),
    Ask(Expired),
    Done,
}

impl World {
    fn execute(
        &mut self,
        id: String,
        command: &posts::Command,
        context: &DecisionContext,
    ) -> Result<Option<String>, posts::Rejection> {
        let state = self.0.entry(id).or_default();
        if let Some(event) = Posts::decide(state, command, context)? {
            *state = Posts::evolve(std::mem::take(state), &event);
        }
        Ok(Posts::receipt(state))
    }

    /// Takes the next step of a process; which one comes then.
    fn step(&mut self, step: Step, holder_id: Uuid, value: &Unique, context: &DecisionContext) -> Step {
        let Unique::Slug(slug) = value;
        let value = || value.clone();
        match step {
            Step::Reserve(instead_of) => {
                let command = Command::Reserve { value: value(), holder_id, instead_of }.into();
                match self.execute(value().reservation_id(), &command, context) {
                    Ok(receipt) => Step::Act(receipt.as_deref().and_then(Lease::of_receipt).unwrap()),
                    Err(posts::Rejection::Reservation(Rejection::Pending { holder_id: by, expires_at, expired })) => {
                        let over = Expired { holder_id: by, expires_at };
                        match (by == holder_id, expired) {
                            (true, _) => Step::Reserve(Some(over)),
                            (false, true) => Step::Ask(over),
                            (false, false) => Step::Done,
                        }
                    }
                    Err(_) => Step::Done,
                }
            }
            Step::Act(lease) => {
                let content = posts::Drafted { slug: slug.clone(), ..drafted() };
                let put = posts::Command::Put { content, overwrite: false, lease };
                let change = Edited { slug: Some(slug.clone()), ..Edited::default() };
                let edit = posts::Command::Edit { change, lease: Some(lease) };
                let is_there = matches!(self.0.get(&holder_id.to_string()), Some(State::Post(_)));
                let acted = self.execute(holder_id.to_string(), if is_there { &edit } else { &put }, context);
                match (acted, lease.expires_at) {
                    (Ok(_), Some(expires_at)) => Step::Confirm(expires_at),
                    (Ok(_), None) => Step::Done,
                    (Err(_), _) => Step::Reserve(None),
                }
            }
            Step::Confirm(expires_at) => {
                let confirm = Command::Confirm { value: value(), holder_id, expires_at }.into();
                // It may have been renewed since.
                let _ = self.execute(value().reservation_id(), &confirm, context);
                Step::Done
            }
            Step::Ask(expired) => {
                let vouch = Command::Vouch { value: value() }.into();
                if self.execute(expired.holder_id.to_string(), &vouch, context).is_err() {
                    return Step::Reserve(Some(expired));
                }
                let Expired { holder_id, expires_at } = expired;
                let confirm = Command::Confirm { value: value(), holder_id, expires_at }.into();
                let _ = self.execute(value().reservation_id(), &confirm, context);
                Step::Done
            }
            Step::Done => Step::Done,
        }
    }
}

proptest! {
    #[test]
    fn a_post_bears_the_slug_that_it_was_accepted_with(
        events in vec(Posts::event(), 0..12),
        (_, command) in Posts::command(),
        context in any::decision_context(),
    ) {
        is_borne_if_accepted::<Posts>(&events, &command, given_to_post(&command), &context)?;
    }

    #[test]
    fn an_account_bears_the_name_and_the_address_that_it_was_accepted_with(
        events in vec(Accounts::event(), 0..12),
        (_, command) in Accounts::command(),
        context in any::decision_context(),
    ) {
        is_borne_if_accepted::<Accounts>(&events, &command, given_to_account(&command), &context)?;
    }

    /// The converse of a value's uniqueness: whatever the order in which processes take their steps or end between two
    /// of them, a confirmed reservation is that of the aggregate that bears the value.
    #[test]
    fn a_reservation_is_confirmed_only_for_a_holder_that_bears_the_value(
        wishes in vec((1..4_u128, prop::sample::select(vec!["a", "b"])), 1..8),
        steps in vec((0..8_usize, 0..LEASE_MS / 2), 0..80),
    ) {
        let (mut world, mut now) = (World::default(), NOW);
        let slug = |name: &str| Unique::Slug(text(name));
        let mut processes: Vec<Step> = vec![Step::Reserve(None); wishes.len()];
        for (process, after) in steps {
            now = now.plus_millis(after);
            let context = DecisionContext { actor: ada(), now };
            let (holder, name) = wishes[process % wishes.len()];
            let step = &mut processes[process % wishes.len()];
            *step = world.step(*step, post_id(holder), &slug(name), &context);
            for name in ["a", "b"] {
                let reservation = world.0.get(&slug(name).reservation_id());
                if let Some(State::Reservation(_, Reservation::Confirmed { holder_id })) = reservation {
                    let holder = &world.0[&holder_id.to_string()];
                    prop_assert!(bears::<Posts>(holder, slug(name), &context), "{holder:?} does not bear {name}");
                }
            }
        }
    }
}
