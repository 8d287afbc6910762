//! Pictures are made here by the encoders of `image`, and what tells of people is put into them by hand.

use std::io::{Cursor, Read as _, Seek as _, Write as _};

use image::{DynamicImage, ImageFormat, RgbImage};

use super::{Bounds, Found, Refused, exif, inspect};

const BOUNDS: Bounds = Bounds { pixels: 1_000_000 };
/// What must never be served.
const SECRET: &[u8] = b"N 48.2082 E 16.3738 taken by Ada";

/// What is found, and the bytes that are kept.
fn taken(bytes: &[u8]) -> Result<(Found, Vec<u8>), Refused> {
    let mut from = tempfile::tempfile().unwrap();
    from.write_all(bytes).unwrap();
    from.rewind().unwrap();
    let to = tempfile::tempfile().unwrap();
    let mut kept = to.try_clone().unwrap();
    let found = inspect(from, to, BOUNDS)?;
    kept.rewind().unwrap();
    let mut bytes = Vec::new();
    kept.read_to_end(&mut bytes).unwrap();
    assert_eq!(found.bytes, bytes.len() as u64);
    Ok((found, bytes))
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 6, y as u8 * 8, 99]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// EXIF with an orientation and with what must not be served.
fn told(orientation: u8) -> Vec<u8> {
    [exif::block(orientation).as_slice(), SECRET].concat()
}

fn jpeg_segment(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, code], length.as_slice(), data].concat()
}

/// A JPEG that says all that a telephone says.
fn jpeg(orientation: u8) -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg);
    let exif = jpeg_segment(0xE1, &[b"Exif\0\0".as_slice(), &told(orientation)].concat());
    let xmp = jpeg_segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat());
    let (maker, comment) = (jpeg_segment(0xED, SECRET), jpeg_segment(0xFE, SECRET));
    [&plain[..2], &exif, &xmp, &maker, &comment, &plain[2..]].concat()
}

fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(name);
    checksum.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, name.as_slice(), data, &checksum.finalize().to_be_bytes()].concat()
}

/// A PNG with chunks behind its header.
fn png(chunks: &[u8]) -> Vec<u8> {
    let plain = picture(ImageFormat::Png);
    [&plain[..33], chunks, &plain[33..]].concat()
}

/// The pixels, as a decoder sees them.
fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().to_rgb8().into_raw()
}

#[test]
fn a_jpeg_keeps_its_pixels_and_how_it_is_turned_and_tells_nothing_else() {
    let (found, kept) = taken(&jpeg(6)).unwrap();
    assert_eq!((found.media_type.as_str(), found.size, found.renders), ("image/jpeg", Some((30, 40)), true));
    assert!(!contains(&kept, SECRET) && !contains(&kept, b"adobe.com"));
    assert!(contains(&kept, &exif::block(6)));
    assert_eq!(pixels(&kept), pixels(&picture(ImageFormat::Jpeg)), "nothing was encoded again");
}

#[test]
fn a_jpeg_of_four_inks_gets_no_smaller_sizes() {
    let mut bytes = picture(ImageFormat::Jpeg);
    let frame = bytes.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    // Behind marker, length, precision, height and width.
    assert_eq!(std::mem::replace(&mut bytes[frame + 9], 4), 3);
    let (found, _) = taken(&bytes).unwrap();
    assert_eq!((found.media_type.as_str(), found.size, found.renders), ("image/jpeg", Some((40, 30)), false));
}

#[test]
fn what_is_stripped_once_is_kept_as_it_is() {
    for bytes in [jpeg(6), png(&png_chunk(b"eXIf", &told(3))), picture(ImageFormat::Gif), picture(ImageFormat::WebP)] {
        let (first, kept) = taken(&bytes).unwrap();
        let (again, same) = taken(&kept).unwrap();
        assert_eq!((first.sha256, kept), (again.sha256, same));
    }
}

#[test]
fn a_png_keeps_its_pixels_and_tells_nothing() {
    let chunks = [png_chunk(b"tEXt", SECRET), png_chunk(b"iTXt", SECRET), png_chunk(b"eXIf", &told(3))].concat();
    let (found, kept) = taken(&png(&chunks)).unwrap();
    assert_eq!((found.media_type.as_str(), found.size), ("image/png", Some((40, 30))));
    assert!(!contains(&kept, SECRET) && contains(&kept, &exif::block(3)));
    assert_eq!(pixels(&kept), pixels(&picture(ImageFormat::Png)));
}

#[test]
fn a_webp_keeps_its_pixels_and_tells_nothing() {
    let plain = picture(ImageFormat::WebP);
    let mut extended = b"VP8X\x0A\0\0\0\x0C\0\0\0\x27\0\0\x1D\0\0".to_vec();
    extended.extend_from_slice(&plain[12..]);
    for name in [b"EXIF", b"XMP "] {
        let data = told(8);
        extended.extend_from_slice(name);
        extended.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
        extended.extend_from_slice(&data);
    }
    let length = u32::try_from(extended.len() + 4).unwrap().to_le_bytes();
    let bytes = [b"RIFF", length.as_slice(), b"WEBP", &extended].concat();
    let (found, kept) = taken(&bytes).unwrap();
    assert_eq!((found.media_type.as_str(), found.size), ("image/webp", Some((30, 40))));
    assert!(!contains(&kept, SECRET) && contains(&kept, &exif::block(8)));
    assert_eq!(pixels(&kept), pixels(&plain));
}

#[test]
fn a_gif_keeps_its_pixels_and_no_comment() {
    let plain = picture(ImageFormat::Gif);
    let end = plain.len() - 1;
    let length = u8::try_from(SECRET.len()).unwrap();
    let comment = [&[0x21, 0xFE, length], SECRET, &[0]].concat();
    let (found, kept) = taken(&[&plain[..end], &comment, &plain[end..]].concat()).unwrap();
    assert_eq!((found.media_type.as_str(), found.size), ("image/gif", Some((40, 30))));
    assert!(!contains(&kept, SECRET));
    assert_eq!(pixels(&kept), pixels(&plain));
}

fn iso_box(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len() + 8).unwrap().to_be_bytes();
    [&length, name.as_slice(), data].concat()
}

/// An AVIF as far as boxes go: a picture of 64 x 48 pixels, and EXIF, in `mdat`.
fn avif() -> Vec<u8> {
    let kind = iso_box(b"ftyp", b"avif\0\0\0\0avifmif1");
    let item = |id: u8, of: &[u8; 4]| iso_box(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], of.as_slice(), &[0]].concat());
    let items = iso_box(b"iinf", &[&[0, 0, 0, 0, 0, 2], item(1, b"av01").as_slice(), &item(2, b"Exif")].concat());
    let sizes = iso_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 48]);
    let properties = iso_box(b"iprp", &iso_box(b"ipco", &sizes));
    let places = |pixels: u32, exif: u32| {
        let entry = |id: u8, at: u32, length: u32| {
            [&[0, id, 0, 0, 0, 1], at.to_be_bytes().as_slice(), &length.to_be_bytes()].concat()
        };
        let secret = u32::try_from(SECRET.len()).unwrap();
        let entries = [entry(1, pixels, 4), entry(2, exif, secret)].concat();
        iso_box(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 2], entries.as_slice()].concat())
    };
    let meta = |places: &[u8]| iso_box(b"meta", &[&[0, 0, 0, 0], items.as_slice(), places, &properties].concat());
    let begin = u32::try_from(kind.len() + meta(&places(0, 0)).len() + 8).unwrap();
    let data = iso_box(b"mdat", &[b"PIXL".as_slice(), SECRET].concat());
    [kind, meta(&places(begin, begin + 4)), data].concat()
}

#[test]
fn an_avif_stays_as_it_is_but_for_what_tells() {
    let bytes = avif();
    let (found, kept) = taken(&bytes).unwrap();
    assert_eq!((found.media_type.as_str(), found.size, found.renders), ("image/avif", Some((64, 48)), false));
    assert_eq!(kept.len(), bytes.len());
    assert!(!contains(&kept, SECRET) && contains(&kept, b"PIXL"));
}

#[test]
fn an_svg_is_written_anew_without_what_browsers_would_carry_out() {
    let svg = br##"<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">
        <rect width="10" height="10" fill="red" onclick="alert(2)"/>
        <image href="https://example.org/spy.png"/></svg>"##;
    let (found, kept) = taken(svg).unwrap();
    let kept = String::from_utf8(kept).unwrap();
    assert_eq!((found.media_type.as_str(), found.renders), ("image/svg+xml", false));
    assert!(kept.contains("<rect") && !kept.contains("alert") && !kept.contains("example.org"), "{kept}");
    for bad in ["<script>alert(1)</script>", "<a href='javascript:alert(1)'/>", "<foreignObject/>"] {
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{bad}</svg>");
        assert!(matches!(taken(svg.as_bytes()), Err(Refused::Bad(_))), "{bad}");
    }
    let laughs = r#"<!DOCTYPE svg [<!ENTITY a "ha">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>"#;
    assert!(matches!(taken(laughs.as_bytes()), Err(Refused::Bad(_))));
}

#[test]
fn what_is_another_file_besides_is_refused() {
    let zip = b"PK\x03\x04 and so on".as_slice();
    for bytes in [jpeg(1), png(&[]), picture(ImageFormat::Gif), picture(ImageFormat::WebP), avif()] {
        let both = [bytes.as_slice(), zip].concat();
        assert!(matches!(taken(&both), Err(Refused::Bad(_))), "{:?}", &bytes[..4]);
        // The last block is filled up with zeros by some programs.
        let filled = [bytes.as_slice(), &[0; 64]].concat();
        assert!(bytes[4..8] == *b"ftyp" || taken(&filled).is_ok(), "{:?}", &bytes[..4]);
    }
    // A script that begins as a GIF does.
    assert!(matches!(taken(b"GIF89a/*\0\0\0\0\0*/=1;alert(1)//"), Err(Refused::Bad(_))));
}

#[test]
fn a_preview_behind_a_jpeg_is_left_out() {
    let (first, second) = (jpeg(1), jpeg(1));
    let (_, kept) = taken(&[first.as_slice(), &second].concat()).unwrap();
    assert_eq!(kept, taken(&first).unwrap().1);
}

#[test]
fn what_would_take_too_many_pixels_is_refused_before_it_is_decoded() {
    let mut bytes = png(&[]);
    bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let refused = taken(&bytes);
    assert!(matches!(refused, Err(Refused::TooManyPixels { width: 65_536, height: 65_536, .. })), "{refused:?}");
}

#[test]
fn what_ends_early_is_refused_wherever_it_ends() {
    for bytes in [jpeg(6), png(&[]), picture(ImageFormat::Gif), picture(ImageFormat::WebP), avif()] {
        for end in (16..bytes.len()).step_by(7) {
            assert!(matches!(taken(&bytes[..end]), Err(Refused::Bad(_))), "{:?} up to {end}", &bytes[..4]);
        }
    }
}

#[test]
fn a_file_is_what_it_shows_and_not_what_it_is_called() {
    let of = |bytes: &[u8]| taken(bytes).unwrap().0.media_type.to_string();
    assert_eq!(of("Grüße, text.\n".as_bytes()), "text/plain");
    assert_eq!(of(b"<!DOCTYPE html><script>alert(1)</script>"), "text/plain");
    assert_eq!(of(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), "application/pdf");
    assert_eq!(of(b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), "application/octet-stream");
    assert!(matches!(taken(b""), Err(Refused::Bad(_))));
    // Of a TIFF the place could not be taken out.
    assert!(matches!(taken(b"II*\0\x08\0\0\0\0\0\0\0"), Err(Refused::Unknown(_))));
}

mod costs;
mod film;
mod hostile;
