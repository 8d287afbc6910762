//! Which logs are this installation's. A partition's log is named by the nonce of its first term; what is known of it
//! is kept outside Kafka, for a topic that was deleted, or a cluster that was replaced, takes along all that it says of
//! itself. See `docs/adr/0012-which-log-is-ours.md`.

use async_trait::async_trait;
use uuid::Uuid;

/// All topics that a context may be in: `inklog.posts.v`, with a number after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// What their names begin with.
    pub begin_with: String,
}

/// A partition, and its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// The nonce of its first term; none where it has no term.
    pub log_id: Option<Uuid>,
}

/// What is known of a partition of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it may be new.
    Nothing,
    /// Its log.
    Log(Uuid),
    /// The context is in this other topic, and was never in the one that was asked for.
    Elsewhere(String),
}

/// Remembers the logs of each context.
#[async_trait]
pub trait KnownLogs: Send + Sync + 'static {
    /// What is known of a partition of a context's topic. Where nothing is known of the context, or of this partition
    /// of the topic that it is known to be in, `log_id` is known from now on, if there is one.
    ///
    /// # Errors
    /// What is known cannot be had, and why: it is asked again.
    async fn known(&self, context: &Topics, topic: &str, partition: i32, log_id: Option<Uuid>)
    -> Result<Known, String>;

    /// All that is known of a context.
    ///
    /// # Errors
    /// It cannot be had, and why.
    async fn all(&self, context: &Topics) -> Result<Vec<Named>, String>;

    /// These, those that have a log, are known from now on, in the place of what was known of their topics, and beside
    /// what is known of others. Repeating it changes nothing.
    ///
    /// # Errors
    /// They are not noted, and why.
    async fn note(&self, found: &[Named]) -> Result<(), String>;

    /// Nothing is known of a context any more but these.
    ///
    /// # Errors
    /// It is not so, and why.
    async fn keep_only(&self, context: &Topics, found: &[Named]) -> Result<(), String>;
}

/// Knows no log and remembers none: whatever is read is believed, and what is empty is new.
#[derive(Clone, Copy, Debug)]
pub struct Unremembered;

#[async_trait]
impl KnownLogs for Unremembered {
    async fn known(&self, _: &Topics, _: &str, _: i32, log_id: Option<Uuid>) -> Result<Known, String> {
        Ok(log_id.map_or(Known::Nothing, Known::Log))
    }

    async fn all(&self, _: &Topics) -> Result<Vec<Named>, String> {
        Ok(Vec::new())
    }

    async fn note(&self, _: &[Named]) -> Result<(), String> {
        Ok(())
    }

    async fn keep_only(&self, _: &Topics, _: &[Named]) -> Result<(), String> {
        Ok(())
    }
}

/// Whether a context's topic, as it was `found`, is the log that is known; if not, why.
///
/// # Errors
/// It is another one, or nothing is known.
pub(crate) fn is_ours(context: &str, found: &[Named], known: &[Named]) -> Result<(), String> {
    let of = |it: &Named| known.iter().find(|at| (&at.topic, at.partition) == (&it.topic, it.partition));
    let known_of = |it: &Named| of(it).and_then(|at| at.log_id);
    let is_another = |it: &&Named| known_of(it).is_some_and(|known| it.log_id != Some(known));
    if let Some(it) = found.iter().find(is_another) {
        let (topic, partition) = (&it.topic, it.partition);
        let begins =
            it.log_id.map_or_else(|| "it has no term".to_owned(), |first| format!("its first term is {first}"));
        return Err(format!("{topic}/{partition} is not this installation's log: {begins}, and another one is known"));
    }
    if found.iter().any(|it| known_of(it).is_some()) {
        return Ok(());
    }
    Err(match known.first() {
        Some(elsewhere) => {
            format!("{context} is known to be in {}: this is not this installation's log", elsewhere.topic)
        }
        None => format!(
            "nothing is known of the logs of {context}: start its service once, or take what is there for this \
             installation's with `command-services topics adopt`"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(topic: &str, partition: i32, log_id: u128) -> Named {
        Named { topic: topic.to_owned(), partition, log_id: (log_id > 0).then(|| Uuid::from_u128(log_id)) }
    }

    #[test]
    fn a_context_is_ours_where_it_is_known_to_be() {
        let known = [named("posts.v1", 0, 7), named("posts.v1", 1, 8)];
        let is_ours = |found: &[Named]| is_ours("posts", found, &known);
        assert_eq!(is_ours(&[named("posts.v1", 0, 7), named("posts.v1", 1, 8)]), Ok(()));
        assert_eq!(is_ours(&[named("posts.v1", 0, 7), named("posts.v1", 2, 9)]), Ok(()), "one was begun just now");
        for not in
            [[named("posts.v1", 0, 7), named("posts.v1", 1, 9)], [named("posts.v1", 0, 7), named("posts.v1", 1, 0)]]
        {
            assert!(is_ours(&not).unwrap_err().contains("posts.v1/1 is not"));
        }
        // Another installation's that was not repartitioned, or was.
        assert!(is_ours(&[named("posts.v2", 0, 7)]).unwrap_err().contains("is known to be in posts.v1"));
        assert!(super::is_ours("posts", &[named("posts.v1", 0, 7)], &[]).unwrap_err().contains("nothing is known"));
    }
}
