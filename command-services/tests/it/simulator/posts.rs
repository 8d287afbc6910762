//! Posts and their slugs, which are for ever.

use std::ops::Range;

use command_services::commands::Caller;
use command_services::posts::drafted;
use command_services::reservations::{Bears, with_reservation};
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
    how: How,
}

/// How a post comes to have a slug.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// It is drafted with it, or is so already.
    Put,
    /// It is drafted with one that is made of its title, and with another where that is taken.
    Suggest,
    /// It is renamed.
    Edit,
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
        let how = match rng.random_range(0..100) {
            0..45 => How::Put,
            45..65 => How::Suggest,
            _ => How::Edit,
        };
        Wish { slug: slug(number + rng.random_range(0..Self::NEAR)), how }
    }

    fn last_wishes(number: usize) -> Vec<Wish> {
        vec![Wish { slug: slug(number), how: How::Put }]
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

    fn is_creation(wish: &Wish) -> bool {
        wish.how == How::Suggest
    }

    fn about(command: &mut Self::Command) -> Option<&mut domain::reservations::Command<Unique>> {
        if let PostCommand::Reservation(about) = command { Some(about) } else { None }
    }

    fn actor(_: Uuid) -> Actor {
        Actor::new(AUTHOR).with(Role::Author)
    }

    fn call(wish: &Wish) -> (&'static str, Value) {
        match wish.how {
            How::Put => ("posts.put", json!({"slug": wish.slug, "title": "A post"})),
            How::Suggest => ("posts.draft", json!({ "title": "A post" })),
            How::Edit => ("posts.edit", json!({ "slug": wish.slug })),
        }
    }

    fn refusal(rejection: &Rejection) -> checker::history::Refusal {
        match rejection {
            Rejection::NotFound => checker::history::Refusal::NotFound,
            Rejection::Differs => checker::history::Refusal::Differs,
            _ => checker::history::Refusal::Invalid,
        }
    }

    /// What `PUT`, `POST /v1/posts` and `PATCH` do with a slug.
    fn answer(process: Process<Self>, caller: Caller, asked: Asked<Self>) -> LocalBoxFuture<'static, Came<Self>> {
        async move {
            let Asked { aggregate: post, wish, .. } = asked;
            let command = caller.command_over::<Self>(&process, post.to_string(), &Self::call(&wish));
            let Wish { slug, how } = wish;
            let put = |lease| PostCommand::Put { content: content(&slug), overwrite: false, lease };
            let edit = |lease| {
                let change = Edited { slug: Some(slug.clone()), ..Edited::default() };
                PostCommand::Edit { change, lease: Some(lease) }
            };
            let decided = match how {
                How::Put => {
                    let seen = (None, Bears::NothingElse);
                    with_reservation(&command, &Unique::Slug(slug.clone()), post, seen, put).await
                }
                How::Suggest => drafted(&command, post, content(&slug), true).await,
                How::Edit => {
                    let seen = (None, Bears::Another);
                    with_reservation(&command, &Unique::Slug(slug.clone()), post, seen, edit).await
                }
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
    Drafted::new(AUTHOR, slug.clone(), "A post".parse().unwrap())
}
