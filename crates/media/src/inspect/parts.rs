//! Reading bytes part by part, and writing them anew with their digest: those of a file, or those of a picture within
//! another.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use domain::values::Sha256;
use sha2::{Digest as _, Sha256 as Hasher};

use super::Refused;
use super::steps::Steps;

/// So much is read and written at once.
const BUFFER: usize = 64 * 1024;
/// So many steps it costs to read that once more.
const READ_AGAIN: u64 = BUFFER as u64 / 64;

/// What is read, wherever one likes.
pub(super) trait Readable: Read + Seek {}

impl<T: Read + Seek> Readable for T {}

/// A file that is read.
pub(super) struct Source<'a> {
    file: BufReader<Box<dyn Readable + 'a>>,
    length: u64,
    at: u64,
    steps: Steps,
}

/// A file that is written.
pub(super) struct Sink<'a> {
    file: BufWriter<Box<dyn Write + 'a>>,
    hasher: Hasher,
    bytes: u64,
}

impl<'a> Source<'a> {
    /// An upload.
    pub(super) fn new(mut file: impl Readable + 'a) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        Self::within(file, &Steps::of(length))
    }

    /// What is within an upload, which may take no more steps than the whole.
    pub(super) fn within(mut file: impl Readable + 'a, steps: &Steps) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let file: Box<dyn Readable + 'a> = Box::new(file);
        Ok(Self { file: BufReader::with_capacity(BUFFER, file), length, at: 0, steps: steps.clone() })
    }

    /// The steps that are left.
    pub(super) fn steps(&self) -> &Steps {
        &self.steps
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where it is read.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refused> {
        self.take::<1>().map(|[byte]| byte)
    }

    /// So many bytes, which are few.
    pub(super) fn few(&mut self, count: usize) -> Result<Vec<u8>, Refused> {
        if count as u64 > self.left() {
            return Err(ends_early());
        }
        let mut bytes = vec![0; count];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Refused> {
        self.steps.take(1)?;
        self.file.read_exact(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Passes over so many bytes, which must be there.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), Refused> {
        if count > self.left() {
            return Err(ends_early());
        }
        self.seek(self.at + count)
    }

    /// Goes there. What was read ahead is kept where it can be: reading it once more costs as much as many steps.
    pub(super) fn seek(&mut self, to: u64) -> Result<(), Refused> {
        self.steps.take(1)?;
        self.file.seek_relative(to.wrapping_sub(self.at).cast_signed())?;
        if to < self.at && self.file.buffer().is_empty() {
            self.steps.take(READ_AGAIN)?;
        }
        self.at = to;
        Ok(())
    }

    /// Writes so many bytes as they are.
    pub(super) fn copy(&mut self, sink: &mut Sink<'_>, count: u64) -> Result<(), Refused> {
        self.steps.take(1)?;
        let copied = io::copy(&mut self.file.by_ref().take(count), sink)?;
        self.at += copied;
        if copied == count { Ok(()) } else { Err(ends_early()) }
    }

    /// The next bytes, as many as are at hand; none at the end.
    pub(super) fn at_hand(&mut self) -> Result<&[u8], Refused> {
        self.steps.take(1)?;
        Ok(io::BufRead::fill_buf(&mut self.file)?)
    }

    /// Passes over bytes that were at hand.
    pub(super) fn used(&mut self, count: usize) {
        io::BufRead::consume(&mut self.file, count);
        self.at += count as u64;
    }

    /// Whether all that is left is zeros, as some programs fill up the last block.
    pub(super) fn ends_in_zeros(&mut self) -> Result<bool, Refused> {
        loop {
            let at_hand = self.at_hand()?;
            if at_hand.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            match at_hand.len() {
                0 => return Ok(true),
                count => self.used(count),
            }
        }
    }
}

fn ends_early() -> Refused {
    io::Error::from(io::ErrorKind::UnexpectedEof).into()
}

impl<'a> Sink<'a> {
    pub(super) fn new(file: impl Write + 'a) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, Box::new(file)), hasher: Hasher::new(), bytes: 0 }
    }

    /// Writes so many zeros.
    pub(super) fn zeros(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut io::repeat(0).take(count), self).map(|_| ())
    }

    /// How many bytes were written, and what they are.
    pub(super) fn finish(mut self) -> io::Result<(u64, Sha256)> {
        self.file.flush()?;
        Ok((self.bytes, Sha256::of_digest(self.hasher.finalize().into())))
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
