//! SVG: a document that browsers would carry out. What is allowed of it is written anew by `svg-hush`, which knows what
//! draws and drops all else; one that has a script, or entities that could grow without end, is refused as a whole.

use std::cell::Cell;
use std::io::{Cursor, Write as _};
use std::rc::Rc;

use svg_hush::data_url_filter::{DataUrl, DataUrlFilterResult};

use super::parts::{Sink, Source};
use super::steps::Steps;
use super::{Bounds, HEAD, Picture, Refused, bad, drawn, format};

/// The largest, in bytes: it is held whole.
const MOST: u64 = 1024 * 1024;
/// What no picture has.
const REFUSED: [&str; 4] = ["<script", "<!entity", "javascript:", "<foreignobject"];

/// Whether a text begins with the element `svg`, whatever declarations and comments stand before it.
pub(super) fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    while let Some(end) = declaration(rest) {
        let Some(end) = end else { return false };
        rest = rest[end..].trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default().split([' ', '>', '/', '\n', '\r', '\t']).next();
    name.is_some_and(|name| name == "svg" || name.ends_with(":svg"))
}

/// Where the declaration or comment ends that a text begins with; `None` if it begins with none, and `Some(None)` if
/// that has no end.
fn declaration(text: &str) -> Option<Option<usize>> {
    let end_of = |end: &str, from: usize| text[from..].find(end).map(|at| from + at + end.len());
    match () {
        () if text.starts_with("<!--") => Some(end_of("-->", 0)),
        () if text.starts_with("<?") => Some(end_of("?>", 0)),
        () if text.starts_with("<!DOCTYPE") => {
            let (subset, end) = (text.find('['), text.find('>'));
            let has_subset = subset.is_some_and(|subset| end.is_none_or(|end| subset < end));
            let from = if has_subset { text.find(']') } else { Some(0) };
            Some(from.and_then(|from| end_of(">", from)))
        }
        () => None,
    }
}

/// What is within an SVG.
struct Within {
    /// The pixels that its pictures may still have, all together.
    pixels: Cell<u64>,
    steps: Steps,
    /// Why one of its pictures was refused.
    refused: Cell<Option<Refused>>,
}

impl Within {
    fn take(&self, url: &DataUrl<'_>) -> DataUrlFilterResult {
        let refused = self.refused.take();
        let taken = refused.map_or_else(|| self.picture(url), Err);
        taken.unwrap_or_else(|why| {
            self.refused.set(Some(why));
            DataUrlFilterResult::Drop
        })
    }

    /// Has a picture taken as all others are: without what tells of people. What is none, a font for one, is dropped,
    /// and so is an SVG, which could have another in it and so on.
    fn picture(&self, url: &DataUrl<'_>) -> Result<DataUrlFilterResult, Refused> {
        let bytes = url.decode_to_vec().map(|(bytes, _)| bytes).unwrap_or_default();
        let head = &bytes[..bytes.len().min(HEAD)];
        let Some(format) = format(head).filter(|_| !is_svg(head)) else {
            return Ok(DataUrlFilterResult::Drop);
        };
        let (pixels, mut data) = (self.pixels.get(), Vec::new());
        let mut sink = Sink::new(&mut data);
        let picture = format(&mut Source::within(Cursor::new(bytes), &self.steps)?, &mut sink, Bounds { pixels })?;
        sink.finish()?;
        self.pixels.set(pixels.saturating_sub(picture.cost()));
        Ok(DataUrlFilterResult::Rewrite { mime_type: picture.media_type.to_owned(), data })
    }
}

pub(super) fn copy(source: &mut Source<'_>, sink: &mut Sink<'_>, bounds: Bounds) -> Result<Picture, Refused> {
    if source.length() > MOST {
        return Err(Refused::Bad(format!("an SVG has at most {MOST} bytes")));
    }
    let length = usize::try_from(source.length()).map_err(|_| bad("it is too long"))?;
    let text = source.few(length)?;
    let lower = String::from_utf8_lossy(&text).to_lowercase();
    if let Some(found) = REFUSED.iter().find(|refused| lower.contains(**refused)) {
        return Err(Refused::Bad(format!("an SVG may not have {found}")));
    }
    let mut filter = svg_hush::Filter::new();
    let (pixels, steps) = (Cell::new(bounds.pixels), source.steps().clone());
    let within = Rc::new(Within { pixels, steps, refused: Cell::new(None) });
    let filtering = Rc::clone(&within);
    filter.set_data_url_filter(move |url| filtering.take(url));
    let mut written = Vec::new();
    filter
        .filter(&mut text.as_slice(), &mut written)
        .map_err(|error| Refused::Bad(format!("it is no SVG: {error}")))?;
    match within.refused.take() {
        Some(Refused::TooManyPixels { .. }) => return Err(bad("the pictures within it have too many pixels")),
        Some(why) => return Err(why),
        None => {}
    }
    drawn::permit(&String::from_utf8_lossy(&written))?;
    sink.write_all(&written)?;
    Ok(Picture { media_type: "image/svg+xml", size: None, renders: false, drawn: 0 })
}
