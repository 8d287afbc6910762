//! The ways from each broker to each other one: where there are several, a proxy stands on each, so that one of them
//! can be cut off from the others while clients reach it.

use std::collections::BTreeMap;

use anyhow::Context as _;

use crate::proxy::{Mode, Proxy};
use crate::stack::InnerLinks;

/// The proxies, by where they come from and lead to.
#[derive(Debug, Default)]
pub struct Quorum(BTreeMap<(usize, usize), Vec<Proxy>>);

impl Quorum {
    /// Opens them; brokers that are started afterwards find each other.
    ///
    /// # Errors
    /// An address is taken.
    pub async fn open(links: &InnerLinks) -> anyhow::Result<Self> {
        let mut proxies: BTreeMap<_, Vec<Proxy>> = BTreeMap::new();
        for (from, to, ways) in &links.0 {
            for (listen, upstream) in ways {
                let proxy = Proxy::open(*listen, *upstream).await;
                let proxy = proxy.with_context(|| format!("a proxy between brokers at {listen}"))?;
                proxies.entry((*from, *to)).or_default().push(proxy);
            }
        }
        Ok(Self(proxies))
    }

    /// Whether there are any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Breaks or mends all ways from a broker to the others, and from them to it.
    pub fn set(&self, broker: usize, mode: Mode) {
        let its = self.0.iter().filter(|((from, to), _)| *from == broker || *to == broker);
        its.flat_map(|(_, proxies)| proxies).for_each(|proxy| proxy.set(mode));
    }
}
