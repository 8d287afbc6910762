//! Several commands in one request (`POST /v1/bulk`): each line is a command of its own, whose outcome is held to what
//! a request by itself is held to.

use std::collections::HashMap;
use std::time::Duration;

use rand::Rng as _;
use serde_json::{Value, json};
use testkit::http::Response;
use tokio::time::{Instant, timeout_at};

use super::{ANSWERS, Client};
use crate::load::values::one_of;
use crate::load::{Intent, Person};

/// How often a client sends several commands at once, instead of one.
pub(super) const SHARE: f64 = 0.03;
/// How many it sends then.
const LINES: std::ops::RangeInclusive<usize> = 2..=8;

/// What sends such a request: its answer comes in pieces, which those that send one command cannot read.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client needs nothing that could be missing")
}

impl Client {
    /// Sends several commands at once. What has no outcome then is asked again by itself, with the same key.
    pub(super) async fn perform_together(&mut self) {
        let (world, mut drawn) = (std::sync::Arc::clone(&self.world), Vec::new());
        let (person, wanted) = (self.person.clone(), self.rng.random_range(LINES));
        for _ in 0..wanted {
            let (generator, intent) = self.draw(&world);
            // Another's commands and bytes are no lines of this client's, and no two lines have one key.
            let is_line = generator.sender().is_none() && !matches!(intent.body, Value::String(_));
            if is_line && drawn.iter().all(|(_, other): &(_, Intent)| other.key != intent.key) {
                drawn.push((generator, intent));
            }
        }
        let invoked_at = world.clock.now();
        let answers = self.ask_together(&person, drawn.iter().map(|(_, intent)| intent)).await;
        let mut left = Vec::new();
        for (generator, intent) in drawn {
            let asked = (generator.context(), &person, &intent);
            match self.note(asked, (invoked_at, invoked_at), answers.get(&intent.key)) {
                (_, true) => left.push((generator, intent)),
                (accepted, false) => {
                    if let Some(accepted) = accepted {
                        generator.learn(&intent, &accepted);
                    }
                }
            }
        }
        self.connections.rotate_left(usize::from(!left.is_empty()));
        for (generator, intent) in left {
            if let Some(accepted) = self.perform(generator.context(), &person, &intent).await {
                generator.learn(&intent, &accepted);
            }
        }
    }

    /// The answers that came, by the keys of their commands.
    async fn ask_together(
        &mut self,
        person: &Person,
        intents: impl Iterator<Item = &Intent>,
    ) -> HashMap<String, Response> {
        let lines: Vec<String> = intents.map(|intent| line(intent).to_string()).collect();
        let until = Instant::now() + one_of(&mut self.rng, &ANSWERS).max(Duration::from_secs(2));
        let request = self.bulk.post(format!("http://{}/v1/bulk", self.connections[0].1));
        let request = request.header("authorization", &person.bearer).header("content-type", "application/x-ndjson");
        let mut come = Vec::new();
        if let Ok(Ok(mut response)) = timeout_at(until, request.body(lines.join("\n")).send()).await
            && response.status().is_success()
        {
            // Those that came before it broke off count.
            while let Ok(Ok(Some(piece))) = timeout_at(until, response.chunk()).await {
                come.extend_from_slice(&piece);
            }
        }
        let whole = come.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        come[..whole].split(|byte| *byte == b'\n').filter_map(answer).collect()
    }
}

fn line(intent: &Intent) -> Value {
    let mut line = json!({"id": intent.key, "method": intent.method, "path": intent.path});
    line.as_object_mut().into_iter().for_each(|line| {
        line.extend(intent.if_match.as_ref().map(|tag| ("if_match".to_owned(), Value::from(tag.as_str()))));
        line.extend(Some(&intent.body).filter(|body| !body.is_null()).map(|body| ("body".to_owned(), body.clone())));
    });
    line
}

/// A line of the answer as the answer of its command.
fn answer(line: &[u8]) -> Option<(String, Response)> {
    let line: Value = serde_json::from_slice(line).ok()?;
    let position = line["position"].as_str().map(|token| ("inklog-position", token));
    let body = if line["body"].is_null() { Vec::new() } else { line["body"].to_string().into_bytes() };
    let status = u16::try_from(line["status"].as_u64()?).ok()?;
    Some((line["id"].as_str()?.to_owned(), Response::of(status, position.as_slice(), body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_answer_of_its_command() {
        let read = answer(br#"{"line":1,"id":"k","status":201,"position":"token","body":{"version":1}}"#);
        let (key, response) = read.unwrap();
        assert_eq!((key.as_str(), response.status, response.header("Inklog-Position")), ("k", 201, Some("token")));
        assert_eq!(serde_json::from_slice::<Value>(&response.body).unwrap(), json!({"version": 1}));
        assert!(answer(br#"{"line":1,"id":null,"status":422}"#).is_none() && answer(b"").is_none());
    }
}
