//! The items of an ISO media file, and where they are: pictures, which are kept, and all else, which may tell.

use std::collections::HashSet;

use super::boxes::{Cleared, Part, Reader, find, parts};
use super::steps::Steps;
use super::{Refused, bad};

/// So many items, and so many places of all items together.
const MOST: usize = 10_000;

/// Items that are pictures, or say how one is made of others. What others are tells, or may.
const PICTURES: [[u8; 4]; 5] = [*b"av01", *b"grid", *b"iovl", *b"iden", *b"tmap"];

/// What of the items goes, of which the pictures are kept: where the others are, and what all are called, by what these
/// boxes say, which stand behind `begin`.
pub(super) fn told(inside: &[Part<'_>], begin: u64, steps: &Steps) -> Result<Vec<Cleared>, Refused> {
    let items = find(inside, b"iinf").ok_or_else(|| bad("it does not say what is in it"))?;
    let (pictures, mut cleared) = pictures(items, begin, steps)?;
    if let Some(first) = find(inside, b"pitm") {
        let mut reader = Reader { bytes: first.data, at: 0, steps };
        let wide = if reader.number(1)? == 0 { 2 } else { 4 };
        reader.at = 4;
        if !pictures.contains(&reader.number(wide)?) {
            return Err(bad("what it shows is no AVIF"));
        }
    }
    if pictures.is_empty() {
        return Err(bad("it has no picture"));
    }
    cleared.extend(others(inside, &pictures, begin, steps)?);
    Ok(cleared)
}

/// Where the items are that are not these.
pub(super) fn others(
    inside: &[Part<'_>],
    kept: &HashSet<u64>,
    begin: u64,
    steps: &Steps,
) -> Result<Vec<Cleared>, Refused> {
    let stored = find(inside, b"idat").map(|idat| begin + idat.at as u64);
    find(inside, b"iloc").map_or_else(|| Ok(Vec::new()), |places| located(places, kept, stored, steps))
}

/// The ids of the items that are pictures, and what goes of this list: all names, and what the others are.
fn pictures(items: &Part<'_>, begin: u64, steps: &Steps) -> Result<(HashSet<u64>, Vec<Cleared>), Refused> {
    let version = *items.data.first().ok_or_else(|| bad("a part ends early"))?;
    let head = if version == 0 { 6 } else { 8 };
    let entries = parts(items.data.get(head..).ok_or_else(|| bad("a part ends early"))?, steps)?;
    let (mut all, mut kept, mut cleared) = (HashSet::new(), HashSet::new(), Vec::new());
    for entry in &entries {
        let place = begin + (items.at + head) as u64;
        if entry.name != *b"infe" {
            cleared.extend(entry.emptied(place));
            continue;
        }
        let mut reader = Reader { bytes: entry.data, at: 0, steps };
        let version = reader.number(1)?;
        reader.at = 4;
        let id = reader.number(if version == 3 { 4 } else { 2 })?;
        reader.number(2)?;
        let named_at = reader.at;
        let is_picture = PICTURES.contains(&reader.name()?);
        if !matches!(version, 2 | 3) || !all.insert(id) {
            return Err(bad("it does not say what is in it, or says it twice"));
        }
        if is_picture {
            kept.insert(id);
        }
        // A reader passes over what is of a kind that it does not know.
        let (from, begin): (_, &[u8]) = if is_picture { (reader.at, b"") } else { (named_at, b"skip") };
        let count = (entry.data.len() - from) as u64;
        cleared.push(Cleared { from: place + (entry.at + from) as u64, count, begin });
    }
    Ok((kept, cleared))
}

/// Where the items are that are not these.
fn located(
    places: &Part<'_>,
    kept: &HashSet<u64>,
    stored: Option<u64>,
    steps: &Steps,
) -> Result<Vec<Cleared>, Refused> {
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
        let (is_kept, more) = (kept.contains(&id), reader.number(2)?);
        extents += more;
        if extents > MOST as u64 || (more > 0 && offset + length + index == 0) {
            return Err(bad("it has too many parts, or parts that have no place"));
        }
        for _ in 0..more {
            reader.number(index)?;
            let at = from.checked_add(reader.number(offset)?);
            let count = reader.number(length)?;
            if is_kept {
                continue;
            }
            let at = match way {
                0 => at,
                1 => at.and_then(|at| at.checked_add(stored?)),
                _ => return Err(bad("it has a part that is made of others")),
            };
            let at = at.filter(|_| count > 0).ok_or_else(|| bad("a part has no place"))?;
            found.push(Cleared::zeros(at, count));
        }
    }
    Ok(found)
}
