use std::io::{Cursor, Seek as _, Write as _};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPDecoder;
use image::{
    ColorType, DynamicImage, GrayAlphaImage, GrayImage, ImageDecoder, ImageEncoder, ImageFormat, RgbImage, RgbaImage,
};

use super::{decode, media_type};

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> std::fs::File {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    of(&bytes.into_inner())
}

fn of(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// What a profile of this colour space begins with.
fn profile(space: &[u8; 4]) -> Vec<u8> {
    let mut profile = vec![0; 128];
    profile[16..20].copy_from_slice(space);
    profile
}

fn write(mut encoder: impl ImageEncoder, picture: &DynamicImage, space: &[u8; 4]) {
    encoder.set_icc_profile(profile(space)).unwrap();
    picture.write_with_encoder(encoder).unwrap();
}

/// The smaller size of a picture with a profile of this colour space: its colours, and its profile's colour space.
fn smaller_of(picture: impl Into<DynamicImage>, format: ImageFormat, space: &[u8; 4]) -> (ColorType, Option<Vec<u8>>) {
    let (picture, mut bytes): (DynamicImage, _) = (picture.into(), Vec::new());
    if format == ImageFormat::Png {
        write(PngEncoder::new(&mut bytes), &picture, space);
    } else {
        write(JpegEncoder::new(&mut bytes), &picture, space);
    }
    let made = decode(of(&bytes), 1_000_000).unwrap().make(320).unwrap();
    let of_size = Cursor::new(made.bytes);
    let (colour, found) = if media_type(of_size.get_ref()) == "image/webp" {
        let mut decoder = WebPDecoder::new(of_size).unwrap();
        (decoder.color_type(), decoder.icc_profile().unwrap())
    } else {
        let mut decoder = JpegDecoder::new(of_size).unwrap();
        (decoder.color_type(), decoder.icc_profile().unwrap())
    };
    (colour, found.map(|profile| profile[16..20].to_vec()))
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

/// It had that of the original, whatever that was of: phones showed other colours than screens do.
#[test]
fn a_smaller_size_has_a_profile_of_its_own_colour_space_or_none() {
    let (wide, greys) = (RgbImage::new(400, 400), GrayImage::new(400, 400));
    let of_size = smaller_of(wide.clone(), ImageFormat::Jpeg, b"RGB ");
    assert_eq!(of_size, (ColorType::Rgb8, Some(b"RGB ".to_vec())));
    assert_eq!(smaller_of(wide, ImageFormat::Jpeg, b"CMYK"), (ColorType::Rgb8, None));
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        assert_eq!(smaller_of(greys.clone(), format, b"GRAY"), (ColorType::L8, Some(b"GRAY".to_vec())));
        assert_eq!(smaller_of(greys.clone(), format, b"RGB "), (ColorType::L8, None));
    }
    let seen_through = smaller_of(GrayAlphaImage::new(400, 400), ImageFormat::Png, b"GRAY");
    assert_eq!(seen_through, (ColorType::Rgba8, None));
    let seen_through = smaller_of(RgbaImage::new(400, 400), ImageFormat::Png, b"RGB ");
    assert_eq!(seen_through, (ColorType::Rgba8, Some(b"RGB ".to_vec())));
}
