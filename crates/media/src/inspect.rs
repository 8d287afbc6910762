//! Finds what bytes are, and writes them anew without what tells of the camera, the place and the person: part by part,
//! as they are, nothing is encoded again. Each part of a picture is one that the format names; what stands behind its
//! end would be another file in the same bytes, and is refused, as is more than a picture may have of pixels.

mod avif;
mod boxes;
mod drawn;
mod exif;
mod file;
mod film;
mod gif;
mod items;
mod jpeg;
mod parts;
mod png;
mod steps;
mod svg;
mod webp;

use std::io::{self, Read, Seek, Write};

use domain::values::{MediaType, Sha256};

use parts::{Sink, Source};

/// So much of the beginning tells what bytes are.
const HEAD: usize = 4_096;

/// How large a picture may be, of whatever size in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most pixels.
    pub pixels: u64,
}

/// What bytes were found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What they are of.
    pub media_type: MediaType,
    /// How many pixels wide and high a picture is shown, where that is known.
    pub size: Option<(u32, u32)>,
    /// How many bytes were written.
    pub bytes: u64,
    /// What they are.
    pub sha256: Sha256,
    /// Whether smaller sizes can be made of it.
    pub renders: bool,
}

/// Why bytes were refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// They are not what they begin as, or something else besides.
    #[error("{0}")]
    Bad(String),
    /// They are of a kind that is not taken.
    #[error("{0} is not taken")]
    Unknown(String),
    /// The picture has too many pixels.
    #[error("the picture has {width} x {height} pixels; at most {most} are taken")]
    TooManyPixels {
        /// How wide it is.
        width: u32,
        /// How high it is.
        height: u32,
        /// The most pixels.
        most: u64,
    },
    /// The file that they are in cannot be read or written.
    #[error("reading or writing failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { bad("it ends early") } else { Self::Io(error) }
    }
}

fn bad(why: &str) -> Refused {
    Refused::Bad(why.to_owned())
}

/// What a format found: its media type, how large it is shown, whether it can be rendered, and the pixels of all its
/// frames.
struct Picture {
    media_type: &'static str,
    size: Option<(u32, u32)>,
    renders: bool,
    drawn: u64,
}

impl Picture {
    /// The pixels that it counts for beside others: those of its frames too, of which each picture may have many times
    /// its own.
    fn cost(&self) -> u64 {
        let shown = self.size.map_or(0, |(width, height)| u64::from(width) * u64::from(height));
        shown.max(self.drawn.div_ceil(FRAMES_FULL))
    }
}

/// Finds what `from` is, and writes it into `to` without what tells of people.
///
/// # Errors
/// It is not taken, or a file cannot be read or written.
pub fn inspect(mut from: impl Read + Seek, to: impl Write, bounds: Bounds) -> Result<Found, Refused> {
    let mut head = Vec::new();
    from.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    from.rewind()?;
    let (mut source, mut sink) = (Source::new(from)?, Sink::new(to));
    let picture = match format(&head) {
        Some(format) => format(&mut source, &mut sink, bounds)?,
        None => file::copy(&head, &mut source, &mut sink)?,
    };
    let (bytes, sha256) = sink.finish()?;
    let media_type = picture.media_type.to_owned().try_into().expect("ours are media types");
    Ok(Found { media_type, size: picture.size, bytes, sha256, renders: picture.renders })
}

type Format = fn(&mut Source<'_>, &mut Sink<'_>, Bounds) -> Result<Picture, Refused>;

/// Whose beginning this is.
fn format(head: &[u8]) -> Option<Format> {
    let of = |at: usize, magic: &[u8]| head.get(at..at + magic.len()) == Some(magic);
    match () {
        () if of(0, b"\xFF\xD8\xFF") => Some(jpeg::copy),
        () if of(0, b"\x89PNG\r\n\x1A\n") => Some(png::copy),
        () if of(0, b"GIF87a") || of(0, b"GIF89a") => Some(gif::copy),
        () if of(0, b"RIFF") && of(8, b"WEBP") => Some(webp::copy),
        () if of(4, b"ftyp") && avif::is_avif(head) => Some(avif::copy),
        () if svg::is_svg(head) => Some(svg::copy),
        () => None,
    }
}

/// How many times the pixels of a picture all its frames together may have, and the times that it is drawn anew.
const FRAMES_FULL: u64 = 50;

/// The pixels of the frames of a picture that moves: few bytes can make many of them.
#[derive(Default)]
struct Frames {
    pixels: u64,
}

impl Frames {
    /// Counts a frame.
    fn add(&mut self, size: (u32, u32), bounds: Bounds) -> Result<(), Refused> {
        self.add_times(1, size, bounds)
    }

    /// Counts so many frames.
    fn add_times(&mut self, times: u64, (width, height): (u32, u32), bounds: Bounds) -> Result<(), Refused> {
        let pixels = (u64::from(width) * u64::from(height)).saturating_mul(times);
        self.pixels = self.pixels.saturating_add(pixels);
        if self.pixels > bounds.pixels.saturating_mul(FRAMES_FULL) {
            return Err(bad("its frames have too many pixels"));
        }
        Ok(())
    }
}

/// The one of two sizes that has more pixels.
fn larger(one: (u32, u32), other: (u32, u32)) -> (u32, u32) {
    let pixels = |size: (u32, u32)| u64::from(size.0) * u64::from(size.1);
    if pixels(other) > pixels(one) { other } else { one }
}

impl Bounds {
    /// Whether a picture may be so large.
    fn permit(self, width: u32, height: u32) -> Result<(), Refused> {
        if width == 0 || height == 0 {
            return Err(bad("the picture has no pixels"));
        }
        if u64::from(width) * u64::from(height) > self.pixels {
            return Err(Refused::TooManyPixels { width, height, most: self.pixels });
        }
        Ok(())
    }

    /// Whether a frame may be so large, which may be empty, and need not be within the picture.
    fn permit_frame(self, (width, height): (u32, u32)) -> Result<(), Refused> {
        if width == 0 || height == 0 { Ok(()) } else { self.permit(width, height) }
    }
}

#[cfg(test)]
mod tests;
