//! People who have a password: they register, log in, refresh, log out, set another password, forget it, add a second
//! factor, have another address, write a post, comment on others', ask for what is held about them, are deactivated and
//! made active again, and are forgotten; then others come. They are few and slow, for a password takes a core as long
//! as fifty other commands do.

mod address;
mod asking;
mod careful;
mod commands;
mod exporting;
mod factor;
mod forgetful;
mod looking;
mod member;
mod talking;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use checker::history::{Call, Export, Read, Visit};
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;

use super::session::Session;
use super::{Person, Volume, World};
use crate::system::System;
use address::EmailKeys;
use asking::Caller;
use looking::Gone;
use member::Member;

/// One of so many clients stands for a person with a password.
const ONE_OF: usize = 8;
/// No more of them than this.
const MOST: usize = 4;
/// How long a person pauses in between, on average.
const PAUSE: Duration = Duration::from_secs(1);
/// How much a person does at the least before they are forgotten.
const AT_LEAST: u32 = 15;
/// How often a person is forgotten after that, each time that they do something.
const FORGOTTEN: f64 = 0.1;
/// How long a person lives here: their access tokens are good for ten minutes.
const LIFE: Duration = Duration::from_secs(300);

/// What all of them share.
pub(super) struct People {
    /// Who makes accounts active again, and forgets people.
    admin: Person,
    emails: EmailKeys,
    /// Where their letters are.
    mail: PathBuf,
    /// How many names were drawn.
    names: AtomicU64,
    /// The people who were forgotten: they are looked for again and again.
    gone: Mutex<Vec<Gone>>,
    /// Posts of people, that others talk about.
    posts: Mutex<Vec<String>>,
}

/// What was written down of one of them after the other.
pub(super) type Written = (Vec<Call>, Vec<Read>, Vec<Visit>, Vec<Export>);

/// How many there are at a time.
pub(super) fn count(volume: &Volume) -> usize {
    (volume.clients / ONE_OF).clamp(1, MOST)
}

impl People {
    pub(super) fn new(system: &System, admin: Person) -> anyhow::Result<Self> {
        let emails = EmailKeys::read(&system.site.stack.email_key_file).context("INKLOG_EMAIL_KEY_FILE")?;
        let (names, gone, posts) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Ok(Self { admin, emails, mail: system.site.mail_folder(), names, gone, posts })
    }

    /// One life after the other, until it is time to stop. `number` tells who lives them from the other clients and
    /// readers.
    pub(super) async fn live(
        self: Arc<Self>,
        world: Arc<World>,
        number: usize,
        mut rng: StdRng,
        mut stop: watch::Receiver<bool>,
    ) -> Written {
        let (clients, readers) = (world.volume.clients + number, world.volume.sessions + number);
        let mut reader = Session::new(Arc::clone(&world), readers, super::seeded(&mut rng));
        let mut caller = Caller::new(world, clients, rng, stop.clone());
        while !*stop.borrow_and_update() {
            if let Some(member) = Member::register(&self, &mut caller).await {
                self.live_once(member, &mut caller, &mut reader, &mut stop).await;
            }
            pause(&mut caller, &mut stop).await;
        }
        (caller.calls, reader.into_reads(), caller.visits, caller.exports)
    }

    async fn live_once(
        &self,
        mut member: Member,
        caller: &mut Caller,
        reader: &mut Session,
        stop: &mut watch::Receiver<bool>,
    ) {
        let (began, mut done) = (Instant::now(), 0);
        while !*stop.borrow_and_update() {
            done += 1;
            if began.elapsed() > LIFE || done > AT_LEAST && caller.rng.random_bool(FORGOTTEN) {
                if let Some(gone) = member.be_forgotten(self, caller).await {
                    self.gone.lock().expect("no holder of the lock panics").push(gone);
                }
                self.look_at_the_gone(caller, reader).await;
                return;
            }
            match caller.rng.random_range(0..100) {
                0..20 => self.look(&member, caller, reader).await,
                20..25 => self.look_at_the_gone(caller, reader).await,
                _ => member.act(self, caller).await,
            }
            pause(caller, stop).await;
        }
    }
}

async fn pause(caller: &mut Caller, stop: &mut watch::Receiver<bool>) {
    let pause = PAUSE.mul_f64(caller.rng.random_range(0.5..1.5));
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        _ = stop.changed() => {}
    }
}
