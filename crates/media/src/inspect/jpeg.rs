//! JPEG: segments, and between them the picture itself.

use std::io::Write as _;

use super::parts::{Sink, Source};
use super::{Bounds, Picture, Refused, bad, exif};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;
/// The beginning of JFIF's segment up to its thumbnail, whose size comes last.
const JFIF: usize = 14;
/// The components of a picture for printers. What its inks look like its profile says, by which nothing here
/// converts: smaller sizes of it would have other colours.
const INKS: u8 = 4;
/// So many scans: each goes over the whole picture, however few bytes it has. Encoders make ten.
const MOST_SCANS: u32 = 100;

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    let (mut size, mut turned, mut scans, mut components) = (None, 1, 0, 0);
    source.skip(2)?;
    sink.write_all(&[0xFF, SOI])?;
    loop {
        match marker(source)? {
            EOI => break,
            code @ (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF) => {
                let frame = segment(source)?;
                let [_, h1, h2, w1, w2, of, ..] = frame[..] else { return Err(bad("a frame has no size")) };
                let (width, height) = (u16::from_be_bytes([w1, w2]).into(), u16::from_be_bytes([h1, h2]).into());
                bounds.permit(width, height)?;
                if size.replace((width, height)).is_some() {
                    return Err(bad("it has several frames"));
                }
                components = of;
                keep(sink, code, &frame)?;
            }
            code @ APP0..=0xEF => turned = about(source, sink, code, turned)?,
            SOS => {
                keep(sink, SOS, &segment(source)?)?;
                scan(source, sink)?;
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(bad("it is drawn over and over"));
                }
            }
            // Comments.
            0xFE => {
                segment(source)?;
            }
            code @ (0xC4 | 0xCC | 0xDB..=0xDF) => keep(sink, code, &segment(source)?)?,
            _ => return Err(bad("it has a part that no JPEG has")),
        }
    }
    sink.write_all(&[0xFF, EOI])?;
    only_pictures_follow(source)?;
    let size = size.filter(|_| scans > 0).ok_or_else(|| bad("it has no picture"))?;
    let renders = components != INKS;
    Ok(Picture { media_type: "image/jpeg", size: Some(exif::shown(turned, size)), renders, drawn: 0 })
}

/// Cameras put previews and depth maps behind the picture: they are left out. Something else there is not a picture.
fn only_pictures_follow(source: &mut Source<'_>) -> Result<(), Refused> {
    if source.at_hand()?.starts_with(&[0xFF, SOI, 0xFF]) || source.ends_in_zeros()? {
        Ok(())
    } else {
        Err(bad("something stands behind the end of the picture"))
    }
}

/// The next marker, which may have any number of 0xFF before it.
fn marker(source: &mut Source<'_>) -> Result<u8, Refused> {
    if source.byte()? != 0xFF {
        return Err(bad("a part does not begin as parts do"));
    }
    loop {
        match source.byte()? {
            0xFF => {}
            code => return Ok(code),
        }
    }
}

fn segment(source: &mut Source<'_>) -> Result<Vec<u8>, Refused> {
    let length = usize::from(u16::from_be_bytes(source.take()?));
    let length = length.checked_sub(2).ok_or_else(|| bad("a part is shorter than it can be"))?;
    source.few(length)
}

fn keep(sink: &mut Sink<'_>, code: u8, segment: &[u8]) -> Result<(), Refused> {
    let length = u16::try_from(segment.len() + 2).map_err(|_| bad("a part is too long"))?;
    sink.write_all(&[0xFF, code])?;
    sink.write_all(&length.to_be_bytes())?;
    Ok(sink.write_all(segment)?)
}

/// Keeps what the picture cannot be shown rightly without: its colours, and how it is turned.
fn about(source: &mut Source<'_>, sink: &mut Sink<'_>, code: u8, turned: u8) -> Result<u8, Refused> {
    let mut segment = segment(source)?;
    match code {
        APP0 if segment.starts_with(b"JFIF\0") && segment.len() >= JFIF => {
            segment.truncate(JFIF);
            segment[JFIF - 2..].fill(0);
            keep(sink, code, &segment)?;
        }
        APP1 if segment.starts_with(b"Exif\0\0") => {
            let found = exif::orientation(&segment[6..]);
            if found != 1 && turned == 1 {
                keep(sink, code, &[b"Exif\0\0".as_slice(), &exif::block(found)].concat())?;
                return Ok(found);
            }
        }
        APP2 if segment.starts_with(b"ICC_PROFILE\0") => keep(sink, code, &segment)?,
        APP14 if segment.starts_with(b"Adobe") => keep(sink, code, &segment)?,
        _ => {}
    }
    Ok(turned)
}

/// Copies coded data up to the marker behind it, which stays to be read. 0xFF within is followed by 0, or by the number
/// of a restart.
fn scan(source: &mut Source<'_>, sink: &mut Sink<'_>) -> Result<(), Refused> {
    loop {
        let at_hand = source.at_hand()?;
        let plain = at_hand.iter().position(|byte| *byte == 0xFF).unwrap_or(at_hand.len());
        if at_hand.is_empty() {
            return Err(bad("it ends early"));
        }
        sink.write_all(&at_hand[..plain])?;
        let ends_here = plain < at_hand.len();
        source.used(plain);
        if ends_here {
            let at = source.at();
            match source.take::<2>()? {
                escaped @ [_, 0x00 | 0xD0..=0xD7] => sink.write_all(&escaped)?,
                [_, 0xFF] => source.seek(at + 1)?,
                _ => return source.seek(at),
            }
        }
    }
}
