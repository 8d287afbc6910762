//! What an AVIF that moves says of its frames: boxes in boxes. What is not needed to show them tells of people, of the
//! place for one, and is emptied where it stands. The data of a track that is no picture could not be: it is refused.

use std::collections::HashSet;

use super::boxes::{Cleared, Part, Reader, nameless, only, parts};
use super::items::others;
use super::steps::Steps;
use super::{Bounds, Refused, bad, larger};

/// Boxes of boxes within a track.
const NESTED: [&[u8; 4]; 5] = [b"edts", b"mdia", b"minf", b"stbl", b"dinf"];
/// What frames cannot be shown rightly without.
const KEPT: [&[u8; 4]; 18] = [
    b"tkhd", b"tref", b"elst", b"mdhd", b"hdlr", b"vmhd", b"dref", b"stsd", b"stts", b"ctts", b"cslg", b"stsc",
    b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sdtp",
];
/// What tracks are of: pictures, and how transparent they are.
const PICTURES: [&[u8]; 2] = [b"pict", b"auxv"];
/// What is said of frames besides their size.
const CODED: [&[u8; 4]; 10] =
    [b"auxi", b"av1C", b"btrt", b"ccst", b"clap", b"clli", b"colr", b"mdcv", b"pasp", b"pixi"];
/// References between tracks.
const REFERENCES: [&[u8; 4]; 3] = [b"auxl", b"prem", b"thmb"];
/// What a description of frames begins with: their size after 24 bytes, and after 42 what encoded them is called.
const FRAMES: usize = 78;
/// So many boxes, of which a frame needs none; they are nested no deeper than that.
const MOST: usize = 1_000;

/// What is found.
pub(super) struct Film<'a> {
    pub(super) tracks: Vec<Track>,
    pub(super) cleared: Vec<Cleared>,
    boxes: usize,
    bounds: Bounds,
    steps: &'a Steps,
}

/// A track.
#[derive(Default)]
pub(super) struct Track {
    /// How many frames it has.
    pub(super) frames: u64,
    /// How large the largest of the sizes is that it tells.
    pub(super) size: (u32, u32),
    /// Whether it says that it is of pictures.
    is_picture: bool,
}

/// Reads such boxes, whose bytes begin there in the file.
pub(super) fn read<'a>(bytes: &[u8], begin: u64, bounds: Bounds, steps: &'a Steps) -> Result<Film<'a>, Refused> {
    let mut film = Film { tracks: Vec::new(), cleared: Vec::new(), boxes: 0, bounds, steps };
    for part in parts(bytes, steps)? {
        match &part.name {
            b"mvhd" => film.timeless(&part, begin)?,
            b"trak" => {
                let mut track = Track::default();
                film.look(part.data, begin + part.at as u64, &mut track)?;
                if !track.is_picture {
                    return Err(bad("it has a track that is no picture"));
                }
                film.tracks.push(track);
            }
            _ => film.empty(&part, begin)?,
        }
    }
    Ok(film)
}

impl Film<'_> {
    fn look(&mut self, bytes: &[u8], begin: u64, track: &mut Track) -> Result<(), Refused> {
        for part in parts(bytes, self.steps)? {
            self.boxes += 1;
            if self.boxes > MOST {
                return Err(bad("it has too many parts"));
            }
            match &part.name {
                name if NESTED.contains(&name) => self.look(part.data, begin + part.at as u64, track)?,
                name if KEPT.contains(&name) => self.keep(&part, begin, track)?,
                _ => self.empty(&part, begin)?,
            }
        }
        Ok(())
    }

    /// Leaves nothing of a box, nor of the items that it describes.
    fn empty(&mut self, part: &Part<'_>, begin: u64) -> Result<(), Refused> {
        if part.name == *b"meta" {
            let inside = parts(part.from(4)?, self.steps)?;
            self.cleared.extend(others(&inside, &HashSet::new(), begin + part.at as u64 + 4, self.steps)?);
        }
        self.cleared.extend(part.emptied(begin));
        Ok(())
    }

    fn keep(&mut self, part: &Part<'_>, begin: u64, track: &mut Track) -> Result<(), Refused> {
        let place = begin + part.at as u64;
        let number = |at: usize| Reader { bytes: part.data, at, steps: self.steps }.number(4);
        match &part.name {
            b"stsz" | b"stz2" => track.frames = track.frames.saturating_add(number(8)?),
            b"mdhd" => self.timeless(part, begin)?,
            b"tkhd" => {
                // Two numbers at its end, of 16 bits before the point.
                let end = part.data.len().checked_sub(8).ok_or_else(|| bad("a part ends early"))?;
                let side = |at| number(at).map(|fixed| u32::try_from(fixed >> 16).unwrap_or(u32::MAX));
                let size = (side(end)?, side(end + 4)?);
                self.bounds.permit_frame(size)?;
                track.size = larger(track.size, size);
                self.timeless(part, begin)?;
            }
            b"hdlr" => {
                if !PICTURES.contains(&part.from(8)?.get(..4).unwrap_or_default()) {
                    return Err(bad("it has a track that is no picture"));
                }
                track.is_picture = true;
                self.cleared.extend(nameless(part, begin)?);
            }
            b"tref" => self.cleared.extend(only(part.data, place, &REFERENCES, self.steps)?),
            b"stsd" => self.described(part.from(8)?, place + 8, track)?,
            b"dref" => {
                // Where else data are, which are here.
                for source in parts(part.from(8)?, self.steps)? {
                    self.cleared.push(source.zeroed(place + 8, 4, None)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What frames are, of which each is coded as an AVIF is.
    fn described(&mut self, bytes: &[u8], begin: u64, track: &mut Track) -> Result<(), Refused> {
        for frames in parts(bytes, self.steps)? {
            let inside = frames.from(FRAMES)?;
            if frames.name != *b"av01" {
                return Err(bad("it has frames that are no AVIF"));
            }
            let side = |at: usize| u32::from(u16::from_be_bytes([frames.data[at], frames.data[at + 1]]));
            let size = (side(24), side(26));
            self.bounds.permit_frame(size)?;
            track.size = larger(track.size, size);
            self.cleared.push(frames.zeroed(begin, 42, Some(32))?);
            self.cleared.extend(only(inside, begin + (frames.at + FRAMES) as u64, &CODED, self.steps)?);
        }
        Ok(())
    }

    /// Leaves out when it was made and changed, which stands first, in 4 bytes each, or in 8.
    fn timeless(&mut self, part: &Part<'_>, begin: u64) -> Result<(), Refused> {
        let is_short = part.data.first() == Some(&0);
        self.cleared.push(part.zeroed(begin, 4, Some(if is_short { 8 } else { 16 }))?);
        Ok(())
    }
}
