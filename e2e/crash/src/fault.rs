//! What can go wrong, and how it is drawn from a seed.

pub mod drawing;
pub mod running;

use std::fmt;
use std::time::Duration;

use crate::process::Tier;
use crate::proxy::Mode;
use crate::stack::is_broker;
use crate::system::Link;

/// One thing that goes wrong, and for how long; then it is mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub what: What,
    /// How long it lasts.
    pub lasts: Duration,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An instance of ours.
    Instance(Tier, usize, Blow),
    /// A component that we stand on: one of the brokers, the schema registry, Postgres or Redis, by the stack's name.
    Component(String, Blow),
    /// Redis has forgotten everything.
    RedisEmptied,
    /// The network between two components.
    Link(Link, Mode),
    /// The network between an instance and one of several brokers, by its number.
    OneBroker(Link, usize, Mode),
    /// Of the connections between two components nothing gets through any more, and neither end is told; new ones work.
    Forgotten(Link),
    /// The disk of a component is full.
    DiskFull(String),
    /// The instances of the command services leave and come back in turn, every two seconds, so that partitions move
    /// back and forth.
    Moves,
    /// What an instance has sent to the brokers is held back for longer than its session, and lands after others have
    /// taken over.
    HeldOverSession(usize),
    /// The same, and the instance is dead by the time it lands.
    HeldAndKilled(usize),
}

/// What is done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGSTOP, then SIGCONT: a zombie, if it lasts longer than its session.
    Freeze,
    /// It is asked to end, and started again.
    Restart,
}

/// Faults that happen at about the same time: the first at once, each of the others a while after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Round(pub Vec<(Duration, Fault)>);

impl What {
    /// The kind of fault, whichever instance it meets: what the report sums up by.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Instance(tier, _, blow) => format!("{} {}", blow.verb(), tier.program()),
            Self::Component(name, blow) => {
                format!("{} {}", blow.verb(), if is_broker(name) { "broker" } else { name.as_str() })
            }
            Self::RedisEmptied => "empty redis".to_owned(),
            Self::Link(link, mode) => format!("{} {}", verb(*mode), link.ends()),
            Self::OneBroker(link, _, mode) => format!("{} {}, one broker", verb(*mode), link.ends()),
            Self::Forgotten(link) => format!("forget connections of {}", link.ends()),
            Self::DiskFull(name) if name == "postgres" => "disk full: postgres".to_owned(),
            Self::DiskFull(_) => "disk full: broker".to_owned(),
            Self::Moves => "move partitions every 2 s".to_owned(),
            Self::HeldOverSession(_) => "produce held over a takeover".to_owned(),
            Self::HeldAndKilled(_) => "produce held, owner killed".to_owned(),
        }
    }

    /// What it strikes: a round strikes nothing twice.
    fn target(&self) -> String {
        match self {
            Self::Instance(tier, number, _) => format!("{} [{number}]", tier.program()),
            Self::Component(name, _) | Self::DiskFull(name) => name.clone(),
            Self::RedisEmptied => "redis".to_owned(),
            Self::Link(link, _) | Self::OneBroker(link, ..) | Self::Forgotten(link) => link.to_string(),
            Self::HeldOverSession(number) => Link::Kafka(Tier::Commands, *number).to_string(),
            Self::Moves | Self::HeldAndKilled(_) => "command-services".to_owned(),
        }
    }

    /// Whether it strikes a broker itself, not the way to it.
    fn strikes_a_broker(&self) -> bool {
        match self {
            Self::Component(name, _) | Self::DiskFull(name) => is_broker(name),
            Self::Instance(..)
            | Self::RedisEmptied
            | Self::Link(..)
            | Self::OneBroker(..)
            | Self::Forgotten(_)
            | Self::Moves
            | Self::HeldOverSession(_)
            | Self::HeldAndKilled(_) => false,
        }
    }

    /// Whether two faults would get into each other's way. Two brokers are never struck at once: the loss of any one is
    /// what the system promises to survive.
    #[must_use]
    pub fn collides(&self, other: &Self) -> bool {
        let (target, others) = (self.target(), other.target());
        let same = target.starts_with(&others) || others.starts_with(&target);
        same || self.strikes_a_broker() && other.strikes_a_broker()
    }
}

impl Blow {
    fn verb(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Restart => "restart",
        }
    }
}

fn verb(mode: Mode) -> &'static str {
    match mode {
        Mode::Open => "mend",
        Mode::Paused => "pause",
        Mode::Mute => "lose answers of",
        Mode::Held => "hold requests of",
        Mode::Cut => "cut",
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = match &self.what {
            What::Instance(_, number, _) | What::HeldOverSession(number) | What::HeldAndKilled(number) => {
                format!(" [{number}]")
            }
            What::Component(name, _) | What::DiskFull(name) => format!(" [{name}]"),
            What::Link(link, _) | What::Forgotten(link) => format!(" [{}]", link.instance()),
            What::OneBroker(link, broker, _) => format!(" [{}, broker {}]", link.instance(), broker + 1),
            What::RedisEmptied | What::Moves => String::new(),
        };
        write!(f, "{}{which} for {} ms", self.what.kind(), self.lasts.as_millis())
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(after, fault): &(Duration, Fault)| match after.as_millis() {
            0 => fault.to_string(),
            millis => format!("{fault} ({millis} ms later)"),
        };
        let faults: Vec<String> = self.0.iter().map(shown).collect();
        f.write_str(&faults.join(" + "))
    }
}
