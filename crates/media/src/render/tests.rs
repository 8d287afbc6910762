use std::io::{Cursor, Seek as _, Write as _};

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayImage, ImageDecoder as _, ImageEncoder as _, ImageFormat, ImageReader, RgbImage, RgbaImage,
};

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

/// A grey picture has a profile of grey, and its sizes are of red, green and blue.
#[test]
fn sizes_have_no_profile_of_other_colours_than_theirs() {
    let profile = |space: &[u8; 4]| [&[0; 16], &space[..], &[0; 108]].concat();
    let of_a_grey_picture = |profile: Vec<u8>| {
        let (picture, mut bytes) = (GrayImage::new(400, 10), Vec::new());
        let mut encoder = JpegEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile).unwrap();
        picture.write_with_encoder(encoder).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        file.rewind().unwrap();
        let made = decode(file, 1_000_000).unwrap().make(320).unwrap();
        let made = ImageReader::new(Cursor::new(made.bytes)).with_guessed_format().unwrap();
        made.into_decoder().unwrap().icc_profile().unwrap()
    };
    assert_eq!(of_a_grey_picture(profile(b"GRAY")), None);
    assert_eq!(of_a_grey_picture(profile(b"CMYK")), None);
    assert_eq!(of_a_grey_picture(profile(b"RGB ")), Some(profile(b"RGB ")));
}

#[test]
fn what_has_too_many_pixels_or_is_no_picture_is_not_decoded() {
    assert!(decode(file(RgbImage::new(100, 100), ImageFormat::Png), 9_999).is_err());
    assert!(decode(tempfile::tempfile().unwrap(), 9_999).is_err());
}
