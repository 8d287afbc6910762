//! The rules of inklog, pure: nothing in this crate does I/O, reads a clock or draws a random number.
//!
//! Reading order: [`context`] says what a bounded context is; [`posts`], [`accounts`] and [`following`] are what it is about,
//! each with its state, commands, rejections, `decide` and `evolve` on one page; [`security`] is their audit; [`reservations`] is the aggregate
//! that makes a value unique; [`values`] are types that cannot hold a bad value, [`personal`] those that the log holds only
//! sealed; [`views`] fold events into the rows that readers see.

// The compiler lists what a new event or command must touch.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod accounts;
pub mod context;
mod digest;
pub mod following;
pub mod personal;
pub mod posts;
pub mod reservations;
pub mod security;
#[cfg(test)]
mod testing;
pub mod values;
pub mod views;

pub use context::{Actor, Decider, DecisionContext, Event, Recorded, Role, Timestamp};
pub use digest::Digest;

/// An event of any context, as the views see it.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyEvent {
    /// Of the context `posts`.
    Posts(posts::Event),
    /// Of the context `accounts`.
    Accounts(accounts::Event),
    /// Of the context `following`.
    Following(following::Event),
    /// Of the context `security`; no view is made of it.
    Security(security::Event),
}

impl AnyEvent {
    /// The full Avro name of its record.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Posts(event) => event.name(),
            Self::Accounts(event) => event.name(),
            Self::Following(event) => event.name(),
            Self::Security(event) => event.name(),
        }
    }

    /// Hands its payload to an encoder.
    pub fn encode<E: context::PayloadEncoder>(&self, encoder: E) -> E::Output {
        match self {
            Self::Posts(event) => event.encode(encoder),
            Self::Accounts(event) => event.encode(encoder),
            Self::Following(event) => event.encode(encoder),
            Self::Security(event) => event.encode(encoder),
        }
    }
}

impl From<posts::Event> for AnyEvent {
    fn from(event: posts::Event) -> Self {
        Self::Posts(event)
    }
}

impl From<accounts::Event> for AnyEvent {
    fn from(event: accounts::Event) -> Self {
        Self::Accounts(event)
    }
}

impl From<following::Event> for AnyEvent {
    fn from(event: following::Event) -> Self {
        Self::Following(event)
    }
}

impl From<security::Event> for AnyEvent {
    fn from(event: security::Event) -> Self {
        Self::Security(event)
    }
}
