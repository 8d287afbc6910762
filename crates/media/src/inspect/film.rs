//! What an AVIF that moves says of its frames: boxes in boxes. What is not needed to show them tells of people, of the
//! place for one, and is emptied where it stands.

use super::boxes::{Cleared, Part, Reader, parts};
use super::items::told;
use super::steps::Steps;
use super::{Bounds, Refused, bad};

/// Boxes of boxes.
const NESTED: [&[u8; 4]; 6] = [b"trak", b"edts", b"mdia", b"minf", b"stbl", b"dinf"];
/// What frames cannot be shown rightly without.
const KEPT: [&[u8; 4]; 23] = [
    b"mvhd", b"tkhd", b"tref", b"elst", b"mdhd", b"hdlr", b"vmhd", b"nmhd", b"sthd", b"dref", b"stsd", b"stts",
    b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sdtp", b"sbgp", b"sgpd",
];
/// So many boxes, of which a frame needs none; they are nested no deeper than that.
const MOST: usize = 1_000;

/// What is found.
#[derive(Default)]
pub(super) struct Film {
    /// How many frames all its tracks have.
    pub(super) frames: u64,
    pub(super) cleared: Vec<Cleared>,
    boxes: usize,
}

/// Reads such boxes, whose bytes begin there in the file.
pub(super) fn read(bytes: &[u8], begin: u64, bounds: Bounds, steps: &Steps) -> Result<Film, Refused> {
    let mut film = Film::default();
    film.look(bytes, begin, bounds, steps)?;
    Ok(film)
}

impl Film {
    fn look(&mut self, bytes: &[u8], begin: u64, bounds: Bounds, steps: &Steps) -> Result<(), Refused> {
        for part in parts(bytes, steps)? {
            self.boxes += 1;
            if self.boxes > MOST {
                return Err(bad("it has too many parts"));
            }
            match &part.name {
                name if NESTED.contains(&name) => self.look(part.data, begin + part.at as u64, bounds, steps)?,
                name if KEPT.contains(&name) => self.keep(&part, bounds, steps)?,
                b"meta" => {
                    let inner = part.data.get(4..).ok_or_else(|| bad("a part ends early"))?;
                    self.cleared.extend(told(&parts(inner, steps)?, begin + part.at as u64 + 4, steps)?);
                    self.cleared.extend(part.emptied(begin));
                }
                _ => self.cleared.extend(part.emptied(begin)),
            }
        }
        Ok(())
    }

    fn keep(&mut self, part: &Part<'_>, bounds: Bounds, steps: &Steps) -> Result<(), Refused> {
        let number = |at: usize| Reader { bytes: part.data, at, steps }.number(4);
        match &part.name {
            b"stsz" | b"stz2" => self.frames = self.frames.saturating_add(number(8)?),
            b"tkhd" => {
                // Two numbers at its end, of 16 bits before the point.
                let end = part.data.len().checked_sub(8).ok_or_else(|| bad("a part ends early"))?;
                let side = |at| number(at).map(|fixed| u32::try_from(fixed >> 16).unwrap_or(u32::MAX));
                bounds.permit_frame((side(end)?, side(end + 4)?))?;
            }
            _ => {}
        }
        Ok(())
    }
}
