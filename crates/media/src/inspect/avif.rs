//! AVIF: pictures in the boxes of ISO media files. Their bytes are found by where they stand, so nothing is moved:
//! what tells of people becomes zeros. No decoder in Rust alone is had, so no smaller sizes are made of it.

use std::io::Write as _;

use super::boxes::{Cleared, Part, Reader, find, nameless, only, parts};
use super::items::told;
use super::parts::{Sink, Source};
use super::steps::Steps;
use super::{Bounds, Frames, Picture, Refused, bad, film, larger};

/// What a file that holds such pictures may be made of.
const KNOWN: [&[u8; 4]; 6] = [b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"];
/// The longest description of what is in the file.
const MOST_META: u64 = 4 * 1024 * 1024;
/// So many boxes.
const MOST: usize = 10_000;

/// What boxes of a description may be; all others tell.
const DESCRIBED: [&[u8; 4]; 8] = [b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"iref", b"idat", b"grpl"];
/// Boxes of properties, of references between items, and of groups of them.
const PROPERTIES: [&[u8; 4]; 2] = [b"ipco", b"ipma"];
const REFERENCES: [&[u8; 4]; 7] = [b"auxl", b"base", b"cdsc", b"dimg", b"exbl", b"prem", b"thmb"];
const GROUPS: [&[u8; 4]; 2] = [b"altr", b"ster"];
/// What of a picture is said that it cannot be shown rightly without.
const SHOWN: [&[u8; 4]; 18] = [
    b"a1lx", b"a1op", b"amve", b"auxC", b"av1C", b"cclv", b"clap", b"clli", b"colr", b"imir", b"irot", b"iscl",
    b"ispe", b"lsel", b"mdcv", b"pasp", b"pixi", b"rloc",
];

pub(super) fn is_avif(head: &[u8]) -> bool {
    let length = head.get(..4).map_or(0, |length| u32::from_be_bytes([length[0], length[1], length[2], length[3]]));
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(head.len());
    let brands = head.get(8..end).unwrap_or_default().chunks(4);
    brands.into_iter().any(|brand| brand == b"avif" || brand == b"avis")
}

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    let (mut cleared, mut size, mut boxes, mut tracks) = (Vec::new(), None, 0, None);
    while source.left() > 0 {
        let at = source.at();
        let (length, name) = (u64::from(u32::from_be_bytes(source.take()?)), source.take::<4>()?);
        let length = match length {
            0 => source.length() - at,
            1 => u64::from_be_bytes(source.take()?),
            length => length,
        };
        let begin = source.at();
        let left = (at.saturating_add(length)).checked_sub(begin).ok_or_else(|| bad("a part is too short"))?;
        boxes += 1;
        if !KNOWN.contains(&&name) || boxes > MOST {
            return Err(bad("it has a part that no AVIF has, or something stands behind its end"));
        }
        match &name {
            b"meta" if left <= MOST_META && size.is_none() => {
                let meta = whole(source, left)?;
                let read = Meta::read(&meta, begin, source.steps())?;
                bounds.permit(read.size.0, read.size.1)?;
                size = Some(read.size);
                cleared.extend(read.private);
            }
            b"moov" if left <= MOST_META && tracks.is_none() => {
                let film = film::read(&whole(source, left)?, begin, bounds, source.steps())?;
                tracks = Some(film.tracks);
                cleared.extend(film.cleared);
            }
            b"meta" | b"moov" => return Err(bad("it says twice what is in it, or too much")),
            b"free" | b"skip" => {
                cleared.push(Cleared::zeros(begin, left));
                source.skip(left)?;
            }
            _ => source.skip(left)?,
        }
    }
    let size = size.ok_or_else(|| bad("it has no picture"))?;
    let mut drawn = Frames::default();
    for track in tracks.iter().flatten() {
        // A decoder believes one or the other.
        drawn.add_times(track.frames, larger(track.size, size), bounds)?;
    }
    write(source, sink, cleared)?;
    Ok(Picture { media_type: "image/avif", size: Some(size), renders: false, drawn: drawn.pixels })
}

/// All of a box, which is not long.
fn whole(source: &mut Source<'_>, length: u64) -> Result<Vec<u8>, Refused> {
    source.few(usize::try_from(length).map_err(|_| bad("a part is too long"))?)
}

/// Writes all of it, with other bytes in these places.
fn write(source: &mut Source<'_>, sink: &mut Sink<'_>, mut cleared: Vec<Cleared>) -> Result<(), Refused> {
    let (length, mut at) = (source.length(), 0);
    cleared.sort_unstable();
    source.seek(0)?;
    for Cleared { from, count, begin } in cleared {
        let end = from.checked_add(count).filter(|end| *end <= length).ok_or_else(|| bad("a part is too long"))?;
        // Within what is cleared already, all are zeros.
        let begin = if from < at { &[] } else { begin };
        let from = from.max(at);
        source.copy(sink, from - at)?;
        sink.write_all(begin)?;
        sink.zeros(end.saturating_sub(from + begin.len() as u64))?;
        at = end.max(at);
        source.seek(at.max(from))?;
    }
    source.copy(sink, length - at)
}

/// What the description of a file says.
struct Meta {
    /// How large the largest of its pictures is.
    size: (u32, u32),
    /// Where the items are that are no pictures, and what else tells.
    private: Vec<Cleared>,
}

impl Meta {
    fn read(meta: &[u8], begin: u64, steps: &Steps) -> Result<Self, Refused> {
        let inner = meta.get(4..).ok_or_else(|| bad("a part ends early"))?;
        let inside = parts(inner, steps)?;
        let properties = find(&inside, b"iprp").ok_or_else(|| bad("it has no picture"))?;
        if find(&inside, b"iinf").is_none() || find(&inside, b"iloc").is_none() {
            return Err(bad("it does not say where its pictures are"));
        }
        let mut private = told(&inside, begin + 4, steps)?;
        private.extend(only(inner, begin + 4, &DESCRIBED, steps)?);
        for part in &inside {
            let place = begin + 4 + part.at as u64;
            match &part.name {
                b"hdlr" => private.extend(nameless(part, begin + 4)?),
                b"iprp" => private.extend(only(part.data, place, &PROPERTIES, steps)?),
                b"iref" => private.extend(only(part.from(4)?, place + 4, &REFERENCES, steps)?),
                b"grpl" => private.extend(only(part.data, place, &GROUPS, steps)?),
                _ => {}
            }
        }
        for container in parts(properties.data, steps)?.iter().filter(|part| part.name == *b"ipco") {
            let place = begin + 4 + (properties.at + container.at) as u64;
            private.extend(only(container.data, place, &SHOWN, steps)?);
        }
        Ok(Self { size: size(properties, steps)?, private })
    }
}

fn size(properties: &Part<'_>, steps: &Steps) -> Result<(u32, u32), Refused> {
    let (mut size, mut is_turned) = ((0, 0), false);
    for container in parts(properties.data, steps)?.iter().filter(|part| part.name == *b"ipco") {
        for property in parts(container.data, steps)? {
            let mut reader = Reader { bytes: property.data, at: 4, steps };
            match &property.name {
                b"ispe" => {
                    let (width, height) = (reader.number(4)?, reader.number(4)?);
                    let side = |number| u32::try_from(number).map_err(|_| bad("it is too large"));
                    let found = (side(width)?, side(height)?);
                    size = larger(size, found);
                }
                b"irot" => is_turned = property.data.first().is_some_and(|turn| turn % 2 == 1),
                _ => {}
            }
        }
    }
    Ok(if is_turned { (size.1, size.0) } else { size })
}
