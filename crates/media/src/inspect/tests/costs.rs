//! Few bytes that would turn our own loops for hours, whatever they show.

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::inspect::boxes::Reader;
use crate::inspect::parts::Source;
use crate::inspect::steps::Steps;

/// Whether bytes are refused, for which no more than a second is needed, and 30 are given.
fn soon_refused(bytes: Vec<u8>) -> bool {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || sender.send(matches!(taken(&bytes), Err(Refused::Bad(_)))));
    receiver.recv_timeout(Duration::from_secs(30)).expect("it takes too long")
}

/// A description in which each of so many items is in 65,535 places of no bytes.
fn placeless(items: u16) -> Vec<u8> {
    let count = items.to_be_bytes();
    let item = |id: u16| iso_box(b"infe", &[b"\x02\0\0\0", id.to_be_bytes().as_slice(), b"\0\0av01\0"].concat());
    let listed = [b"\0\0\0\0", count.as_slice(), &(0..items).flat_map(item).collect::<Vec<u8>>()].concat();
    let entry = |id: u16| [id.to_be_bytes(), [0, 0], [0xFF, 0xFF]].concat();
    let places = [b"\0\0\0\0\0\0", count.as_slice(), &(0..items).flat_map(entry).collect::<Vec<u8>>()].concat();
    let sizes = iso_box(b"iprp", &iso_box(b"ipco", &iso_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 48])));
    let boxes = [iso_box(b"iinf", &listed), iso_box(b"iloc", &places), sizes].concat();
    iso_box(b"meta", &[&[0; 4], boxes.as_slice()].concat())
}

#[test]
fn places_of_no_bytes_are_not_gone_through() {
    let kind = iso_box(b"ftyp", b"avif\0\0\0\0avifmif1");
    let still = [kind, placeless(9_000)].concat();
    assert!(soon_refused(still.clone()));
    assert!(soon_refused([avif(), iso_box(b"moov", &placeless(9_000))].concat()), "beside a track");
    let data = STANDARD.encode(still);
    let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'><image href='data:image/avif;base64,{data}'/></svg>");
    assert!(soon_refused(svg.into_bytes()), "within an SVG");
}

#[test]
fn what_reads_on_and_on_ends_however_little_it_reads() {
    let mut source = Source::new(Cursor::new([0; 64])).unwrap();
    let turns = (0..1_000_000).take_while(|_| source.seek(0).is_ok()).count();
    assert!(turns > 10_000 && turns < 1_000_000, "{turns}");
    assert!(source.take::<1>().is_err(), "none are left");
    // What is within it has no steps of its own.
    assert!(Source::within(Cursor::new([0; 64]), source.steps()).unwrap().byte().is_err());
    let steps = Steps::of(64);
    let mut reader = Reader { bytes: &[], at: 0, steps: &steps };
    assert!((0..1_000_000).any(|_| reader.number(0).is_err()));
}

/// Counts the bytes that are read.
struct Counted {
    bytes: Cursor<Vec<u8>>,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// How many times bytes are read over, at the most: up to a buffer for each time that they are gone through.
fn times_read(bytes: Vec<u8>) -> u64 {
    let (length, read) = (bytes.len() as u64, Rc::new(Cell::new(0)));
    let _ = inspect(Counted { bytes: Cursor::new(bytes), read: Rc::clone(&read) }, std::io::sink(), BOUNDS);
    read.get() / length
}

#[test]
fn what_was_read_ahead_is_not_read_anew_at_each_part() {
    // Any number of 0xFF may stand before a marker.
    let plain = picture(ImageFormat::Jpeg);
    let (drawn, end) = plain.split_at(plain.len() - 2);
    assert!(times_read([drawn, &[0xFF; 300_000], end].concat()) <= 5);
    // Frames of a WebP that are transparent over and over.
    let alpha = b"ALPH\0\0\0\0".repeat(40_000);
    let frame = [b"\0\0\0\0\0\0\x27\0\0\x1D\0\0\x09\0\0\0".as_slice(), &alpha].concat();
    let canvas = b"VP8X\x0A\0\0\0\x02\0\0\0\x27\0\0\x1D\0\0".as_slice();
    let frame_length = u32::try_from(frame.len()).unwrap().to_le_bytes();
    let chunks = [b"WEBP", canvas, b"ANMF", &frame_length, &frame].concat();
    let length = u32::try_from(chunks.len()).unwrap().to_le_bytes();
    assert!(times_read([b"RIFF", length.as_slice(), &chunks].concat()) <= 5);
    // EXIF whose entries are not there.
    let lies = png_chunk(b"eXIf", b"MM\0\x2A\0\0\0\x08\xFF\xFF");
    assert!(times_read(png(&vec![lies; 10_000].concat())) <= 5);
}
