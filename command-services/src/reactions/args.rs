//! The settings of reactions and shares.

use std::fmt::Display;
use std::str::FromStr;

use clap::Args;
use domain::values::{Invalid, ReactionKind, SharePlace};

/// So many kinds, or places, there can be: each is a number beside every post.
const MOST: usize = 32;

/// Reactions and shares.
#[derive(Args, Clone, Debug)]
pub struct ReactionArgs {
    /// The kinds of reaction that readers give, as `like,insightful`: words of lower-case letters, digits and hyphens;
    /// none where it is empty. What was given of a kind that is taken out stays, and can be taken back. Every instance
    /// has to have the same.
    #[arg(long, env = "INKLOG_REACTION_KINDS", value_name = "NAMES", default_value = "like")]
    pub reaction_kinds: Names<ReactionKind>,
    /// The places to which readers say that they shared something, in the same form.
    #[arg(
        long,
        env = "INKLOG_SHARE_PLACES",
        value_name = "NAMES",
        default_value = "link,email,bluesky,facebook,linkedin,mastodon,reddit,whatsapp,x"
    )]
    pub share_places: Names<SharePlace>,
}

/// A few names, none twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Names<T>(Vec<T>);

impl<T: PartialEq + Display> Names<T> {
    /// Whether this name is among them.
    ///
    /// # Errors
    /// It is not: with what there is.
    pub fn have(&self, name: &T) -> Result<(), String> {
        if self.0.contains(name) {
            return Ok(());
        }
        let names: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        Err(if names.is_empty() { "there are none here".into() } else { format!("is not one of {}", names.join(", ")) })
    }
}

impl<T: FromStr<Err = Invalid> + PartialEq + Display> FromStr for Names<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        for name in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let name: T = name.parse().map_err(|invalid| format!("`{name}` {invalid}"))?;
            if names.contains(&name) {
                return Err(format!("`{name}` is there twice"));
            }
            names.push(name);
        }
        if names.len() <= MOST { Ok(Self(names)) } else { Err(format!("has more than {MOST} names")) }
    }
}

#[cfg(test)]
mod tests;
