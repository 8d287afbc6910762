//! AVIF: pictures in the boxes of ISO media files. Their bytes are found by where they stand, so nothing is moved:
//! what tells of people becomes zeros. No decoder in Rust alone is had, so no smaller sizes are made of it.

use super::boxes::{Part, Reader, parts};
use super::parts::{Sink, Source};
use super::{Bounds, Picture, Refused, bad};

/// What a file that holds such pictures may be made of.
const KNOWN: [&[u8; 4]; 6] = [b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"];
/// The longest description of what is in the file.
const MOST_META: u64 = 4 * 1024 * 1024;
/// So many boxes and items.
const MOST: usize = 10_000;

/// Bytes of the file that become zeros: from, and how many.
type Range = (u64, u64);

pub(super) fn is_avif(head: &[u8]) -> bool {
    let length = head.get(..4).map_or(0, |length| u32::from_be_bytes([length[0], length[1], length[2], length[3]]));
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(head.len());
    let brands = head.get(8..end).unwrap_or_default().chunks(4);
    brands.into_iter().any(|brand| brand == b"avif" || brand == b"avis")
}

pub(super) fn copy(source: &mut Source, sink: &mut Sink, bounds: Bounds) -> Result<Picture, Refused> {
    let (mut cleared, mut size, mut boxes) = (Vec::new(), None, 0);
    while source.left()? > 0 {
        let at = source.at()?;
        let (length, name) = (u64::from(u32::from_be_bytes(source.take()?)), source.take::<4>()?);
        let length = match length {
            0 => source.length() - at,
            1 => u64::from_be_bytes(source.take()?),
            length => length,
        };
        let begin = source.at()?;
        let left = (at.saturating_add(length)).checked_sub(begin).ok_or_else(|| bad("a part is too short"))?;
        boxes += 1;
        if !KNOWN.contains(&&name) || boxes > MOST {
            return Err(bad("it has a part that no AVIF has, or something stands behind its end"));
        }
        match &name {
            b"meta" if left <= MOST_META && size.is_none() => {
                let meta = source.few(usize::try_from(left).map_err(|_| bad("a part is too long"))?)?;
                let read = Meta::read(&meta, begin)?;
                bounds.permit(read.size.0, read.size.1)?;
                size = Some(read.size);
                cleared.extend(read.private);
            }
            b"meta" => return Err(bad("it says twice what is in it, or too much")),
            b"free" | b"skip" => {
                cleared.push((begin, left));
                source.skip(left)?;
            }
            _ => source.skip(left)?,
        }
    }
    let size = size.ok_or_else(|| bad("it has no picture"))?;
    write(source, sink, cleared)?;
    Ok(Picture { media_type: "image/avif", size: Some(size), renders: false })
}

/// Writes all of it, with zeros in these places.
fn write(source: &mut Source, sink: &mut Sink, mut cleared: Vec<Range>) -> Result<(), Refused> {
    let (length, mut at) = (source.length(), 0);
    cleared.sort_unstable();
    source.seek(0)?;
    for (from, count) in cleared {
        let end = from.checked_add(count).filter(|end| *end <= length).ok_or_else(|| bad("a part is too long"))?;
        let from = from.max(at);
        source.copy(sink, from - at)?;
        sink.zeros(end.saturating_sub(from))?;
        at = end.max(at);
        source.seek(at.max(from))?;
    }
    Ok(source.copy(sink, length - at)?)
}

/// What the description of a file says.
struct Meta {
    /// How large the largest of its pictures is.
    size: (u32, u32),
    /// Where the items are that are no pictures.
    private: Vec<Range>,
}

impl Meta {
    fn read(meta: &[u8], begin: u64) -> Result<Self, Refused> {
        let inner = meta.get(4..).ok_or_else(|| bad("a part ends early"))?;
        let inside = parts(inner)?;
        let find = |name: &[u8; 4]| inside.iter().find(|part| part.name == *name);
        let properties = find(b"iprp").ok_or_else(|| bad("it has no picture"))?;
        let stored = find(b"idat").map_or(0, |idat| begin + 4 + idat.at as u64);
        let private = match (find(b"iinf"), find(b"iloc")) {
            (Some(items), Some(places)) => located(places, &no_pictures(items)?, stored)?,
            _ => return Err(bad("it does not say where its pictures are")),
        };
        Ok(Self { size: size(properties)?, private })
    }
}

fn size(properties: &Part<'_>) -> Result<(u32, u32), Refused> {
    let (mut size, mut is_turned) = ((0, 0), false);
    for container in parts(properties.data)?.iter().filter(|part| part.name == *b"ipco") {
        for property in parts(container.data)? {
            let mut reader = Reader { bytes: property.data, at: 4 };
            match &property.name {
                b"ispe" => {
                    let (width, height) = (reader.number(4)?, reader.number(4)?);
                    let side = |number| u32::try_from(number).map_err(|_| bad("it is too large"));
                    let found = (side(width)?, side(height)?);
                    size = if width * height > u64::from(size.0) * u64::from(size.1) { found } else { size };
                }
                b"irot" => is_turned = property.data.first().is_some_and(|turn| turn % 2 == 1),
                _ => {}
            }
        }
    }
    Ok(if is_turned { (size.1, size.0) } else { size })
}

/// The ids of the items that are EXIF, XMP or another text.
fn no_pictures(items: &Part<'_>) -> Result<Vec<u64>, Refused> {
    let version = *items.data.first().ok_or_else(|| bad("a part ends early"))?;
    let head = if version == 0 { 6 } else { 8 };
    let entries = parts(items.data.get(head..).ok_or_else(|| bad("a part ends early"))?)?;
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.name == *b"infe") {
        let mut reader = Reader { bytes: entry.data, at: 0 };
        let version = reader.number(1)?;
        reader.at = 4;
        let id = reader.number(if version == 3 { 4 } else { 2 })?;
        reader.number(2)?;
        if version < 2 || [*b"Exif", *b"mime", *b"uri "].contains(&reader.name()?) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Where these items are.
fn located(places: &Part<'_>, items: &[u64], stored: u64) -> Result<Vec<Range>, Refused> {
    let mut reader = Reader { bytes: places.data, at: 0 };
    let version = reader.number(1)?;
    reader.at = 4;
    let sizes = reader.number(2)?;
    let nibble = |at: u32| ((sizes >> at) & 0xF) as usize;
    let (offset, length, base, index) = (nibble(12), nibble(8), nibble(4), if version == 0 { 0 } else { nibble(0) });
    if [offset, length, base, index].iter().any(|size| *size > 8) {
        return Err(bad("it does not say where its pictures are"));
    }
    let wide = if version == 2 { 4 } else { 2 };
    let (count, mut found) = (reader.number(wide)?, Vec::new());
    for _ in 0..count {
        let id = reader.number(wide)?;
        let way = if version == 0 { 0 } else { reader.number(2)? & 0xF };
        reader.number(2)?;
        let from = reader.number(base)?;
        for _ in 0..reader.number(2)? {
            reader.number(index)?;
            let at = from.checked_add(reader.number(offset)?);
            let count = reader.number(length)?;
            if !items.contains(&id) {
                continue;
            }
            let at = match way {
                0 => at,
                1 => at.and_then(|at| at.checked_add(stored)),
                _ => return Err(bad("it has a part that is made of others")),
            };
            found.push((at.filter(|_| count > 0).ok_or_else(|| bad("a part has no place"))?, count));
            if found.len() > MOST {
                return Err(bad("it has too many parts"));
            }
        }
    }
    Ok(found)
}
