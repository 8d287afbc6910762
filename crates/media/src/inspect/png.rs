//! PNG: chunks, each with its name and checksum.

use std::io::Write as _;

use super::parts::{Sink, Source};
use super::{Bounds, Frames, Picture, Refused, bad, exif};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1A\n";
/// What the picture cannot be shown rightly without: its colours, its density, its frames.
const KEPT: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI",
    b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"acTL", b"fdAT",
];
/// A block of EXIF that is longer is not looked at.
const MOST_EXIF: u32 = 1024 * 1024;

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    source.skip(8)?;
    sink.write_all(&SIGNATURE)?;
    let (mut size, mut turned, mut is_drawn, mut moves) = (None, 1, false, false);
    let mut frames = Frames::default();
    loop {
        let length = u32::from_be_bytes(source.take()?);
        let name: [u8; 4] = source.take()?;
        if length > i32::MAX.cast_unsigned() || !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(bad("it has a part that no PNG has"));
        }
        match (&name, size) {
            (b"IHDR", None) if length == 13 => size = Some(header(source, sink, bounds)?),
            (b"IHDR", _) | (_, None) => return Err(bad("its header is not where it must be")),
            (b"eXIf", _) if length <= MOST_EXIF && !is_drawn => {
                turned = exif::orientation(&source.few(length as usize)?);
                source.skip(4)?;
                if turned != 1 {
                    chunk(sink, *b"eXIf", &exif::block(turned))?;
                }
            }
            (b"IEND", _) if length == 0 => {
                source.skip(4)?;
                chunk(sink, *b"IEND", &[])?;
                break;
            }
            (b"fcTL", _) if length == 26 => {
                let frame = source.few(26)?;
                source.skip(4)?;
                let size = (number(&frame, 4), number(&frame, 8));
                bounds.permit_frame(size)?;
                frames.add(size, bounds)?;
                chunk(sink, *b"fcTL", &frame)?;
            }
            (name, _) if KEPT.contains(&name) => {
                is_drawn |= name == b"IDAT";
                moves |= name == b"acTL";
                sink.write_all(&length.to_be_bytes())?;
                sink.write_all(name)?;
                source.copy(sink, u64::from(length) + 4)?;
            }
            // One of which a reader that does not know it must not show the picture.
            (name, _) if name[0].is_ascii_uppercase() => return Err(bad("it has a part that no PNG has")),
            _ => source.skip(u64::from(length) + 4)?,
        }
    }
    if !source.ends_in_zeros()? {
        return Err(bad("something stands behind the end of the picture"));
    }
    // A smaller size would not move any more.
    let size = size.filter(|_| is_drawn).ok_or_else(|| bad("it has no picture"))?;
    Ok(Picture {
        media_type: "image/png",
        size: Some(exif::shown(turned, size)),
        renders: !moves,
        drawn: frames.pixels,
    })
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

fn header(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<(u32, u32), Refused> {
    let header: [u8; 13] = source.take()?;
    source.skip(4)?;
    let (width, height) = (number(&header, 0), number(&header, 4));
    bounds.permit(width, height)?;
    chunk(sink, *b"IHDR", &header)?;
    Ok((width, height))
}

fn chunk(sink: &mut Sink<'_>, name: [u8; 4], data: &[u8]) -> Result<(), Refused> {
    let length = u32::try_from(data.len()).map_err(|_| bad("a part is too long"))?;
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&name);
    checksum.update(data);
    sink.write_all(&length.to_be_bytes())?;
    sink.write_all(&name)?;
    sink.write_all(data)?;
    Ok(sink.write_all(&checksum.finalize().to_be_bytes())?)
}
