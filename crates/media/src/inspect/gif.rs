//! GIF: blocks, of which pictures and what steers them are kept.

use std::io::Write as _;

use super::parts::{Sink, Source};
use super::{Bounds, Frames, Picture, Refused, bad};

/// The only extensions of applications that are kept: how often the frames are repeated.
const REPEATS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    let head: [u8; 13] = source.take()?;
    let (width, height) = (number(&head[6..8]), number(&head[8..10]));
    bounds.permit(width, height)?;
    sink.write_all(&head)?;
    colours(source, sink, head[10])?;
    let (mut count, mut frames) = (0_u32, Frames::default());
    loop {
        match source.byte()? {
            0x2C => {
                frames.add(frame(source, sink, bounds)?, bounds)?;
                count += 1;
            }
            0x21 => extension(source, sink)?,
            0x3B => break,
            _ => return Err(bad("it has a part that no GIF has")),
        }
    }
    sink.write_all(&[0x3B])?;
    if count == 0 {
        return Err(bad("it has no picture"));
    }
    if !source.ends_in_zeros()? {
        return Err(bad("something stands behind the end of the picture"));
    }
    // A smaller size would not move any more.
    Ok(Picture { media_type: "image/gif", size: Some((width, height)), renders: count == 1, drawn: frames.pixels })
}

fn number(bytes: &[u8]) -> u32 {
    u32::from(bytes[0]) | (u32::from(bytes[1]) << 8)
}

/// A table of colours, if the flags say that there is one.
fn colours(source: &mut Source<'_>, sink: &mut Sink<'_>, flags: u8) -> Result<(), Refused> {
    if flags & 0x80 != 0 {
        source.copy(sink, 3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

fn frame(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<(u32, u32), Refused> {
    let head: [u8; 9] = source.take()?;
    let size = (number(&head[4..6]), number(&head[6..8]));
    bounds.permit_frame(size)?;
    sink.write_all(&[0x2C])?;
    sink.write_all(&head)?;
    colours(source, sink, head[8])?;
    source.copy(sink, 1)?;
    blocks(source, Some(sink))?;
    Ok(size)
}

fn extension(source: &mut Source<'_>, sink: &mut Sink<'_>) -> Result<(), Refused> {
    let label = source.byte()?;
    match label {
        0xF9 => {
            sink.write_all(&[0x21, label])?;
            blocks(source, Some(sink))
        }
        0xFF => {
            let length = source.byte()?;
            let name = source.few(length.into())?;
            let kept = REPEATS.contains(&name.as_slice());
            if kept {
                sink.write_all(&[0x21, label, length])?;
                sink.write_all(&name)?;
            }
            blocks(source, kept.then_some(sink))
        }
        // Comments, and text that no program shows.
        _ => blocks(source, None),
    }
}

/// Blocks up to the empty one, which are written where there is a sink.
fn blocks(source: &mut Source<'_>, mut sink: Option<&mut Sink<'_>>) -> Result<(), Refused> {
    loop {
        let length = source.byte()?;
        match &mut sink {
            Some(sink) => {
                sink.write_all(&[length])?;
                source.copy(sink, length.into())?;
            }
            None => source.skip(length.into())?,
        }
        if length == 0 {
            return Ok(());
        }
    }
}
