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
    /// Redis has lost keys of ours, one after the other: an operator deleted them, or it evicted them.
    RedisKeys(Loss),
    /// The registry has lost its data, which is brought back from the log in the end. Which instance starts meanwhile.
    RegistryLost(Tier, usize, Begun),
    /// A topic has got a partition more, for good, and the instances of this number start anew.
    PartitionAdded(&'static str, usize),
    /// A context gets so many partitions: it is copied into another topic, and goes on there. Attempts before are
    /// killed after so long.
    Repartitioned(&'static str, u16, Vec<Duration>),
    /// The clock of an instance of the command services is ahead by so many seconds, or behind.
    Clock(usize, i64),
    /// The network between two components.
    Link(Link, Mode),
    /// The network between an instance and one of several brokers, by its number.
    OneBroker(Link, usize, Mode),
    /// The network between one of several brokers, by its number, and the others: clients reach all of them.
    CutOff(usize, Mode),
    /// Of the connections between two components nothing gets through any more, and neither end is told; new ones work.
    Forgotten(Link),
    /// The disk of a component is full, or that of pictures and files.
    DiskFull(String),
    /// The folder of pictures and files is gone: its disk is not mounted any more, say.
    MediaGone,
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

/// Which keys are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// One: that which has this place among all, counted round and round.
    One(usize),
    /// All of them.
    All,
}

/// What is made of a registry that lost its data, before it is brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is empty.
    Empty,
    /// Our schemas were registered again, and have other ids.
    Anew,
}

/// The disk of pictures and files, by the stack's name.
pub const MEDIA: &str = "media";

/// By how many seconds a clock may differ from the broker's: two that do differ by less than half a minute.
pub const TOLERATED_SECONDS: i64 = 15;

/// Faults that happen at about the same time: the first at once, each of the others a while after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Round(pub Vec<(Duration, Fault)>);

impl Fault {
    /// One that lasts as long as it takes to be mended.
    #[must_use]
    pub fn once(what: What) -> Self {
        Self { what, lasts: Duration::ZERO }
    }
}

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
            Self::RedisKeys(Loss::One(_)) => "redis loses a key".to_owned(),
            Self::RedisKeys(Loss::All) => "redis loses key after key".to_owned(),
            Self::RegistryLost(_, _, Begun::Empty) => "registry lost and restored".to_owned(),
            Self::RegistryLost(_, _, Begun::Anew) => "registry lost, begun anew and restored".to_owned(),
            Self::PartitionAdded(..) => "add a partition to a topic".to_owned(),
            Self::Repartitioned(..) => "repartition a context".to_owned(),
            Self::Clock(_, seconds) if seconds.abs() < TOLERATED_SECONDS => "clock off, as tolerated".to_owned(),
            Self::Clock(..) => "clock off by too much".to_owned(),
            Self::Link(link, mode) => format!("{} {}", verb(*mode), link.ends()),
            Self::OneBroker(link, _, mode) => format!("{} {}, one broker", verb(*mode), link.ends()),
            Self::CutOff(_, mode) => format!("{} one broker's network to the others", verb(*mode)),
            Self::Forgotten(link) => format!("forget connections of {}", link.ends()),
            Self::DiskFull(name) if is_broker(name) => "disk full: broker".to_owned(),
            Self::DiskFull(name) => format!("disk full: {name}"),
            Self::MediaGone => "folder of media gone".to_owned(),
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
            Self::CutOff(broker, _) => format!("network of broker {}", broker + 1),
            Self::RedisEmptied | Self::RedisKeys(_) => "redis".to_owned(),
            Self::MediaGone => MEDIA.to_owned(),
            Self::RegistryLost(..) => "registry".to_owned(),
            Self::PartitionAdded(context, _) => format!("topic of {context}"),
            Self::Repartitioned(..) => "everything".to_owned(),
            Self::Clock(number, _) => format!("{} [{number}]", Tier::Commands.program()),
            Self::Link(link, _) | Self::OneBroker(link, ..) | Self::Forgotten(link) => link.to_string(),
            Self::HeldOverSession(number) => Link::Kafka(Tier::Commands, *number).to_string(),
            Self::Moves | Self::HeldAndKilled(_) => "command-services".to_owned(),
        }
    }

    /// Whether it strikes a broker itself, or cuts it off from the others; not the way to it.
    fn strikes_a_broker(&self) -> bool {
        match self {
            Self::Component(name, _) | Self::DiskFull(name) => is_broker(name),
            Self::CutOff(..) => true,
            Self::Instance(..)
            | Self::RedisEmptied
            | Self::RedisKeys(_)
            | Self::RegistryLost(..)
            | Self::PartitionAdded(..)
            | Self::Repartitioned(..)
            | Self::Clock(..)
            | Self::Link(..)
            | Self::OneBroker(..)
            | Self::Forgotten(_)
            | Self::MediaGone
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
            What::RegistryLost(tier, number, _) => format!(" [{} {number} starts meanwhile]", tier.program()),
            What::PartitionAdded(context, number) => format!(" [{context}, {number} starts anew]"),
            What::Repartitioned(context, partitions, killed) => {
                format!(" [{context}, {partitions} partitions, {} attempts killed]", killed.len())
            }
            What::Clock(number, seconds) => format!(" [{number}, {seconds:+} s]"),
            What::RedisKeys(Loss::One(place)) => format!(" [{place}]"),
            What::CutOff(broker, _) => format!(" [broker {}]", broker + 1),
            What::RedisEmptied | What::RedisKeys(Loss::All) | What::MediaGone | What::Moves => String::new(),
        };
        write!(f, "{}{which}", self.what.kind())?;
        if self.lasts.is_zero() { Ok(()) } else { write!(f, " for {} ms", self.lasts.as_millis()) }
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
