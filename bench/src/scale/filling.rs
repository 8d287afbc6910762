//! Fills a site over HTTP, by as many clients as a busy one has.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use testkit::http::{Client, Request, Response};

use super::world::{Call, World};
use crate::commands::CLIENTS;
use crate::posts;
use crate::site::DEADLINE;

/// A request that is refused for now is sent again so often, after a pause.
const ATTEMPTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Sends everything, in the order in which one needs the other.
pub(super) async fn fill(world: &World, address: SocketAddr) -> anyhow::Result<()> {
    let size = world.size;
    each("accounts", address, size.accounts(), |n| world.account(n)).await?;
    each("drafts", address, size.posts, |n| world.draft(n)).await?;
    each("publications", address, size.posts, |n| world.publish(n)).await?;
    each("followers", address, size.readers, |n| world.follow_the_famous(n)).await?;
    each("followed", address, size.followed - 1, |n| world.follow_one_more(n)).await?;
    each("reactions", address, size.reactions, |n| world.react(n)).await?;
    each("comments", address, size.comments, |n| world.comment(n)).await
}

async fn each(
    what: &str,
    address: SocketAddr,
    count: u32,
    call: impl Fn(u32) -> anyhow::Result<Call>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let client = |place: usize| {
        let call = &call;
        async move {
            let mut client = Client::new(address, DEADLINE);
            for n in (place as u32..count).step_by(CLIENTS) {
                send(&mut client, address, &call(n)?).await?;
            }
            anyhow::Ok(())
        }
    };
    try_join_all((0..CLIENTS).map(client)).await?;
    println!("{count} {what} in {:.1?}", began.elapsed());
    Ok(())
}

/// Sends a command until it is accepted.
///
/// # Errors
/// It is refused for good.
pub(super) async fn send(client: &mut Client, address: SocketAddr, call: &Call) -> anyhow::Result<Response> {
    let Call { method, path, bearer, body } = call;
    let bearer = format!("Bearer {bearer}");
    let request = Request { method, path, headers: &[("authorization", &bearer)], body: body.as_str() }.bytes(address);
    for _ in 0..ATTEMPTS {
        let response = client.send(&request).await?;
        if response.status != 503 {
            posts::accepted(&response)?;
            return Ok(response);
        }
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::bail!("{path} was refused for too long")
}
