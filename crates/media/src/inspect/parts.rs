//! Reading bytes part by part, and writing them anew with their digest: those of a file, or those of a picture within
//! another.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use domain::values::Sha256;
use sha2::{Digest as _, Sha256 as Hasher};

/// So much is read and written at once.
const BUFFER: usize = 64 * 1024;

/// What is read, wherever one likes.
pub(super) trait Readable: Read + Seek {}

impl<T: Read + Seek> Readable for T {}

/// A file that is read.
pub(super) struct Source<'a> {
    file: BufReader<Box<dyn Readable + 'a>>,
    length: u64,
}

/// A file that is written.
pub(super) struct Sink<'a> {
    file: BufWriter<Box<dyn Write + 'a>>,
    hasher: Hasher,
    bytes: u64,
}

impl<'a> Source<'a> {
    pub(super) fn new(mut file: impl Readable + 'a) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        Ok(Self { file: BufReader::with_capacity(BUFFER, Box::new(file)), length })
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where it is read.
    pub(super) fn at(&mut self) -> io::Result<u64> {
        self.file.stream_position()
    }

    /// How many bytes are left.
    pub(super) fn left(&mut self) -> io::Result<u64> {
        Ok(self.length.saturating_sub(self.at()?))
    }

    pub(super) fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    /// So many bytes, which are few.
    pub(super) fn few(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Passes over so many bytes, which must be there.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<()> {
        if count > self.left()? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.seek_relative(count.cast_signed())
    }

    pub(super) fn seek(&mut self, to: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(to)).map(|_| ())
    }

    /// Writes so many bytes as they are.
    pub(super) fn copy(&mut self, sink: &mut Sink<'_>, count: u64) -> io::Result<()> {
        let copied = io::copy(&mut self.file.by_ref().take(count), sink)?;
        if copied == count { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// The next bytes, as many as are at hand; none at the end.
    pub(super) fn at_hand(&mut self) -> io::Result<&[u8]> {
        io::BufRead::fill_buf(&mut self.file)
    }

    /// Passes over bytes that were at hand.
    pub(super) fn used(&mut self, count: usize) {
        io::BufRead::consume(&mut self.file, count);
    }

    /// Whether all that is left is zeros, as some programs fill up the last block.
    pub(super) fn ends_in_zeros(&mut self) -> io::Result<bool> {
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
