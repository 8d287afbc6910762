//! Addresses: the slugs of posts and the user names of accounts. One that readers know never moves because of another
//! file. A folder does not say which of its entries readers know, so a plan only proposes, and what is there already
//! keeps the address that it has (`execute::put`).

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use domain::values::{Slug, UserName};

/// A name that is unique among entries of its kind.
pub trait Name: Clone + fmt::Display + FromStr {
    /// The name with a number, for when the plain one is another's.
    fn numbered(&self, number: u32) -> Self;
    /// The form that is unique.
    fn unique(&self) -> String;
}

impl Name for Slug {
    fn numbered(&self, number: u32) -> Self {
        self.with_suffix(&number.to_string())
    }

    fn unique(&self) -> String {
        self.to_string()
    }
}

impl Name for UserName {
    fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let stem: String = self.as_str().chars().take(64 - suffix.len()).collect();
        format!("{stem}{suffix}").parse().expect("it begins as a user name does and ends with a digit")
    }

    fn unique(&self) -> String {
        self.canonical()
    }
}

/// The address of an entry.
#[derive(Clone, Debug)]
pub struct Address<N> {
    /// What its file asks for.
    pub asked: N,
    /// What it gets where all entries are new.
    pub given: N,
    /// Whether the file says it; else it was made of the file's name.
    pub is_own: bool,
    /// Whether other entries of the folder ask for the same.
    pub is_contested: bool,
}

impl<N: Name> Address<N> {
    /// Whether an entry that is there keeps the address that it has: the one asked for, that one with a number, or any
    /// if its file asks for none.
    pub(crate) fn keeps(&self, current: &N) -> bool {
        !self.is_own || current.unique() == self.asked.unique() || self.is_numbered(current)
    }

    /// Whether a name is the one asked for with a number.
    pub(crate) fn is_numbered(&self, name: &N) -> bool {
        let name = name.unique();
        let number = name.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
        number.is_some_and(|number| number > 1 && self.asked.numbered(number).unique() == name)
    }

    /// The numbers that an entry may try when others have what it asks for.
    pub(crate) fn others<'a>(&self, asked_for: &'a HashSet<String>) -> impl Iterator<Item = N> + use<'a, N> {
        let asked = self.asked.clone();
        (2..).map(move |number| asked.numbered(number)).filter(|name| !asked_for.contains(&name.unique()))
    }
}

/// Gives addresses to the entries of a folder: to the first that asks for one, and rather to one whose file says it.
/// The others get a number, and none that a file asks for.
pub(crate) struct Addresses {
    holders: HashMap<String, (String, usize)>,
    asked: HashSet<String>,
    given: HashSet<String>,
}

impl Addresses {
    /// For entries that each ask for a name: the entry, the name, whether it is its own.
    pub(crate) fn of<'a, N: Name + 'a>(entries: impl Iterator<Item = (&'a str, &'a N, bool)>) -> Self {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(_, _, is_own)| !is_own); // stable: within each kind the order stays
        let mut holders: HashMap<String, (String, usize)> = HashMap::new();
        for (entry, name, _) in entries {
            holders.entry(name.unique()).or_insert_with(|| (entry.to_owned(), 0)).1 += 1;
        }
        Self { asked: holders.keys().cloned().collect(), holders, given: HashSet::new() }
    }

    /// The address of an entry that asks for `asked`.
    pub(crate) fn give<N: Name>(&mut self, entry: &str, asked: &N, is_own: bool) -> Address<N> {
        let unique = asked.unique();
        let holder = self.holders.get(&unique);
        let is_free = holder.map_or_else(|| self.given.insert(unique), |(holder, _)| holder == entry);
        let mut address = Address {
            asked: asked.clone(),
            given: asked.clone(),
            is_own,
            is_contested: !is_free || holder.is_some_and(|(_, entries)| *entries > 1),
        };
        if !is_free {
            let mut free = address.others(&self.asked).filter(|name| self.given.insert(name.unique()));
            address.given = free.next().expect("numbers do not run out");
        }
        address
    }
}

#[cfg(test)]
mod tests;
