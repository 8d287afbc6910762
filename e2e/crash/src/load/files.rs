//! What clients bring: few texts and pictures, so that several bring the same at the same time, and that what one has
//! deleted another brings again. All of them tell nothing of who made them, so they are kept as they are, and their
//! addresses are known before they are brought.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// So many texts.
const TEXTS: u32 = 4;
/// The pictures: how wide and how high they are. One has smaller sizes, which are made after it was brought.
const PICTURES: [(u32, u32); 3] = [(3, 2), (5, 5), (400, 3)];

/// A file.
#[derive(Debug)]
pub(super) struct File {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub(super) sha256: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether it is a picture.
    pub(super) is_picture: bool,
}

impl File {
    fn of(bytes: Vec<u8>, is_picture: bool) -> Self {
        Self { sha256: sha256(&bytes), bytes, is_picture }
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files.
pub(super) fn all() -> &'static [File] {
    static ALL: LazyLock<Vec<File>> = LazyLock::new(|| {
        let texts = (0..TEXTS).map(|number| File::of(format!("A text, number {number}.\n").into_bytes(), false));
        texts.chain(PICTURES.map(|(width, height)| File::of(png(width, height), true))).collect()
    });
    &ALL
}

/// The pictures among them.
pub(super) fn pictures() -> impl Iterator<Item = &'static File> {
    all().iter().filter(|file| file.is_picture)
}

/// The bytes of the file with this SHA-256.
pub(super) fn bytes(sha256: &str) -> &'static [u8] {
    let file = all().iter().find(|file| file.sha256 == sha256);
    &file.expect("clients bring the files of this list").bytes
}

/// A PNG of three colours a pixel, of the parts that every one has: its data are stored and not compressed.
fn png(width: u32, height: u32) -> Vec<u8> {
    let row = |y: u32| std::iter::once(0).chain((0..width * 3).map(move |x| (x * 7 + y * 31).to_le_bytes()[0]));
    let data: Vec<u8> = (0..height).flat_map(row).collect();
    let length = u16::try_from(data.len()).expect("the pictures are small");
    let mut stored = vec![0x78, 0x01, 0x01];
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(&data);
    stored.extend(adler32(&data).to_be_bytes());
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [size.as_slice(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(*b"IHDR", &header), &chunk(*b"IDAT", &stored), &chunk(*b"IEND", &[])]
        .concat()
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), data].concat();
    let length = u32::try_from(data.len()).expect("the pictures are small");
    [length.to_be_bytes().as_slice(), &named, &crc32(&named).to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % BASE;
        (a, (b + a) % BASE)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_as_others_reckon_them() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn each_file_is_another() {
        let sums: std::collections::BTreeSet<&str> = all().iter().map(|file| file.sha256.as_str()).collect();
        assert_eq!(sums.len(), all().len());
        assert!(all().iter().all(|file| sha256(bytes(&file.sha256)) == file.sha256));
        assert_eq!(pictures().count(), PICTURES.len());
    }
}
