//! WebP: chunks in a RIFF, whose length is told before them.

use std::io::Write as _;

use super::parts::{Sink, Source};
use super::{Bounds, Frames, Picture, Refused, bad, exif};

/// What the picture cannot be shown rightly without.
const KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"];
/// The flags of VP8X that say that there is EXIF, and that there is XMP.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;
/// A block of EXIF that is longer is not looked at.
const MOST_EXIF: u64 = 1024 * 1024;
/// So many chunks, of which an animation has one for each frame.
const MOST: usize = 5_000;
/// What a frame says of itself before its picture.
const FRAME: usize = 16;

/// A chunk: its name, where its data begin, and how many they are.
struct Chunk {
    name: [u8; 4],
    at: u64,
    length: u64,
}

impl Chunk {
    /// With its head and the byte that makes it even.
    fn whole(&self) -> u64 {
        8 + self.length.next_multiple_of(2)
    }
}

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    let chunks = chunks(source)?;
    let (size, drawn, moves) = size(source, &chunks, bounds)?;
    let turned = turned(source, &chunks)?;
    let block = exif::block(turned);
    let block: Option<&[u8]> = (turned != 1 && chunks[0].name == *b"VP8X").then_some(&block);
    let kept = || chunks.iter().filter(|chunk| KEPT.contains(&&chunk.name));
    let length = 4 + kept().map(Chunk::whole).sum::<u64>() + block.map_or(0, |block| 8 + block.len() as u64);
    sink.write_all(b"RIFF")?;
    sink.write_all(&u32::try_from(length).map_err(|_| bad("it is too long"))?.to_le_bytes())?;
    sink.write_all(b"WEBP")?;
    for chunk in kept() {
        source.seek(chunk.at - 8)?;
        if chunk.name == *b"VP8X" {
            source.copy(sink, 8)?;
            let flags = (source.byte()? & !(EXIF | XMP)) | if block.is_some() { EXIF } else { 0 };
            sink.write_all(&[flags])?;
            source.copy(sink, chunk.whole() - 9)?;
        } else {
            source.copy(sink, chunk.whole())?;
        }
    }
    if let Some(block) = block {
        sink.write_all(b"EXIF")?;
        sink.write_all(&26_u32.to_le_bytes())?;
        sink.write_all(block)?;
    }
    let turned = if block.is_some() { turned } else { 1 };
    Ok(Picture { media_type: "image/webp", size: Some(exif::shown(turned, size)), renders: !moves, drawn })
}

fn chunks(source: &mut Source<'_>) -> Result<Vec<Chunk>, Refused> {
    let head: [u8; 12] = source.take()?;
    let end = 8 + u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    if end > source.length() {
        return Err(bad("it ends early"));
    }
    let mut chunks = Vec::new();
    while source.at() < end {
        let (name, length) = (source.take()?, u64::from(u32::from_le_bytes(source.take()?)));
        let chunk = Chunk { name, at: source.at(), length };
        if chunk.at + length > end || chunks.len() == MOST {
            return Err(bad("a part is longer than the whole"));
        }
        source.skip(length.next_multiple_of(2).min(source.length() - chunk.at))?;
        chunks.push(chunk);
    }
    if !source.ends_in_zeros()? {
        return Err(bad("something stands behind the end of the picture"));
    }
    // Where the last one is odd, and the byte that makes it even is left out, it cannot be copied whole.
    match chunks.last() {
        Some(last) if last.at + last.length.next_multiple_of(2) > source.length() => Err(bad("it ends early")),
        Some(_) => Ok(chunks),
        None => Err(bad("it has no picture")),
    }
}

/// How large it is, how many pixels are drawn, and whether it moves. What its parts say of their own size must fit what
/// it says of itself: a decoder believes one or the other.
fn size(source: &mut Source<'_>, chunks: &[Chunk], bounds: Bounds) -> Result<((u32, u32), u64, bool), Refused> {
    let (mut size, mut moves, mut frames) = (None, false, Frames::default());
    if chunks[0].name == *b"VP8X" {
        source.seek(chunks[0].at)?;
        let head: [u8; 10] = source.take()?;
        size = Some((three(&head, 4), three(&head, 7)));
    }
    if let Some((width, height)) = size {
        bounds.permit(width, height)?;
    }
    for chunk in chunks {
        match (&chunk.name, size) {
            (b"VP8 " | b"VP8L", _) => {
                let coded = coded(source, chunk)?;
                bounds.permit(coded.0, coded.1)?;
                if size.replace(coded).is_some_and(|size| size != coded) {
                    return Err(bad("it is not as large as it says"));
                }
                frames.add(coded, bounds)?;
            }
            (b"ANMF", Some(canvas)) => {
                moves = true;
                frames.add(frame(source, chunk, canvas)?, bounds)?;
            }
            (b"ANMF", None) => return Err(bad("it does not begin as a WebP does")),
            _ => {}
        }
    }
    let size = size.filter(|_| frames.pixels > 0).ok_or_else(|| bad("it has no picture"))?;
    Ok((size, frames.pixels, moves))
}

fn three(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], 0]) + 1
}

/// How large a picture is by its own first bytes.
fn coded(source: &mut Source<'_>, chunk: &Chunk) -> Result<(u32, u32), Refused> {
    source.seek(chunk.at)?;
    let no_picture = || bad("it does not begin as a WebP does");
    if chunk.name == *b"VP8L" {
        let head: [u8; 5] = source.take()?;
        let bits = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
        let size = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
        return if head[0] == 0x2F { Ok(size) } else { Err(no_picture()) };
    }
    let head: [u8; 10] = source.take()?;
    let side = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]) & 0x3FFF);
    if head[3..6] == [0x9D, 0x01, 0x2A] { Ok((side(6), side(8))) } else { Err(no_picture()) }
}

/// How large a frame is, which is within the picture and has nothing but a picture in it.
fn frame(source: &mut Source<'_>, chunk: &Chunk, canvas: (u32, u32)) -> Result<(u32, u32), Refused> {
    source.seek(chunk.at)?;
    let head: [u8; FRAME] = source.take()?;
    let (left, top) = (2 * (three(&head, 0) - 1), 2 * (three(&head, 3) - 1));
    let size = (three(&head, 6), three(&head, 9));
    if left + size.0 > canvas.0 || top + size.1 > canvas.1 {
        return Err(bad("a frame is not within the picture"));
    }
    let (mut at, end) = (chunk.at + FRAME as u64, chunk.at + chunk.length);
    let (mut has_alpha, mut is_drawn) = (false, false);
    while at < end {
        source.seek(at)?;
        let (name, length) = (source.take()?, u64::from(u32::from_le_bytes(source.take()?)));
        let part = Chunk { name, at: at + 8, length };
        at += part.whole();
        match &name {
            _ if part.at + length > end => return Err(bad("a part is longer than the whole")),
            // How transparent it is stands once, before what is drawn, which is the last.
            _ if is_drawn => return Err(bad("a frame has several pictures")),
            b"ALPH" if !has_alpha => has_alpha = true,
            b"VP8 " | b"VP8L" if coded(source, &part)? == size => is_drawn = true,
            _ => return Err(bad("a frame has a part that no frame has")),
        }
    }
    if is_drawn { Ok(size) } else { Err(bad("a frame has no picture")) }
}

fn turned(source: &mut Source<'_>, chunks: &[Chunk]) -> Result<u8, Refused> {
    let Some(exif) = chunks.iter().find(|chunk| chunk.name == *b"EXIF" && chunk.length <= MOST_EXIF) else {
        return Ok(1);
    };
    source.seek(exif.at)?;
    let length = usize::try_from(exif.length).map_err(|_| bad("a part is too long"))?;
    let block = source.few(length)?;
    // Some programs begin it as a JPEG does.
    Ok(exif::orientation(block.strip_prefix(b"Exif\0\0").unwrap_or(&block)))
}
