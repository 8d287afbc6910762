//! Of all that EXIF tells one thing is kept: how the picture is turned when it is shown. Without it, it would lie on
//! its side.

/// The tag of the orientation.
const ORIENTATION: u16 = 0x0112;
/// An unsigned number of 16 bits.
const SHORT: u16 = 3;
/// Entries that are looked at.
const MOST_ENTRIES: usize = 200;

/// The orientation that a block of EXIF (TIFF) says: 1, as it is, to 8.
pub(super) fn orientation(tiff: &[u8]) -> u8 {
    read(tiff).filter(|turned| (1..=8).contains(turned)).unwrap_or(1)
}

fn read(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = <[u8; 2]>::try_from(tiff.get(at..at.checked_add(2)?)?).ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let first = [short(4)?, short(6)?];
    let [low, high] = if little { first } else { [first[1], first[0]] };
    let directory = (usize::from(high) << 16) | usize::from(low);
    let entries = usize::from(short(directory)?).min(MOST_ENTRIES);
    let mut entries = (0..entries).map(|entry| directory + 2 + entry * 12).map_while(|at| Some((at, short(at)?)));
    let (entry, _) = entries.find(|(_, tag)| *tag == ORIENTATION)?;
    if short(entry + 2)? == SHORT { short(entry + 8)?.try_into().ok() } else { None }
}

/// A block of EXIF that says the orientation and nothing else.
pub(super) fn block(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation;
    tiff
}

/// How large a picture is shown that is turned like this.
pub(super) fn shown(orientation: u8, (width, height): (u32, u32)) -> (u32, u32) {
    if orientation >= 5 { (height, width) } else { (width, height) }
}
