//! The numbers that fields have in what was made before. Whoever has a message by an older contract reads it by them,
//! so they stay, and what is gone leaves its number to nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::print::{Field, Message};

/// The highest that a field may have.
const HIGHEST: u32 = 536_870_911;

/// By the names of messages.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<String, Known>);

/// What is known of a message.
#[derive(Debug, Default)]
struct Known {
    /// Its fields by their names: the type, and the number.
    fields: BTreeMap<String, (String, u32)>,
    reserved: BTreeSet<u32>,
    reserved_names: BTreeSet<String>,
}

/// A message with its numbers.
#[derive(Debug)]
pub(super) struct Numbered<'a> {
    pub(super) fields: BTreeMap<u32, &'a Field>,
    pub(super) reserved: BTreeSet<u32>,
    pub(super) reserved_names: BTreeSet<String>,
}

impl Numbers {
    /// Of these files, each as `print` writes it.
    pub(super) fn of<'a>(files: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers = Self::default();
        for file in files {
            let mut message = None;
            for line in file.lines() {
                if let Some(name) = line.strip_prefix("message ").and_then(|rest| rest.split(' ').next()) {
                    message = Some(numbers.0.entry(name.to_owned()).or_default());
                } else if line == "}" {
                    message = None;
                } else if let Some(known) = &mut message {
                    known.read(line.trim());
                }
            }
        }
        numbers
    }

    /// The fields of a message with their numbers: those that they have, or the next.
    pub(super) fn number<'a>(&self, message: &'a Message) -> Numbered<'a> {
        let nothing = Known::default();
        let known = self.0.get(&message.name).unwrap_or(&nothing);
        let (mut fields, mut fresh) = (BTreeMap::new(), Vec::new());
        for field in &message.fields {
            match known.fields.get(&field.name) {
                Some((kind, number)) if *kind == field.kind => fields.extend([(*number, field)]),
                _ => fresh.push(field),
            }
        }
        let gone = known.fields.values().map(|(_, number)| *number).filter(|number| !fields.contains_key(number));
        let reserved: BTreeSet<u32> = known.reserved.iter().copied().chain(gone).collect();
        let last = fields.keys().chain(&reserved).max().copied().unwrap_or_default();
        fields.extend((last + 1..HIGHEST).zip(fresh));
        let is_there = |name: &&String| message.fields.iter().any(|field| field.name == **name);
        let names = known.reserved_names.iter().chain(known.fields.keys());
        let reserved_names = names.filter(|name| !is_there(name)).cloned().collect();
        Numbered { fields, reserved, reserved_names }
    }
}

impl Known {
    fn read(&mut self, line: &str) {
        let Some(line) = line.strip_suffix(';').filter(|line| !line.starts_with("//")) else { return };
        if let Some(list) = line.strip_prefix("reserved ") {
            for item in list.split(", ") {
                match item.parse::<u32>() {
                    Ok(number) => self.reserved.extend([number]),
                    Err(_) => self.reserved_names.extend([item.trim_matches('"').to_owned()]),
                }
            }
        } else if let Some((declared, number)) = line.split_once(" = ") {
            let number = number.split(' ').next().and_then(|number| number.parse().ok());
            let (Some(number), Some((kind, name))) = (number, declared.rsplit_once(' ')) else { return };
            let kind = kind.strip_prefix("optional ").unwrap_or(kind);
            self.fields.insert(name.to_owned(), (kind.to_owned(), number));
        }
    }
}
