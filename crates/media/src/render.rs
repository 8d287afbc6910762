//! Smaller sizes of a picture, for `srcset`: those of a list that are narrower than it. They are JPEGs, and of a
//! picture that one can see through, WebPs without loss; turned as it is shown, in its own colours: with the profile
//! that it came with, if that is of what is written, for a profile of greys or inks misleads who shows RGB.

use std::fs::File;
use std::io::{BufReader, Write};
use std::ops::Range;

use domain::values::Rendition;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageEncoder, ImageError, ImageReader, Limits};

/// The widths, in pixels.
const WIDTHS: [u32; 6] = [320, 640, 960, 1280, 1920, 2560];
/// How good a JPEG is, of 100.
const QUALITY: u8 = 80;
/// Where a profile says of which colour space it is.
const SPACE: Range<usize> = 16..20;
/// What is held of a picture besides the pixels that are decoded.
const BESIDES: u64 = 64 * 1024 * 1024;

/// A smaller size.
#[derive(Debug)]
pub struct Made {
    /// How wide it is.
    pub rendition: Rendition,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A picture, decoded.
pub struct Decoded {
    picture: DynamicImage,
    colours: Option<Vec<u8>>,
}

/// Decodes a picture that was found to have at most so many pixels.
///
/// # Errors
/// It cannot be decoded.
pub fn decode(file: File, pixels: u64) -> Result<Decoded, ImageError> {
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(pixels.saturating_mul(8).saturating_add(BESIDES));
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > pixels {
        return Err(ImageError::Limits(image::error::LimitError::from_kind(
            image::error::LimitErrorKind::DimensionError,
        )));
    }
    let (turned, colours) = (decoder.orientation()?, decoder.icc_profile()?);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    Ok(Decoded { picture, colours })
}

impl Decoded {
    /// The widths of the smaller sizes that it has.
    pub fn widths(&self) -> impl Iterator<Item = u32> {
        let width = self.picture.width();
        WIDTHS.into_iter().filter(move |smaller| *smaller < width)
    }

    /// Makes the size of this width.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub fn make(&self, width: u32) -> Result<Made, ImageError> {
        let (whole, high) = (u64::from(self.picture.width()), u64::from(self.picture.height()));
        let height = u32::try_from((high * u64::from(width)).div_ceil(whole)).unwrap_or(u32::MAX).max(1);
        let smaller = self.picture.resize_exact(width, height, FilterType::CatmullRom);
        let mut bytes = Vec::new();
        let colour = smaller.color();
        if colour.has_alpha() {
            let smaller = DynamicImage::from(smaller.to_rgba8());
            self.write(WebPEncoder::new_lossless(&mut bytes), &smaller)?;
        } else {
            let greys = !colour.has_color();
            let smaller = if greys { smaller.to_luma8().into() } else { DynamicImage::from(smaller.to_rgb8()) };
            self.write(JpegEncoder::new_with_quality(&mut bytes, QUALITY), &smaller)?;
        }
        bytes.flush()?;
        let rendition = Rendition::of_width(width).expect("the widths of the list have at most five digits");
        Ok(Made { rendition, bytes })
    }

    fn write(&self, mut encoder: impl ImageEncoder, picture: &DynamicImage) -> Result<(), ImageError> {
        let space = if picture.color().has_color() { b"RGB " } else { b"GRAY" };
        if let Some(colours) = self.colours.as_ref().filter(|colours| colours.get(SPACE) == Some(space.as_slice())) {
            // A format that takes none shows the usual colours.
            let _ = encoder.set_icc_profile(colours.clone());
        }
        encoder.write_image(picture.as_bytes(), picture.width(), picture.height(), picture.color().into())
    }
}

/// What a smaller size is of, by its first bytes.
#[must_use]
pub fn media_type(head: &[u8]) -> &'static str {
    if head.starts_with(b"RIFF") { "image/webp" } else { "image/jpeg" }
}

#[cfg(test)]
mod tests;
