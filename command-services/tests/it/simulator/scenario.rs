//! What a context brings along to be simulated.

use std::fmt::Debug;
use std::ops::Range;

use command_services::commands::{Caller, Decided};
use domain::Actor;
use domain::reservations::{self, Reserves};
use futures::future::LocalBoxFuture;
use rand::rngs::StdRng;
use serde_json::Value;
use uuid::Uuid;

use super::owners::{Owners, Process};

/// A context in which values are reserved, what its clients wish, and how a service answers them.
pub(super) trait Scenario: Reserves {
    /// What a client can wish for an aggregate.
    type Wish: Clone + Debug + 'static;

    /// So many aggregates want the same few values.
    const AGGREGATES: u128;
    /// So many clients in a row want one of the same values.
    const RIVALS: usize;
    /// So many values are wanted at a time.
    const NEAR: usize;
    /// In so many of a hundred steps a caller asks for something.
    const ASKS: u32;
    /// How long a run is, in steps.
    const STEPS: Range<usize>;
    /// How much time may pass at once, in milliseconds: what is kept for a former holder is not kept so long.
    const LONG_MS: i64;
    /// How often a newcomer must ask, long after everyone else, to have what is not borne.
    const TRIES: usize;

    /// A wish for this aggregate, for one of the values from `number` on.
    fn draw(rng: &mut StdRng, aggregate: Uuid, number: usize, asked: &[Asked<Self>]) -> Self::Wish;

    /// What a newcomer may have if it is not borne: all values of this number.
    fn last_wishes(number: usize) -> Vec<Self::Wish>;

    /// Whether what is wished is borne, so that no other may have it.
    fn is_borne(owners: &Owners<Self>, wish: &Self::Wish) -> bool;

    /// Whether the command makes an aggregate of its own, whose id is derived from the command's key.
    fn is_creation(_wish: &Self::Wish) -> bool {
        false
    }

    /// What a command says of a value, if that is what it is about.
    fn about(command: &mut Self::Command) -> Option<&mut reservations::Command<Self::Unique>>;

    /// Who asks for the aggregate.
    fn actor(aggregate: Uuid) -> Actor;

    /// The call as the checker knows it: its kind, and what was asked.
    fn call(wish: &Self::Wish) -> (&'static str, Value);

    /// What the checker calls a rejection.
    fn refusal(rejection: &Self::Rejection) -> checker::history::Refusal;

    /// What the service does.
    fn answer(process: Process<Self>, caller: Caller, asked: Asked<Self>) -> LocalBoxFuture<'static, Came<Self>>;
}

/// What a client asks for: with a new key, or again.
#[derive(Clone, Debug)]
pub(super) struct Asked<S: Scenario> {
    pub(super) key: String,
    pub(super) aggregate: Uuid,
    pub(super) wish: S::Wish,
}

impl<S: Scenario> Asked<S> {
    /// The id of the command, as the log has it.
    pub(super) fn command_id(&self) -> Uuid {
        let actor = S::actor(self.aggregate).id.to_string();
        checker::ids::command(S::NAME, &self.aggregate.to_string(), &actor, &self.key)
    }
}

/// What came of it: a decision, or what the client was told instead.
pub(super) type Came<S> = Result<Decided<S>, checker::history::Outcome>;
