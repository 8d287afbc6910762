//! Posts and their slugs, which are for ever.

use std::ops::Range;

use command_services::commands::Caller;
use command_services::reservations::with_reservation;
use domain::posts::{Command as PostCommand, Drafted, Edited, Event, Posts, Rejection, Unique};
use domain::values::Slug;
use domain::{Actor, Role};
use event_log::record::{EventRecord, Record};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::owners::{Owners, Process};
use super::record::not_reserved;
use super::scenario::{Asked, Came, Scenario};

const AUTHOR: Uuid = Uuid::from_u128(0xa);

/// A post is to have a slug.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    slug: Slug,
    /// Whether to draft the post, or to rename it.
    drafts: bool,
}

impl Scenario for Posts {
    type Wish = Wish;

    const AGGREGATES: u128 = 6;
    const RIVALS: usize = 8;
    const NEAR: usize = 2;
    const ASKS: u32 = 10;
    const STEPS: Range<usize> = 50..400;
    const LONG_MS: i64 = 600_000;
    const TRIES: usize = 1;

    fn draw(rng: &mut StdRng, _: Uuid, number: usize, _: &[Asked<Self>]) -> Wish {
        Wish { slug: slug(number + rng.random_range(0..Self::NEAR)), drafts: rng.random_bool(0.6) }
    }

    fn last_wishes(number: usize) -> Vec<Wish> {
        vec![Wish { slug: slug(number), drafts: true }]
    }

    /// Also if it bears another by now: a former slug leads to its post for ever.
    fn is_borne(owners: &Owners<Self>, wish: &Wish) -> bool {
        let state = owners.0.lock().unwrap();
        state.owners.iter().flat_map(|owner| &owner.log).any(|record| match record {
            Record::Event(EventRecord { recorded, .. }) => match &recorded.event {
                Event::Drafted(drafted) => drafted.slug == wish.slug,
                Event::Edited(edited) => edited.slug.as_ref() == Some(&wish.slug),
                _ => false,
            },
            _ => false,
        })
    }

    fn is_vouch(command: &Self::Command) -> bool {
        matches!(command, domain::posts::Command::Reservation(domain::reservations::Command::Vouch { .. }))
    }

    fn actor(_: Uuid) -> Actor {
        Actor::new(AUTHOR).with(Role::Author)
    }

    fn call(wish: &Wish) -> (&'static str, Value) {
        match wish.drafts {
            true => ("posts.put", json!({"slug": wish.slug, "title": "A post"})),
            false => ("posts.edit", json!({ "slug": wish.slug })),
        }
    }

    fn refusal(rejection: &Rejection) -> checker::history::Refusal {
        match rejection {
            Rejection::NotFound => checker::history::Refusal::NotFound,
            Rejection::Differs => checker::history::Refusal::Differs,
            _ => checker::history::Refusal::Invalid,
        }
    }

    /// What `POST /v1/posts` and `PATCH` do with a slug.
    fn answer(process: Process<Self>, caller: Caller, asked: Asked<Self>) -> LocalBoxFuture<'static, Came<Self>> {
        async move {
            let Asked { aggregate: post, wish: Wish { slug, drafts }, .. } = asked;
            let command = caller.command_over::<Self>(&process, post.to_string(), &(drafts, slug.as_str()));
            let draft = |lease| PostCommand::Put { content: content(&slug), overwrite: false, lease };
            let rename = |lease| {
                let change = Edited { slug: Some(slug.clone()), ..Edited::default() };
                PostCommand::Edit { change, lease: Some(lease) }
            };
            let decided = match drafts {
                true => with_reservation(&command, &Unique::Slug(slug.clone()), post, None, draft).await,
                false => with_reservation(&command, &Unique::Slug(slug.clone()), post, None, rename).await,
            };
            decided.map_err(|why| not_reserved(&why))
        }
        .boxed_local()
    }
}

fn slug(number: usize) -> Slug {
    format!("slug-{number}").parse().unwrap()
}

fn content(slug: &Slug) -> Drafted {
    Drafted {
        author_id: AUTHOR,
        co_author_ids: Vec::new(),
        slug: slug.clone(),
        title: "A post".parse().unwrap(),
        summary: "".parse().unwrap(),
        body: "".parse().unwrap(),
        tags: Vec::new(),
        originally_published_at: None,
    }
}
