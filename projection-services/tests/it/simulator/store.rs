//! A store in memory with what the real ones promise: rows and positions change together, and only if the positions
//! are where the writer believes them to be.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use domain::views::{
    Author, Authors, Follow, Follows, Post, Posts, Preferences, Preferred, Slug, Slugs, Tagged, Tags, View,
};
use projection_services::log::Positions;
use projection_services::poison::Poison;
use projection_services::projector::{Committed, Failed, Projector};
use projection_services::work::{Held, Located, Work};

use super::super::support::history::Dice;

/// What a broken store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It writes the positions first and the rows a step later.
    PositionsApart,
    /// It writes the rows first and the positions a step later.
    RowsApart,
    /// It panics when it is to commit.
    Panics,
    /// It never commits.
    Stuck,
}

/// Many more questions than an instance asks within the steps that it may take at once.
const MOST_ASKED: usize = 10_000;

/// All rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) posts: BTreeMap<uuid::Uuid, Post>,
    pub(super) authors: BTreeMap<uuid::Uuid, Author>,
    pub(super) slugs: BTreeMap<String, Slug>,
    pub(super) tags: BTreeMap<uuid::Uuid, Tagged>,
    pub(super) follows: BTreeMap<(uuid::Uuid, uuid::Uuid), Follow>,
    pub(super) preferences: BTreeMap<uuid::Uuid, Preferred>,
}

/// What is stored, and what troubles there are.
pub(super) struct State {
    pub(super) rows: Rows,
    pub(super) positions: Positions,
    /// Events that the runner gave up: there is no reason to.
    pub(super) parked: usize,
    /// How often it was emptied.
    pub(super) emptied: u64,
    pub(super) is_away: bool,
    pub(super) log_is_away: bool,
    /// So many steps may be taken before the world moves on.
    pub(super) steps: usize,
    /// What was asked meanwhile.
    asked: usize,
    dice: Dice,
    broken: Option<Broken>,
}

/// One process's connection to it.
#[derive(Clone)]
pub(super) struct Store(pub(super) Arc<Mutex<State>>);

impl Store {
    pub(super) fn new(seed: u64, broken: Option<Broken>) -> Self {
        Self(Arc::new(Mutex::new(State {
            rows: Rows::default(),
            positions: Positions::new(),
            parked: 0,
            emptied: 0,
            is_away: false,
            log_is_away: false,
            steps: 0,
            asked: 0,
            dice: Dice::new(seed),
            broken,
        })))
    }

    /// Waits until the world lets this process go on.
    pub(super) async fn step(&self) {
        std::future::poll_fn(|_| {
            let mut state = self.0.lock().unwrap();
            if state.steps == 0 {
                return Poll::Pending;
            }
            state.steps -= 1;
            Poll::Ready(())
        })
        .await;
    }

    fn is_broken(&self, how: Broken) -> bool {
        self.0.lock().unwrap().broken == Some(how)
    }

    fn stored(&self) -> Result<Positions, Failed> {
        let state = self.0.lock().unwrap();
        state.answers()?;
        Ok(state.positions.clone())
    }
}

impl State {
    /// The process whose turn it is may take so many steps.
    pub(super) fn goes_on(&mut self, steps: usize) {
        (self.steps, self.asked) = (steps, 0);
    }

    /// A process asks for what takes no step, which must not go on for ever.
    pub(super) fn asked(&mut self) {
        self.asked += 1;
        assert!(self.asked < MOST_ASKED, "an instance asks for ever and takes no step");
    }

    pub(super) fn empty(&mut self) {
        (self.rows, self.positions) = (Rows::default(), Positions::new());
        self.emptied += 1;
    }

    fn answers(&self) -> Result<(), Failed> {
        if self.is_away { Err(Failed::Unavailable("away".into())) } else { Ok(()) }
    }

    fn is_next(&self, work: &Work) -> Result<(), Failed> {
        let next = |partition| self.positions.get(partition).map_or(0, |at| at.next_offset);
        let is_next = work.runs().all(|run| next(&run.partition) == run.from.next_offset);
        if is_next { Ok(()) } else { Err(Failed::Moved) }
    }

    fn advance(&mut self, work: &Work) {
        self.positions.extend(work.ends().map(|(partition, at)| (partition.clone(), at)));
    }

    fn begin(&mut self, work: &Work) -> Result<(), Failed> {
        self.answers()?;
        assert!(self.broken != Some(Broken::Panics), "the store panics");
        if self.broken == Some(Broken::Stuck) {
            return Err(Failed::Unavailable("it never commits".into()));
        }
        self.is_next(work)?;
        if self.broken == Some(Broken::PositionsApart) {
            self.advance(work);
        }
        Ok(())
    }

    fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        self.answers()?;
        if self.broken != Some(Broken::PositionsApart) {
            self.is_next(work)?;
        }
        let sorted = work.sort(Held::default());
        let mut rows = self.rows.clone();
        let poison: Vec<Poison> = sorted.apply.iter().filter_map(|located| rows.fold(*located).err()).collect();
        if !poison.is_empty() {
            return Err(Failed::Poisoned(poison));
        }
        self.rows = rows;
        self.parked += sorted.park.len();
        if self.broken != Some(Broken::RowsApart) {
            self.advance(work);
        }
        if self.dice.below(20) == 0 {
            return Err(Failed::Unavailable("it is done, and the answer is lost".into()));
        }
        Ok(Committed { applied: sorted.apply.len(), parked: sorted.park.len() })
    }
}

impl Rows {
    fn fold(&mut self, located: Located<'_>) -> Result<(), Poison> {
        fold::<Posts>(&mut self.posts, located)?;
        fold::<Authors>(&mut self.authors, located)?;
        fold::<Slugs>(&mut self.slugs, located)?;
        fold::<Tags>(&mut self.tags, located)?;
        fold::<Follows>(&mut self.follows, located)?;
        fold::<Preferences>(&mut self.preferences, located)
    }
}

fn fold<V: View>(rows: &mut BTreeMap<V::Key, V::Row>, located: Located<'_>) -> Result<(), Poison> {
    let touched = V::touched(located.event);
    let mut touched: HashMap<V::Key, V::Row> = touched.filter_map(|key| rows.remove_entry(&key)).collect();
    V::apply(&mut touched, located.event).map_err(|gap| located.poison(V::NAME, gap.to_string()))?;
    rows.extend(touched);
    Ok(())
}

impl Projector for Store {
    fn name(&self) -> &str {
        "content"
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        self.step().await;
        self.stored()
    }

    async fn positions(&mut self) -> Result<Positions, Failed> {
        self.step().await;
        self.stored()
    }

    async fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        self.step().await;
        self.0.lock().unwrap().begin(work)?;
        self.step().await;
        let committed = self.0.lock().unwrap().commit(work)?;
        if self.is_broken(Broken::RowsApart) {
            self.step().await;
            self.0.lock().unwrap().advance(work);
        }
        Ok(committed)
    }
}
