//! What people may do whose feeds are read: they write together, publish and take back, follow and unfollow each other,
//! tags, categories and series; and what they follow is merged, moved and emptied.

use std::collections::HashMap;

use domain::following::{self, Edge, Followed, SubjectFollowed, SubjectUnfollowed, Unfollowed};
use domain::posts::archive::{ArchiveEvent, Archived, Unarchived};
use domain::posts::co_authors::{CoAuthorJoined, CoAuthorLeft, HandedOver};
use domain::posts::{self, CoAuthorEvent, Deleted, Drafted, Edited, Published, Restored, Unpublished};
use domain::series::{self, PostAdded, PostRemoved};
use domain::taxonomy::{self, CategoryCreated, CategoryMerged, CategoryMoved, TagsMerged};
use domain::values::{SubjectKind, Visibility};
use domain::views::ViewEvent;
use domain::{AnyEvent, Timestamp};
use uuid::Uuid;

use super::history::{Dice, recorded};

pub(crate) const PEOPLE: usize = 6;
const TAGS: [&str; 4] = ["rust", "rustlang", "tea", "rain"];
const CATEGORIES: usize = 5;
const SERIES: usize = 2;

pub(crate) fn person(n: usize) -> Uuid {
    Uuid::from_u128(0x9000 + n as u128)
}

fn category(n: usize) -> Uuid {
    Uuid::from_u128(0xc000 + n as u128)
}

fn series_id(n: usize) -> Uuid {
    Uuid::from_u128(0x5e00 + n as u128)
}

/// What happens, from a seed.
pub(crate) struct Story {
    dice: Dice,
    now: i64,
    versions: HashMap<String, u64>,
    posts: Vec<Uuid>,
    follows: Vec<(Uuid, Uuid)>,
}

impl Story {
    pub(crate) fn new(seed: u64) -> Self {
        let (versions, posts, follows) = (HashMap::new(), Vec::new(), Vec::new());
        Self { dice: Dice::new(seed), now: 1_700_000_000_000, versions, posts, follows }
    }

    fn happens(&mut self, aggregate_id: String, at: i64, event: AnyEvent) -> ViewEvent {
        let version = self.versions.entry(format!("{}/{aggregate_id}", event.context())).or_default();
        *version += 1;
        recorded(aggregate_id, *version, at, event)
    }

    /// The next so many things, or some more.
    pub(crate) fn go_on(&mut self, steps: usize) -> Vec<ViewEvent> {
        let mut events = if self.versions.is_empty() { self.begin() } else { Vec::new() };
        while events.len() < steps {
            // Now and then two things happen at the very same time.
            self.now += [0, 1_000, 1_700][self.dice.below(3)];
            match self.dice.below(20) {
                0..4 => events.extend(self.drafts()),
                4..11 => events.extend(self.of_a_post()),
                11..15 => events.extend(self.of_a_pair()),
                15..17 => events.push(self.of_a_subject()),
                17 => events.push(self.of_a_series()),
                18 => events.push(self.of_taxonomy()),
                _ => events.extend(if self.dice.below(6) == 0 { self.is_forgotten() } else { self.of_a_post() }),
            }
        }
        events
    }

    fn begin(&mut self) -> Vec<ViewEvent> {
        let mut events = Vec::new();
        for n in 0..CATEGORIES {
            let event = taxonomy::Event::CategoryCreated(CategoryCreated {
                category_id: category(n),
                parent_id: (n > 2).then(|| category(n - 2)),
                slug: format!("category-{n}").parse().unwrap(),
                name: format!("Category {n}").parse().unwrap(),
                description: "".parse().unwrap(),
                place: n as i64,
            });
            events.push(self.happens("categories".to_owned(), self.now, event.into()));
        }
        for n in 0..SERIES {
            let event = series::Event::Created(series::Created {
                owner_id: person(n),
                slug: format!("series-{n}").parse().unwrap(),
                title: format!("Series {n}").parse().unwrap(),
                description: "".parse().unwrap(),
            });
            events.push(self.happens(series_id(n).to_string(), self.now, event.into()));
        }
        events
    }

    fn anyone(&mut self) -> Uuid {
        person(self.dice.below(PEOPLE))
    }

    fn post(&mut self, id: Uuid, at: i64, event: posts::Event) -> ViewEvent {
        self.happens(id.to_string(), at, event.into())
    }

    fn drafted(&mut self, author: Uuid, co_author_ids: Vec<Uuid>, at: i64) -> ViewEvent {
        let id = Uuid::from_u128(0x1000_0000_0000 + (self.dice.below(0xffff) * 0x1_0000 + self.posts.len()) as u128);
        self.posts.push(id);
        let tag = TAGS[self.dice.below(TAGS.len())].parse().unwrap();
        let drafted = Drafted {
            co_author_ids,
            tags: vec![tag],
            category_ids: domain::Gained(vec![category(self.dice.below(CATEGORIES))]),
            ..Drafted::new(author, format!("post-{}", self.posts.len()).parse().unwrap(), "A post".parse().unwrap())
        };
        self.post(id, at, posts::Event::Drafted(drafted))
    }

    /// A post of one author alone that no one else follows by anything.
    pub(crate) fn published_by(&mut self, author: Uuid, at: i64) -> Vec<ViewEvent> {
        let drafted = self.drafted(author, Vec::new(), at);
        let id = *self.posts.last().unwrap();
        vec![drafted, self.post(id, at, posts::Event::Published(Published {}))]
    }

    /// Something becomes of the post that came last.
    pub(crate) fn then(&mut self, at: i64, event: posts::Event) -> Vec<ViewEvent> {
        let id = *self.posts.last().unwrap();
        vec![self.post(id, at, event)]
    }

    fn drafts(&mut self) -> Vec<ViewEvent> {
        let (author, co_author) = (self.anyone(), self.anyone());
        let co_authors = if self.dice.below(3) == 0 { vec![co_author] } else { Vec::new() };
        let drafted = self.drafted(author, co_authors, self.now);
        let id = *self.posts.last().unwrap();
        vec![drafted, self.post(id, self.now, posts::Event::Published(Published {}))]
    }

    fn of_a_post(&mut self) -> Vec<ViewEvent> {
        if self.posts.is_empty() {
            return self.drafts();
        }
        let (id, who, other) = (self.posts[self.dice.below(self.posts.len())], self.anyone(), self.anyone());
        let edited = Edited::default;
        let event = match self.dice.below(16) {
            0 | 1 | 14 => posts::Event::Unpublished(Unpublished {}),
            2..5 | 15 => posts::Event::Published(Published {}),
            5 => posts::Event::Deleted(Deleted {}),
            6 => posts::Event::Restored(Restored {}),
            7 => posts::Event::Edited(Edited {
                visibility: Some(Visibility::ALL[self.dice.below(Visibility::ALL.len())]),
                ..edited()
            }),
            8 => posts::Event::Edited(Edited {
                originally_published_at: Some(Timestamp(1_700_000_000_000 - 1_000 * self.dice.below(9) as i64)),
                ..edited()
            }),
            9 => posts::Event::Edited(Edited {
                tags: Some(vec![TAGS[self.dice.below(TAGS.len())].parse().unwrap()]),
                category_ids: Some(vec![category(self.dice.below(CATEGORIES))]),
                ..edited()
            }),
            10 => posts::Event::Archive(if self.dice.below(2) == 0 {
                ArchiveEvent::Archived(Archived {})
            } else {
                ArchiveEvent::Unarchived(Unarchived {})
            }),
            11 => posts::Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id: who })),
            12 => posts::Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id: who })),
            _ => posts::Event::CoAuthors(CoAuthorEvent::HandedOver(HandedOver {
                from_account_id: who,
                to_account_id: other,
            })),
        };
        vec![self.post(id, self.now, event)]
    }

    pub(crate) fn follows(&mut self, follower_id: Uuid, followee_id: Uuid, at: i64) -> Vec<ViewEvent> {
        self.follows.push((follower_id, followee_id));
        let event = following::Event::Followed(Followed { follower_id, followee_id });
        vec![self.happens(Edge { follower_id, followee_id }.id(), at, event.into())]
    }

    pub(crate) fn unfollows(&mut self, follower_id: Uuid, followee_id: Uuid, at: i64) -> Vec<ViewEvent> {
        self.follows.retain(|pair| *pair != (follower_id, followee_id));
        let event = following::Event::Unfollowed(Unfollowed { follower_id, followee_id });
        vec![self.happens(Edge { follower_id, followee_id }.id(), at, event.into())]
    }

    fn of_a_pair(&mut self) -> Vec<ViewEvent> {
        let (follower, followee) = (self.anyone(), self.anyone());
        if self.follows.contains(&(follower, followee)) {
            self.unfollows(follower, followee, self.now)
        } else {
            self.follows(follower, followee, self.now)
        }
    }

    /// All that they follow, and all who follow them, ends.
    fn is_forgotten(&mut self) -> Vec<ViewEvent> {
        let who = self.anyone();
        let theirs: Vec<_> = self.follows.iter().copied().filter(|pair| pair.0 == who || pair.1 == who).collect();
        theirs.into_iter().flat_map(|(one, other)| self.unfollows(one, other, self.now)).collect()
    }

    fn of_a_subject(&mut self) -> ViewEvent {
        let (follower_id, kind) = (self.anyone(), SubjectKind::ALL[self.dice.below(SubjectKind::ALL.len())]);
        let which = match kind {
            SubjectKind::Tag => TAGS[self.dice.below(TAGS.len())].to_owned(),
            SubjectKind::Category => category(self.dice.below(CATEGORIES)).to_string(),
            SubjectKind::Series => series_id(self.dice.below(SERIES)).to_string(),
        };
        let id = format!("{follower_id}:{}:{which}", kind.name());
        let is_followed = self.versions.get(&format!("following/{id}")).is_some_and(|version| version % 2 == 1);
        let (subject_kind, subject_ref) = (kind, which);
        let event = if is_followed {
            following::Event::SubjectUnfollowed(SubjectUnfollowed { follower_id, subject_kind, subject_ref })
        } else {
            following::Event::SubjectFollowed(SubjectFollowed { follower_id, subject_kind, subject_ref })
        };
        self.happens(id, self.now, event.into())
    }

    fn of_a_series(&mut self) -> ViewEvent {
        let id = series_id(self.dice.below(SERIES));
        let post_id = self.posts.get(self.dice.below(self.posts.len().max(1))).copied().unwrap_or(Uuid::nil());
        let event = match self.dice.below(12) {
            0..8 => series::Event::PostAdded(PostAdded { post_id }),
            8..11 => series::Event::PostRemoved(PostRemoved { post_id }),
            _ => series::Event::Deleted(series::Deleted {}),
        };
        self.happens(id.to_string(), self.now, event.into())
    }

    /// A category is only put below one of a lower number, and the last only are merged: so it stays a tree.
    fn of_taxonomy(&mut self) -> ViewEvent {
        match self.dice.below(8) {
            0 => {
                let event = taxonomy::Event::TagsMerged(TagsMerged {
                    tag: "rustlang".parse().unwrap(),
                    into_tag: "rust".parse().unwrap(),
                    names: vec!["rustlang".parse().unwrap()],
                });
                self.happens("tags".to_owned(), self.now, event.into())
            }
            1 => {
                let event = taxonomy::Event::CategoryMerged(CategoryMerged {
                    category_id: category(CATEGORIES - 1),
                    into_id: category(0),
                    child_ids: Vec::new(),
                    first_place: 0,
                });
                self.happens("categories".to_owned(), self.now, event.into())
            }
            _ => {
                let n = 1 + self.dice.below(CATEGORIES - 2);
                let parent = self.dice.below(n + 1);
                let event = taxonomy::Event::CategoryMoved(CategoryMoved {
                    category_id: category(n),
                    parent_id: (parent < n).then(|| category(parent)),
                    place: 0,
                });
                self.happens("categories".to_owned(), self.now, event.into())
            }
        }
    }
}
