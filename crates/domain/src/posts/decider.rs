use uuid::Uuid;

use super::{Command, Event, Post, Posts, Rejection, State, asked, post, rights};
use crate::reservations::{self, Reserves as _};
use crate::{Decider, DecisionContext, Timestamp};

impl Decider for Posts {
    const NAME: &'static str = "posts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let command = match (state, command) {
            (State::Post(post), Command::Reviewed(asked)) => post.permit_reviewed(asked, &context.actor)?,
            (_, Command::Reviewed(asked)) => asked.as_ref(),
            (_, asked) => asked,
        };
        match (state, command) {
            (_, Command::Reservation(command)) => {
                rights::writes_posts(&context.actor)?;
                Ok(reservations::decide(&Self::aggregate(state), command, context)?.map(Event::Reservation))
            }
            (State::Nothing, Command::Put { content, lease, .. }) => post::draft(content, *lease, context),
            (State::Nothing, _) => Err(Rejection::NotFound),
            (State::Post(post), command) => post.decide(command, context),
            (State::Reservation(..), _) => reservations::wrong_aggregate(),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Drafted(drafted)) => State::Post(Post::new(drafted)),
            (_, Event::Reservation(event)) => event.into(),
            (State::Post(post), event) => State::Post(post.after(event)),
            (state @ (State::Nothing | State::Reservation(..)), _) => state,
        }
    }

    fn rests_on_clocks(command: &Command) -> bool {
        asked::rests_on_clocks(command)
    }

    fn due(state: &State) -> Option<(Timestamp, Command)> {
        let State::Post(post) = state else { return None };
        post.due().map(|due| (due.at, Command::CarryOut(due)))
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Post(post) => Some(post.slug().to_string()),
            State::Reservation(_, reservation) => reservation.receipt(),
        }
    }

    fn concerns(event: &Event) -> Vec<Uuid> {
        event.co_authors()
    }

    fn belongs_to(event: &Event) -> Option<Uuid> {
        event.author()
    }

    fn ends_with(_: &str, event: &Event) -> Vec<Uuid> {
        event.found_by()
    }

    fn text_bytes(event: &Event) -> usize {
        event.text_bytes()
    }
}
