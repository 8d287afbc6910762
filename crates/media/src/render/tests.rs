use std::io::{Cursor, Seek as _, Write as _};

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};

use super::{decode, media_type};

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> std::fs::File {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes.into_inner()).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn the_sizes_are_those_that_are_narrower() {
    let decoded = decode(file(RgbImage::new(700, 350), ImageFormat::Jpeg), 1_000_000).unwrap();
    assert_eq!(decoded.widths().collect::<Vec<_>>(), [320, 640]);
    let made = decoded.make(320).unwrap();
    assert_eq!((made.rendition.as_str(), media_type(&made.bytes)), ("320w", "image/jpeg"));
    let smaller = image::load_from_memory(&made.bytes).unwrap();
    assert_eq!((smaller.width(), smaller.height()), (320, 160));
}

#[test]
fn what_one_can_see_through_stays_so() {
    let decoded = decode(file(RgbaImage::new(400, 400), ImageFormat::Png), 1_000_000).unwrap();
    let made = decoded.make(320).unwrap();
    assert_eq!(media_type(&made.bytes), "image/webp");
    assert_eq!(image::load_from_memory(&made.bytes).unwrap().to_rgba8().get_pixel(3, 3).0[3], 0);
}

#[test]
fn what_has_too_many_pixels_or_is_no_picture_is_not_decoded() {
    assert!(decode(file(RgbImage::new(100, 100), ImageFormat::Png), 9_999).is_err());
    assert!(decode(tempfile::tempfile().unwrap(), 9_999).is_err());
}
