//! Posts and their slugs, which they keep until they give them up.

use std::ops::Range;

use command_services::commands::Caller;
use command_services::posts::{drafted, given_up};
use command_services::reservations::{Bears, with_reservation};
use domain::posts::{Command as PostCommand, Drafted, Edited, Post, Posts, Rejection, State, Unique};
use domain::values::Slug;
use domain::{Actor, Role};
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
    /// It had it, and is to have it no more.
    GiveUp,
}

impl Scenario for Posts {
    type Wish = Wish;

    const AGGREGATES: u128 = 6;
    const RIVALS: usize = 8;
    const NEAR: usize = 2;
    const ASKS: u32 = 10;
    const STEPS: Range<usize> = 50..400;
    const LONG_MS: i64 = 600_000;
    /// The first finds out that a slug is borne no more, and gives it up for the one that did not.
    const TRIES: usize = 2;

    fn draw(rng: &mut StdRng, _: Uuid, number: usize, _: &[Asked<Self>]) -> Wish {
        let how = match rng.random_range(0..100) {
            0..45 => How::Put,
            45..60 => How::Suggest,
            60..85 => How::Edit,
            _ => How::GiveUp,
        };
        Wish { slug: slug(number + rng.random_range(0..Self::NEAR)), how }
    }

    fn last_wishes(number: usize) -> Vec<Wish> {
        vec![Wish { slug: slug(number), how: How::Put }]
    }

    /// Also if it has another by now: a former slug leads to its post until that gives it up.
    fn is_borne(owners: &Owners<Self>, wish: &Wish) -> bool {
        owners.any(|state| matches!(state, State::Post(post) if post.bears(&wish.slug)))
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
            How::GiveUp => ("posts.give_up_slug", json!({ "slug": wish.slug })),
        }
    }

    fn refusal(rejection: &Rejection) -> checker::history::Refusal {
        match rejection {
            Rejection::NotFound => checker::history::Refusal::NotFound,
            Rejection::Differs => checker::history::Refusal::Differs,
            _ => checker::history::Refusal::Invalid,
        }
    }

    /// What `PUT`, `POST /v1/posts`, `PATCH` and `DELETE …/slugs/{slug}` do with a slug.
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
                How::GiveUp => {
                    let (version, state) = process.seen(&post.to_string()).unwrap_or_default();
                    let is_former = |post: &Post| post.bears(&slug) && *post.slug() != slug;
                    let is_kept = matches!(&state, State::Post(post) if is_former(post));
                    given_up(&command, post, slug, (version, is_kept)).await
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
