//! Histories: what authors might have done, drawn from a seed.

use std::path::Path;

use domain::accounts::{self, PreferencesChanged, ProfileChanged, Registered};
use domain::comments::{self, comment_id};
use domain::context::PayloadDecoder;
use domain::following::{self, Edge, Followed, SubjectFollowed, SubjectUnfollowed, Unfollowed};
use domain::moderation::{self, FILTERS, Pair, Target};
use domain::personal::Personal;
use domain::posts::archive::{ArchiveEvent, Archived, Unarchived};
use domain::posts::co_authors::{CoAuthorInvited, CoAuthorLeft};
use domain::posts::moderated::{Hidden, RulingEvent, Shown};
use domain::posts::previews::{PreviewGiven, PreviewRevoked};
use domain::posts::review::{Approved, ChangesRequested, ReviewWithdrawn, SubmittedForReview};
use domain::posts::schedule::Moment;
use domain::posts::{
    self, CoAuthorEvent, Deleted, Drafted, Edited, ExpiryWithdrawn, PreviewEvent, Published, Restored, ReviewEvent,
    Unpublished, Unscheduled,
};
use domain::reactions::{self, Given, Shared, Unshared, Withdrawn};
use domain::reservations::{Held, Reserved};
use domain::values::{Filter, SubjectKind, Tag, TargetKind, Visibility};
use domain::views::ViewEvent;
use domain::{AnyEvent, BoundedContext, ContextVisitor, Event as _, Gained, Recorded, Timestamp, for_each_context};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A small generator of numbers that is the same everywhere.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }
}

/// People who follow each other, and the pairs of them.
const PEOPLE: usize = 4;
const PAIRS: usize = PEOPLE * PEOPLE;
/// What people follow: of each a tag, a category and a series.
const INTERESTS: usize = PEOPLE * SubjectKind::ALL.len();
/// Reactions and shares: of each of the people, of a post and a comment.
const MARKS: usize = PEOPLE * 2 * WHAT.len();
const WHAT: [&str; 3] = ["like", "insightful", "mastodon"];
const TAGS: [&str; 6] = ["rust", "kafka", "tea", "rain", "maps", "news"];

/// The contexts whose events are drawn here.
const DRAWN: [&str; 6] = ["accounts", "following", "moderation", "posts", "reactions", "security"];

/// Of each context that is not drawn, an aggregate to which everything happens that can, as the samples of its events
/// have it: so a view of a further context has rows, too.
struct Others(Vec<ViewEvent>);

impl ContextVisitor for Others {
    fn visit<C: BoundedContext>(&mut self) {
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../avro-schemas").join(C::NAME);
        let names: &[&str] = if DRAWN.contains(&C::NAME) { &[] } else { C::Event::NAMES };
        for (name, version) in names.iter().zip(1..) {
            let record = name.rsplit('.').next().unwrap();
            // An event without fields of its own has no sample.
            let sample = std::fs::read_to_string(schemas.join(format!("{record}.sample.json"))).unwrap_or("{}".into());
            let event = C::Event::decode(name, Sample(sample)).unwrap().unwrap();
            let occurred_at = Timestamp(1_600_000_000_000 + version as i64);
            // An id as most aggregates have, of this context alone; what is found by another names it in its events.
            let number = C::NAME.bytes().fold(0, |number, byte| number << 8 | u128::from(byte));
            let aggregate_id = Uuid::from_u128(number).to_string();
            let actor_id = Uuid::from_u128(1);
            self.0.push(Recorded { aggregate_id, version, occurred_at, actor_id, event: event.into() });
        }
    }
}

struct Sample(String);

impl PayloadDecoder for Sample {
    type Error = serde_json::Error;
    fn decode<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

/// Several posts, accounts and pairs of accounts whose events are interleaved; before them, what else there is.
pub(crate) fn history(seed: u64, posts: usize, steps: usize) -> Vec<ViewEvent> {
    let mut dice = Dice::new(seed);
    let mut versions = vec![0_u64; posts];
    let mut account_versions = vec![0_u64; posts / 4 + 1];
    let mut pair_versions = [0_u64; PAIRS];
    // Drawn apart: what else happens stays as it was.
    let (mut of_marks, mut mark_versions) = (Dice::new(seed ^ 0x3a4c), [0_u64; MARKS]);
    let (mut of_interests, mut interest_versions) = (Dice::new(seed ^ 0x1e7e), [0_u64; INTERESTS]);
    let (mut of_cases, mut case_versions) = (Dice::new(seed ^ 0xca5e), [0_u64; CASES]);
    // Apart, so that the rest is drawn as it is without comments.
    let (mut talk, mut threads) = (Dice::new(seed + 1), vec![(0_u64, 0_usize); posts]);
    let mut now = 1_700_000_000_000;
    let mut others = Others(Vec::new());
    for_each_context(&mut others);
    let Others(mut events) = others;
    for _ in 0..steps {
        now += i64::try_from(1 + dice.below(5_000)).unwrap();
        if of_interests.below(8) == 0 {
            let n = of_interests.below(INTERESTS);
            interest_versions[n] += 1;
            events.push(interest_event(n, interest_versions[n], now));
        }
        if of_marks.below(6) == 0 {
            let n = of_marks.below(MARKS);
            mark_versions[n] += 1;
            events.push(mark_event(n, mark_versions[n], now));
        }
        if of_cases.below(6) == 0 {
            let n = of_cases.below(CASES);
            case_versions[n] += 1;
            events.push(moderation_event(n, case_versions[n], now, &mut of_cases));
        }
        if talk.below(3) == 0 {
            let n = talk.below(posts);
            events.push(comment_event(n, &mut threads[n], now, &mut talk));
        }
        if dice.below(8) == 0 {
            let n = dice.below(account_versions.len());
            account_versions[n] += 1;
            events.push(account_event(n, account_versions[n], now, &mut dice));
        } else if dice.below(6) == 0 {
            let n = dice.below(PAIRS);
            pair_versions[n] += 1;
            events.push(pair_event(n / PEOPLE, n % PEOPLE, pair_versions[n], now));
        } else {
            let n = dice.below(posts);
            versions[n] += 1;
            if versions[n] == 1 {
                events.push(claim(n, now, &mut dice));
            }
            events.push(post_event(n, versions[n], now, &mut dice));
        }
    }
    events
}

pub(crate) fn post_id(n: usize) -> Uuid {
    Uuid::from_u128(0x1000 + n as u128)
}

/// What a text shows that has a picture.
const SHOWN: &str = "![one](/media/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08)";

pub(crate) fn drafted(n: usize, at: i64) -> ViewEvent {
    let (slug, title) = (format!("post-{n}"), format!("Post \"{n}\" \\ {{x}}"));
    let event = posts::Event::Drafted(Drafted {
        co_author_ids: vec![Uuid::from_u128(2), Uuid::from_u128(3)],
        summary: "What it is about, naïvely".parse().unwrap(),
        body: format!("# Heading\n\n{}{SHOWN}", "words and words, ".repeat(20)).parse().unwrap(),
        tags: vec!["rust".parse().unwrap(), "tea".parse().unwrap()],
        category_ids: domain::Gained(vec![category_id(0), category_id(1)]),
        cover_image: Some(domain::values::Sha256::of_digest([0xc0; 32]).into()),
        language_tag: Some("de-AT".parse().unwrap()),
        custom_fields: Some(r#"{"deck":"مرحبا"}"#.parse().unwrap()),
        ..Drafted::new(Uuid::from_u128(1), slug.parse().unwrap(), title.parse().unwrap())
    });
    recorded(post_id(n).to_string(), 1, at, AnyEvent::Posts(event))
}

pub(crate) fn post(n: usize, version: u64, at: i64, event: posts::Event) -> ViewEvent {
    recorded(post_id(n).to_string(), version, at, AnyEvent::Posts(event))
}

pub(crate) fn published(n: usize, version: u64, at: i64) -> ViewEvent {
    post(n, version, at, posts::Event::Published(Published {}))
}

/// An edit to a date that no calendar reaches: Postgres refuses it.
pub(crate) fn impossible(n: usize, version: u64, at: i64) -> ViewEvent {
    let edited = Edited { originally_published_at: Some(Timestamp(i64::MAX / 2)), ..Edited::default() };
    post(n, version, at, posts::Event::Edited(edited))
}

pub(crate) fn recorded(aggregate_id: String, version: u64, at: i64, event: AnyEvent) -> ViewEvent {
    Recorded { aggregate_id, version, occurred_at: Timestamp(at), actor_id: Uuid::from_u128(1), event }
}

/// One that the samples of `taxonomy` are about, or another.
fn category_id(n: usize) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0021 + n as u128)
}

fn tags(dice: &mut Dice) -> Vec<Tag> {
    (0..dice.below(4)).map(|_| TAGS[dice.below(TAGS.len())].parse().unwrap()).collect()
}

/// A link is given, or one that may have been is revoked.
fn preview_event(n: usize, at: i64, dice: &mut Dice) -> PreviewEvent {
    let preview_id = Uuid::from_u128(0x2000 + (n * 4 + dice.below(4)) as u128);
    match dice.below(3) {
        0 => PreviewEvent::PreviewRevoked(PreviewRevoked { preview_id }),
        _ => PreviewEvent::PreviewGiven(PreviewGiven {
            preview_id,
            token_sha256: format!("{at:064x}"),
            expires_at: Timestamp(at + 60_000),
        }),
    }
}

fn review_event(dice: &mut Dice) -> ReviewEvent {
    match dice.below(4) {
        0 => ReviewEvent::Approved(Approved { copy_sha256: None }),
        1 => ReviewEvent::ChangesRequested(ChangesRequested { note: "Why?".parse().unwrap() }),
        2 => ReviewEvent::ReviewWithdrawn(ReviewWithdrawn {}),
        _ => ReviewEvent::SubmittedForReview(SubmittedForReview { copy_sha256: Some("c0".to_owned()) }),
    }
}

fn person(dice: &mut Dice) -> Uuid {
    Uuid::from_u128(1 + dice.below(PEOPLE) as u128)
}

fn post_event(n: usize, version: u64, at: i64, dice: &mut Dice) -> ViewEvent {
    if version == 1 {
        return drafted(n, at);
    }
    let event = match dice.below(20) {
        12..15 => planned(at, dice),
        15 | 16 => posts::Event::Archive(ArchiveEvent::Archived(Archived {})),
        17 => posts::Event::Archive(ArchiveEvent::Unarchived(Unarchived {})),
        18 => posts::Event::Ruling(RulingEvent::Hidden(Hidden { ruling: at, from_author: dice.below(2) == 0 })),
        19 => posts::Event::Ruling(RulingEvent::Shown(Shown { ruling: at })),
        0 | 1 => posts::Event::Published(Published {}),
        2 => posts::Event::Unpublished(Unpublished {}),
        3 => posts::Event::Deleted(Deleted {}),
        4 => posts::Event::Restored(Restored {}),
        5 => posts::Event::Edited(Edited {
            slug: Some(format!("post-{n}-{version}").parse().unwrap()),
            tags: Some(tags(dice)),
            ..Edited::default()
        }),
        6 => posts::Event::Edited(Edited {
            body: Some(format!("version {version}").parse().unwrap()),
            category_ids: Some((0..dice.below(3)).map(category_id).collect()),
            visibility: Some(Visibility::ALL[dice.below(Visibility::ALL.len())]),
            featured: Some(dice.below(2) == 0),
            reset_fields: vec!["language_tag".to_owned()],
            co_author_ids: Some(Vec::new()),
            ..Edited::default()
        }),
        7 => posts::Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id: person(dice) })),
        8 => posts::Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id: person(dice) })),
        9 => posts::Event::Previews(preview_event(n, at, dice)),
        11 => posts::Event::Review(review_event(dice)),
        _ => posts::Event::Edited(Edited {
            originally_published_at: Some(Timestamp(at - 1_000_000)),
            tags: Some(tags(dice)),
            ..Edited::default()
        }),
    };
    post(n, version, at, event)
}

/// Further off than any history is long: what is due here is carried out by no leader.
const A_YEAR_MS: i64 = 31_536_000_000;

/// Something that happens to a post's schedule.
fn planned(at: i64, dice: &mut Dice) -> posts::Event {
    let local = ("2026-10-25T02:30:00".parse().unwrap(), "Europe/Vienna".parse().unwrap());
    let moment = Moment { at: Timestamp(at + A_YEAR_MS), local: (dice.below(2) == 0).then_some(local) };
    match dice.below(4) {
        0 => posts::Event::Scheduled(moment.into()),
        1 => posts::Event::Unscheduled(Unscheduled {}),
        2 => posts::Event::ExpirySet(moment.into()),
        _ => posts::Event::ExpiryWithdrawn(ExpiryWithdrawn {}),
    }
}

/// Something that happens among the comments on a post, of which there are so many events and comments so far.
fn comment_event(n: usize, thread: &mut (u64, usize), at: i64, dice: &mut Dice) -> ViewEvent {
    let (version, written) = thread;
    *version += 1;
    let (post_id, author_id) = (post_id(n), person(dice));
    let words = |dice: &mut Dice| Personal::Plain(format!("words {} \"\\\\\"", dice.below(100)).parse().unwrap());
    let one = |dice: &mut Dice| i64::try_from(1 + dice.below(*written + 1)).unwrap();
    // Now and then a filter holds one.
    let held = |dice: &mut Dice| Gained(if dice.below(6) == 0 { vec![Filter::Words] } else { Vec::new() });
    let (ruling, filters_version) = (i64::try_from(*version).unwrap(), Some(1));
    let event = match dice.below(10) {
        0 => comments::Event::Deleted(comments::Deleted { post_id, number: one(dice), author_id }),
        1 | 2 => {
            let (number, text, held_by) = (one(dice), words(dice), held(dice));
            comments::Event::Edited(comments::Edited { post_id, number, author_id, text, held_by, filters_version })
        }
        3 => comments::Event::Erased(comments::Erased {
            post_id,
            account_id: author_id,
            numbers: vec![one(dice), one(dice)],
        }),
        4 => {
            let (number, from_author) = (one(dice), dice.below(2) == 0);
            comments::Event::Hidden(comments::Hidden { post_id, number, author_id, ruling, from_author })
        }
        5 => comments::Event::Shown(comments::Shown { post_id, number: one(dice), author_id, ruling }),
        _ => {
            let (reply_to, text) = ((*written > 0 && dice.below(2) == 0).then(|| one(dice)), words(dice));
            *written += 1;
            let number = i64::try_from(*written).unwrap();
            comments::Event::Written(comments::Written {
                comment_id: comments::comment_id(post_id, number),
                post_id,
                number,
                author_id,
                reply_to,
                depth: i64::from(reply_to.is_some()),
                text,
                editable_until_at: Timestamp(at + 60_000),
                held_by: held(dice),
                filters_version,
            })
        }
    };
    recorded(post_id.to_string(), *version, at, AnyEvent::Comments(event))
}

/// Cases of comments, then pairs of people, and what comments are held for.
const CASES: usize = OF_COMMENTS + PEOPLE + 1;
const OF_COMMENTS: usize = 4;

/// Something that happens in a case, between two people, or to the filters: as the sample of it says, but of this case.
fn moderation_event(n: usize, version: u64, at: i64, dice: &mut Dice) -> ViewEvent {
    let names = moderation::Event::NAMES;
    let place = |record: &str| names.iter().position(|name| name.ends_with(&format!(".{record}"))).unwrap();
    let (pairs, ruling) = (place("PersonBlocked"), i64::try_from(version).unwrap());
    let (name, id, changes) = if n < OF_COMMENTS {
        let target = Target::Comment { post_id: post_id(n), number: 1 };
        // One before it; the first has none.
        let former = i64::try_from(dice.below(usize::try_from(version).unwrap())).unwrap();
        let changes = json!({"post_id": post_id(n), "number": 1, "target_id": target.target_id(), "ruling": ruling,
            "former_ruling": former, "reporter_id": person(dice), "subject_id": person(dice)});
        (names[dice.below(pairs)], target.id(), changes)
    } else if n < OF_COMMENTS + PEOPLE {
        let (blocker_id, blocked_id) = (account_id(n - OF_COMMENTS), account_id(0));
        let changes = json!({"blocker_id": blocker_id, "blocked_id": blocked_id});
        // Now the one blocks the other, now they do not.
        (names[pairs + (version as usize + 1) % 2], Pair { blocker_id, blocked_id }.id(), changes)
    } else {
        (names[place("FiltersChanged")], FILTERS.to_owned(), json!({"first_comments": version}))
    };
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../avro-schemas/moderation");
    let sample = std::fs::read_to_string(schemas.join(format!("{}.sample.json", name.rsplit('.').next().unwrap())));
    let mut fields: Map<String, Value> = serde_json::from_str(&sample.unwrap()).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        fields.entry(field).and_modify(|before| *before = value.clone());
    }
    let event = moderation::Event::decode(name, Sample(Value::from(fields).to_string())).unwrap().unwrap();
    recorded(id, version, at, AnyEvent::Moderation(event))
}

fn claim(n: usize, at: i64, dice: &mut Dice) -> ViewEvent {
    let claimed_value = format!("post-{n}");
    let id = format!("slug:{claimed_value}");
    let holder_id = post_id(n);
    let event = if dice.below(2) == 0 {
        posts::ReservationEvent::SlugClaimed(Reserved { claimed_value, holder_id, expires_at: Timestamp(at + 60_000) })
    } else {
        posts::ReservationEvent::SlugConfirmed(Held { claimed_value, holder_id })
    };
    recorded(id, 1, at, AnyEvent::Posts(event.into()))
}

fn account_event(n: usize, version: u64, at: i64, dice: &mut Dice) -> ViewEvent {
    let id = account_id(n).to_string();
    let event = if version == 1 {
        accounts::Event::Registered(Registered {
            user_name: format!("Author{n}").parse().unwrap(),
            display_name: "Ada \"Countess\" L.".parse().unwrap(),
            bio: "".parse().unwrap(),
            image_url: "".parse().unwrap(),
            email_key: domain::values::EmailKey::none(),
        })
    } else if dice.below(3) == 0 {
        let some = |dice: &mut Dice, text: &str| (dice.below(2) == 0).then(|| text.to_owned());
        accounts::Event::PreferencesChanged(PreferencesChanged {
            locale: some(dice, "pt-BR"),
            theme: some(dice, "dark"),
            posts_per_page: Some(10 + i64::try_from(dice.below(90)).unwrap()),
            email_comment: Some(dice.below(2) == 0),
            reset_fields: some(dice, "theme").into_iter().collect(),
            ..PreferencesChanged::default()
        })
    } else {
        accounts::Event::ProfileChanged(ProfileChanged {
            display_name: None,
            bio: Some(format!("bio {}", dice.below(100)).parse().unwrap()),
            image_url: None,
        })
    };
    recorded(id, version, at, AnyEvent::Accounts(event))
}

fn account_id(n: usize) -> Uuid {
    Uuid::from_u128(0x9000 + n as u128)
}

/// Now the one follows the other, now it does not.
pub(crate) fn pair_event(follower: usize, followee: usize, version: u64, at: i64) -> ViewEvent {
    let edge = Edge { follower_id: account_id(follower), followee_id: account_id(followee) };
    let Edge { follower_id, followee_id } = edge;
    let event = if version % 2 == 1 {
        following::Event::Followed(Followed { follower_id, followee_id })
    } else {
        following::Event::Unfollowed(Unfollowed { follower_id, followee_id })
    };
    recorded(edge.id(), version, at, AnyEvent::Following(event))
}

/// Now a tag, a category or a series is followed, now it is not.
fn interest_event(n: usize, version: u64, at: i64) -> ViewEvent {
    let (follower_id, kind) = (account_id(n / SubjectKind::ALL.len()), SubjectKind::ALL[n % SubjectKind::ALL.len()]);
    let which = if kind == SubjectKind::Tag { TAGS[0].to_owned() } else { Uuid::from_u128(0x7000).to_string() };
    let id = format!("{follower_id}:{}:{which}", kind.name());
    let event = if version % 2 == 1 {
        following::Event::SubjectFollowed(SubjectFollowed { follower_id, subject_kind: kind, subject_ref: which })
    } else {
        following::Event::SubjectUnfollowed(SubjectUnfollowed { follower_id, subject_kind: kind, subject_ref: which })
    };
    recorded(id, version, at, AnyEvent::Following(event))
}

/// Now a reaction or a share is there, now it is not.
pub(crate) fn mark_event(n: usize, version: u64, at: i64) -> ViewEvent {
    let (person, which, what) = (n / (2 * WHAT.len()), n / WHAT.len() % 2, WHAT[n % WHAT.len()]);
    let (account_id, target_kind) = (account_id(person), [TargetKind::Post, TargetKind::Comment][which]);
    let target_id = if which == 0 { post_id(0) } else { comment_id(post_id(0), 1) };
    let event = match (n % WHAT.len(), version % 2) {
        (2, 1) => reactions::Event::Shared(Shared { account_id, target_kind, target_id, place: what.parse().unwrap() }),
        (2, _) => {
            reactions::Event::Unshared(Unshared { account_id, target_kind, target_id, place: what.parse().unwrap() })
        }
        (_, 1) => reactions::Event::Given(Given { account_id, target_kind, target_id, kind: what.parse().unwrap() }),
        _ => reactions::Event::Withdrawn(Withdrawn { account_id, target_kind, target_id, kind: what.parse().unwrap() }),
    };
    let sort = if n % WHAT.len() == 2 { "share" } else { "reaction" };
    let id = format!("{account_id}:{sort}:{what}:{}:{target_id}", target_kind.name());
    recorded(id, version, at, AnyEvent::Reactions(event))
}

/// A change of an account's preferences.
pub(crate) fn preferring(n: usize, version: u64, changed: PreferencesChanged) -> ViewEvent {
    let event = AnyEvent::Accounts(accounts::Event::PreferencesChanged(changed));
    recorded(account_id(n).to_string(), version, 1_700_000_000_000, event)
}
