//! Doing and undoing a fault.

mod clock;
mod media;
mod partitions;
mod redis_keys;
mod registry;
mod repartition;

use std::time::{Duration, Instant};

use checker::history::Nanos;
use futures::future::join_all;
use tokio::time::sleep;

use super::{Blow, Fault, MEDIA, Round, What};
use crate::load::World;
use crate::process::{Instance, Tier};
use crate::proxy::Mode;
use crate::system::{INSTANCES, Link, System};

/// How long a leader's requests are held before it is killed.
const BEFORE_DEATH: Duration = Duration::from_millis(250);
/// How often partitions are moved.
const MOVE_EVERY: Duration = Duration::from_secs(2);
/// How long an instance may take to come back.
const COME_BACK: Duration = Duration::from_secs(30);

/// What became of a fault.
#[derive(Clone, Debug)]
pub struct Done {
    /// The kind of fault.
    pub kind: String,
    /// When it began.
    pub began: Nanos,
    /// When it was mended.
    pub mended: Nanos,
    /// Why it could not be done here, if it could not.
    pub skipped: Option<String>,
}

/// Does the faults of a round, each at its time, and mends each after its time.
///
/// # Errors
/// Something cannot be mended.
pub async fn run(round: &Round, system: &System, world: &World) -> anyhow::Result<Vec<Done>> {
    let clock = world.clock;
    let each = round.0.iter().map(async |(after, fault)| {
        sleep(*after).await;
        let began = clock.now();
        let outcome = strike(fault, system, world).await;
        let skipped = match outcome {
            Ok(()) => None,
            Err(Trouble::Skipped(reason)) => Some(reason),
            Err(Trouble::Failed(error)) => return Err(error.context(fault.to_string())),
        };
        Ok(Done { kind: fault.what.kind(), began, mended: clock.now(), skipped })
    });
    join_all(each).await.into_iter().collect()
}

enum Trouble {
    /// It cannot be done on this machine.
    Skipped(String),
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn strike(fault: &Fault, system: &System, world: &World) -> Result<(), Trouble> {
    match &fault.what {
        What::Instance(tier, number, blow) => Ok(instance(system, *tier, *number, *blow, fault.lasts).await?),
        What::Component(name, blow) => Ok(component(system, name, *blow, fault.lasts).await?),
        What::RedisEmptied => Ok(redis_keys::empty(system).await?),
        What::RedisKeys(loss) => Ok(redis_keys::lose(system, *loss).await?),
        What::RegistryLost(tier, number, begun) => Ok(registry::lose(system, *tier, *number, *begun).await?),
        What::PartitionAdded(context, number) => Ok(partitions::add(system, context, *number).await?),
        What::Repartitioned(context, partitions, killed) => {
            Ok(repartition::run(system, world, context, *partitions, killed).await?)
        }
        What::Clock(number, seconds) => clock::set_wrong(system, *number, *seconds, fault.lasts).await,
        What::Link(link, mode) => {
            system.set(*link, *mode);
            sleep(fault.lasts).await;
            system.set(*link, Mode::Open);
            Ok(())
        }
        What::OneBroker(link, broker, mode) => {
            system.set_one(*link, *broker, *mode);
            sleep(fault.lasts).await;
            system.set_one(*link, *broker, Mode::Open);
            Ok(())
        }
        What::CutOff(broker, mode) => {
            system.quorum.set(*broker, *mode);
            sleep(fault.lasts).await;
            system.quorum.set(*broker, Mode::Open);
            Ok(())
        }
        What::Forgotten(link) => {
            system.forget(*link);
            sleep(fault.lasts).await;
            Ok(())
        }
        What::DiskFull(name) => full_disk(system, name, fault.lasts).await,
        What::MediaGone => Ok(media::take_away(system, fault.lasts).await?),
        What::Moves => Ok(moves(system, fault.lasts).await?),
        What::HeldOverSession(number) => {
            let link = Link::Kafka(Tier::Commands, *number);
            system.set(link, Mode::Held);
            sleep(fault.lasts).await;
            system.set(link, Mode::Open);
            Ok(())
        }
        What::HeldAndKilled(number) => Ok(held_and_killed(system, *number, fault.lasts).await?),
    }
}

async fn instance(system: &System, tier: Tier, number: usize, blow: Blow, lasts: Duration) -> anyhow::Result<()> {
    let mut instance = system.instance(tier, number).lock().await;
    match blow {
        Blow::Kill => instance.kill().await?,
        Blow::Freeze => instance.signal("STOP").await?,
        Blow::Restart => instance.end().await.map(drop)?,
    }
    sleep(lasts).await;
    match blow {
        Blow::Kill | Blow::Restart => instance.start(),
        Blow::Freeze => instance.signal("CONT").await,
    }
}

async fn component(system: &System, name: &str, blow: Blow, lasts: Duration) -> anyhow::Result<()> {
    let strike = match blow {
        Blow::Kill => "kill",
        Blow::Freeze => "pause",
        Blow::Restart => "stop",
    };
    let stack = &system.site.stack;
    stack.control(strike, name).await?;
    sleep(lasts).await;
    match blow {
        Blow::Freeze => stack.control("resume", name).await,
        Blow::Kill | Blow::Restart => stack.start(name).await,
    }
}

/// A broker or Postgres may end for want of room, or hang: the operator who frees the disk starts it anew. Nothing that
/// is to be started has pictures.
async fn full_disk(system: &System, name: &str, lasts: Duration) -> Result<(), Trouble> {
    let stack = &system.site.stack;
    if let Err(error) = stack.control("fill", name).await {
        return Err(Trouble::Skipped(format!("{error:#}")));
    }
    sleep(lasts).await;
    stack.control("free", name).await?;
    if name == MEDIA {
        return Ok(());
    }
    stack.control("kill", name).await?;
    Ok(stack.start(name).await?)
}

async fn moves(system: &System, lasts: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + lasts;
    for number in (0..INSTANCES).cycle() {
        let next = Instant::now() + MOVE_EVERY;
        let mut instance = system.instance(Tier::Commands, number).lock().await;
        instance.end().await?;
        instance.start()?;
        // Two that are away at once would be another fault.
        come_back(&mut instance).await?;
        if Instant::now() >= until {
            break;
        }
        sleep(next.saturating_duration_since(Instant::now())).await;
    }
    Ok(())
}

/// Waits until an instance that was started is ready.
async fn come_back(instance: &mut Instance) -> anyhow::Result<()> {
    let patience = Instant::now() + COME_BACK;
    while !instance.is_ready().await {
        anyhow::ensure!(Instant::now() < patience, "an instance does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn held_and_killed(system: &System, number: usize, lasts: Duration) -> anyhow::Result<()> {
    let link = Link::Kafka(Tier::Commands, number);
    system.set(link, Mode::Held);
    sleep(BEFORE_DEATH).await;
    let mut instance = system.instance(Tier::Commands, number).lock().await;
    instance.kill().await?;
    sleep(lasts).await;
    system.set(link, Mode::Open);
    instance.start()
}
