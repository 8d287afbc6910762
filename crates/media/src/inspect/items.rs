//! The items of an ISO media file, and where they are: pictures, and what tells of people.

use std::collections::HashSet;

use super::boxes::{Cleared, Part, Reader, parts};
use super::steps::Steps;
use super::{Refused, bad};

/// So many items, and so many places of all items together.
const MOST: usize = 10_000;

/// Where the items are that are no pictures, by what these boxes say, which stand behind `begin`.
pub(super) fn told(inside: &[Part<'_>], begin: u64, steps: &Steps) -> Result<Vec<Cleared>, Refused> {
    let find = |name: &[u8; 4]| inside.iter().find(|part| part.name == *name);
    let stored = find(b"idat").map_or(0, |idat| begin + idat.at as u64);
    match (find(b"iinf"), find(b"iloc")) {
        (Some(items), Some(places)) => located(places, &no_pictures(items, steps)?, stored, steps),
        _ => Ok(Vec::new()),
    }
}

/// The ids of the items that are EXIF, XMP or another text.
fn no_pictures(items: &Part<'_>, steps: &Steps) -> Result<HashSet<u64>, Refused> {
    let version = *items.data.first().ok_or_else(|| bad("a part ends early"))?;
    let head = if version == 0 { 6 } else { 8 };
    let entries = parts(items.data.get(head..).ok_or_else(|| bad("a part ends early"))?, steps)?;
    let mut found = HashSet::new();
    for entry in entries.iter().filter(|entry| entry.name == *b"infe") {
        let mut reader = Reader { bytes: entry.data, at: 0, steps };
        let version = reader.number(1)?;
        reader.at = 4;
        let id = reader.number(if version == 3 { 4 } else { 2 })?;
        reader.number(2)?;
        if version < 2 || [*b"Exif", *b"mime", *b"uri "].contains(&reader.name()?) {
            found.insert(id);
        }
    }
    Ok(found)
}

/// Where these items are.
fn located(places: &Part<'_>, items: &HashSet<u64>, stored: u64, steps: &Steps) -> Result<Vec<Cleared>, Refused> {
    let mut reader = Reader { bytes: places.data, at: 0, steps };
    let version = reader.number(1)?;
    reader.at = 4;
    let sizes = reader.number(2)?;
    let nibble = |at: u32| ((sizes >> at) & 0xF) as usize;
    let (offset, length, base, index) = (nibble(12), nibble(8), nibble(4), if version == 0 { 0 } else { nibble(0) });
    if [offset, length, base, index].iter().any(|size| *size > 8) {
        return Err(bad("it does not say where its pictures are"));
    }
    let wide = if version == 2 { 4 } else { 2 };
    let (count, mut found, mut extents) = (reader.number(wide)?, Vec::new(), 0);
    for _ in 0..count {
        let id = reader.number(wide)?;
        let way = if version == 0 { 0 } else { reader.number(2)? & 0xF };
        reader.number(2)?;
        let from = reader.number(base)?;
        let (is_told, more) = (items.contains(&id), reader.number(2)?);
        extents += more;
        if extents > MOST as u64 || (more > 0 && offset + length + index == 0) {
            return Err(bad("it has too many parts, or parts that have no place"));
        }
        for _ in 0..more {
            reader.number(index)?;
            let at = from.checked_add(reader.number(offset)?);
            let count = reader.number(length)?;
            if !is_told {
                continue;
            }
            let at = match way {
                0 => at,
                1 => at.and_then(|at| at.checked_add(stored)),
                _ => return Err(bad("it has a part that is made of others")),
            };
            let at = at.filter(|_| count > 0).ok_or_else(|| bad("a part has no place"))?;
            found.push(Cleared::zeros(at, count));
        }
    }
    Ok(found)
}
