//! An act on the strength of reservations: reserve, act, confirm.

use domain::reservations::{Expired, Lease, Rejection, Reserves};
use event_log::Refusal;
use service_kit::Problem;
use uuid::Uuid;

use super::{Had, NotReserved, Reserved, Wanted, confirm};
use crate::commands::{Command, Decided};
use crate::reply::Accepted;

/// How often a command reserves anew because its reservation expired before the act: each time means that half a
/// reservation's life passed between two steps.
const ATTEMPTS: u32 = 3;

/// What an aggregate bears, as far as the caller has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bears {
    /// Nothing, for it is not there; or this very value.
    NothingElse,
    /// Another value.
    Another,
}

impl Bears {
    /// Of an aggregate that bears this, if it is there, and is to bear `wanted`.
    #[must_use]
    pub fn of<T: PartialEq>(borne: Option<&T>, wanted: &T) -> Self {
        if borne.is_some_and(|borne| borne != wanted) { Self::Another } else { Self::NothingElse }
    }
}

/// An act that gives an aggregate values, on the strength of their reservations.
pub(super) struct Acting<'a, 'v, C: Reserves, A, B, const N: usize> {
    pub(super) command: &'a Command<'a, C>,
    pub(super) values: [&'v C::Unique; N],
    pub(super) holder_id: Uuid,
    pub(super) expected: Option<u64>,
    pub(super) bears: Bears,
    pub(super) act: A,
    /// Whether the outcome of the act says that the aggregate bears the value.
    pub(super) is_borne: B,
}

impl<'v, C, A, B, const N: usize> Acting<'_, 'v, C, A, B, N>
where
    C: Reserves,
    A: Fn([Lease; N]) -> C::Command,
    B: Fn(&Accepted, &C::Unique) -> bool,
{
    pub(super) async fn decided(&self) -> Result<Decided<C>, (&'v C::Unique, NotReserved)> {
        // Whether the act is known to wait for nothing but its reservations.
        let mut waits = false;
        if self.bears == Bears::Another {
            let decided = self.act([Lease::OVER; N]).await;
            let decided = decided.map_err(|problem| (self.values[N - 1], problem.into()))?;
            waits = waits_for_a_reservation(&decided);
            if !waits && let Decided::Refused(_) = &decided {
                return Ok(decided);
            }
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut had = [Had { expires_at: None, is_made: false, lease: Lease::CONFIRMED }; N];
            for (had, value) in had.iter_mut().zip(self.values) {
                let wanted = self.wanted(value, attempt);
                *had = match wanted.reserve(None).await.map_err(|why| (value, why))? {
                    Reserved::Has(had) => had,
                    Reserved::Over(over) => {
                        let without = if waits { Ok(None) } else { self.without(&wanted, over).await };
                        if let Some(decided) = without.map_err(|problem| (value, problem.into()))? {
                            return Ok(decided);
                        }
                        waits = true;
                        wanted.reserve_anew(over).await.map_err(|why| (value, why))?
                    }
                };
            }
            let decided = self.act(had.map(|had| had.lease)).await;
            let decided = decided.map_err(|problem| (self.values[N - 1], problem.into()))?;
            if attempt < ATTEMPTS && waits_for_a_reservation(&decided) {
                continue;
            }
            if let Decided::Accepted(accepted) = &decided {
                for (had, value) in had.iter().zip(self.values) {
                    self.confirm(accepted, &self.wanted(value, attempt), *had).await;
                }
            }
            return Ok(decided);
        }
    }

    /// What the act comes to without a reservation; nothing if it waits for one. If it was accepted before, the
    /// reservation that is over may be the one that it was accepted on.
    async fn without(&self, wanted: &Wanted<'_, C>, over: Expired) -> Result<Option<Decided<C>>, Problem> {
        let decided = self.act([Lease::OVER; N]).await?;
        if let Decided::Accepted(accepted) = &decided
            && over.holder_id == self.holder_id
        {
            let had = Had { expires_at: Some(over.expires_at), is_made: false, lease: Lease::OVER };
            self.confirm(accepted, wanted, had).await;
        }
        Ok(Some(decided).filter(|decided| !waits_for_a_reservation(decided)))
    }

    async fn act(&self, leases: [Lease; N]) -> Result<Decided<C>, Problem> {
        self.command.execute((self.act)(leases), self.expected).await
    }

    fn wanted<'w>(&'w self, value: &'w C::Unique, attempt: u32) -> Wanted<'w, C> {
        Wanted { command: self.command, value, holder_id: self.holder_id, attempt }
    }

    async fn confirm(&self, accepted: &Accepted, wanted: &Wanted<'_, C>, had: Had) {
        let Some(expires_at) = had.expires_at else { return };
        let confirmed = match had.is_made {
            true if (self.is_borne)(accepted, wanted.value) => {
                confirm(self.command, wanted.value, self.holder_id, expires_at).await
            }
            true => return,
            false => wanted.is_borne_by(self.holder_id, Some(expires_at)).await,
        };
        if let Err(problem) = confirmed {
            tracing::info!(%problem, "a reservation was not confirmed; the next caller who wants the value sees to it");
        }
    }
}

fn waits_for_a_reservation<C: Reserves>(decided: &Decided<C>) -> bool {
    match decided {
        Decided::Refused(Refusal::Rejected { rejection, .. }) => {
            C::reservation_rejection(rejection) == Some(&Rejection::LeaseExpired)
        }
        Decided::Accepted(_) | Decided::Refused(_) => false,
    }
}
