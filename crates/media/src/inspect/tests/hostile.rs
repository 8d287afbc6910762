//! Pictures that would keep a decoder busy for hours, and secrets where they are seldom looked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

fn riff_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let even = &[0][..data.len() % 2];
    [name.as_slice(), &length, data, even].concat()
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", length.as_slice(), b"WEBP", chunks].concat()
}

/// The chunk that a WebP of 40 x 30 pixels is drawn by.
fn drawn() -> Vec<u8> {
    picture(ImageFormat::WebP)[12..].to_vec()
}

fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    riff_chunk(b"VP8X", &[vec![flags, 0, 0, 0], side(width), side(height)].concat())
}

/// A frame of 40 x 30 pixels with these parts.
fn frame(parts: &[u8]) -> Vec<u8> {
    riff_chunk(b"ANMF", &[&[0, 0, 0, 0, 0, 0, 39, 0, 0, 29, 0, 0, 9, 0, 0, 0], parts].concat())
}

fn refused(bytes: &[u8]) -> bool {
    matches!(taken(bytes), Err(Refused::Bad(_) | Refused::TooManyPixels { .. }))
}

#[test]
fn a_webp_is_as_large_as_it_says_whatever_a_decoder_believes() {
    assert!(taken(&riff(&[canvas(0, 40, 30), drawn()].concat())).is_ok());
    assert!(refused(&riff(&[canvas(0, 1, 1), drawn()].concat())));
    let mut large = drawn();
    // 16,384 pixels each way, in the bits behind the signature of a lossless one.
    large[9..13].copy_from_slice(&[0xFF; 4]);
    assert!(refused(&riff(&large)));
    assert!(refused(&riff(&[canvas(0, 1, 1), large].concat())));
}

#[test]
fn a_webp_that_moves_has_few_pixels_in_all_and_tells_nothing_in_its_frames() {
    let moving = |frames: &[u8]| riff(&[canvas(2, 40, 30), riff_chunk(b"ANIM", &[0; 6]), frames.to_vec()].concat());
    let (found, _) = taken(&moving(&[frame(&drawn()), frame(&drawn())].concat())).unwrap();
    assert_eq!((found.size, found.renders), (Some((40, 30)), false));
    assert!(refused(&moving(&frame(&[drawn(), riff_chunk(b"EXIF", SECRET)].concat()))));
    assert!(refused(&moving(&frame(&[]))), "a frame without a picture");
    let alpha = riff_chunk(b"ALPH", &[]);
    assert!(taken(&moving(&frame(&[alpha.clone(), drawn()].concat()))).is_ok());
    for parts in [vec![alpha.clone(), alpha.clone(), drawn()], vec![drawn(), alpha.clone()], vec![drawn(), drawn()]] {
        assert!(refused(&moving(&frame(&parts.concat()))), "parts that no frame has");
    }
    assert!(refused(&riff(&[canvas(2, 20, 30), frame(&drawn())].concat())), "a frame beyond the picture");
    // 1,200 pixels in a frame, and 50 million in all.
    let many = vec![frame(&drawn()); 4_000].concat();
    let few = Bounds { pixels: 1_200 * 4_000 / 50 };
    let try_with = |bounds| inspect(Cursor::new(moving(&many)), std::io::sink(), bounds);
    assert!(try_with(few).is_ok());
    assert!(matches!(try_with(Bounds { pixels: few.pixels - 1 }), Err(Refused::Bad(_))));
}

/// A PNG with frames of this size.
fn moving_png(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let control = |frame: u32| {
        let sizes = [frame, width, height, 0, 0].map(u32::to_be_bytes).concat();
        png_chunk(b"fcTL", &[sizes, vec![0, 1, 0, 10, 0, 0]].concat())
    };
    let chunks: Vec<u8> = (0..frames).flat_map(control).collect();
    png(&[png_chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat()), chunks].concat())
}

#[test]
fn a_png_that_moves_stays_so_and_has_few_pixels_in_all() {
    assert!(!taken(&moving_png(40, 30, 2)).unwrap().0.renders, "a smaller size would not move");
    assert!(refused(&moving_png(1_000, 1_001, 1)));
    assert!(taken(&moving_png(1_000, 1_000, 50)).is_ok());
    assert!(refused(&moving_png(1_000, 1_000, 51)));
}

#[test]
fn a_gif_has_no_frame_that_is_larger_than_a_picture_may_be() {
    let mut bytes = picture(ImageFormat::Gif);
    let at = bytes.windows(10).position(|it| it[0] == 0x2C && it[5..9] == [40, 0, 30, 0]).unwrap();
    bytes[at + 5..at + 9].copy_from_slice(&[0, 20, 0, 20]);
    assert!(refused(&bytes));
}

#[test]
fn a_jpeg_is_not_drawn_over_and_over() {
    let plain = picture(ImageFormat::Jpeg);
    let scan = plain.windows(2).position(|it| it == [0xFF, 0xDA]).unwrap();
    let (head, scan) = plain[..plain.len() - 2].split_at(scan);
    let with = |scans: usize| [head, &vec![scan; scans].concat(), &[0xFF, 0xD9]].concat();
    assert!(taken(&with(100)).is_ok());
    assert!(refused(&with(101)));
}

#[test]
fn a_picture_within_an_svg_is_taken_as_all_others_are() {
    let within = |bytes: &[u8], of: &str| {
        let data = STANDARD.encode(bytes);
        format!("<svg xmlns='http://www.w3.org/2000/svg'><image href='data:{of};base64,{data}'/></svg>")
    };
    let (_, kept) = taken(within(&jpeg(6), "image/jpeg").as_bytes()).unwrap();
    let kept = String::from_utf8(kept).unwrap();
    let data = kept.split("base64,").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let picture = base64::engine::general_purpose::STANDARD_NO_PAD.decode(data.trim_end_matches('=')).unwrap();
    assert_eq!(picture, taken(&jpeg(6)).unwrap().1, "it does not say where it was taken");
    assert!(refused(within(b"GIF89a and no more", "image/gif").as_bytes()));
}

#[test]
fn what_is_no_picture_within_an_svg_is_dropped_and_the_rest_is_kept() {
    let svg = STANDARD.encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    let font = STANDARD.encode(b"wOF2 and a font");
    let dropped = [
        format!("<style>@font-face{{src:url(data:font/woff2;base64,{font})}} text{{font-size:9px}}</style>"),
        format!("<image href='data:image/svg+xml;base64,{svg}'/>"),
        format!("<image href='data:image/png;base64,{}'/>", STANDARD.encode(b"text")),
        "<image href='data:image/png;base64,no!base64'/>".to_owned(),
        "<image href='data:,'/>".to_owned(),
    ];
    for within in dropped {
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{within}<rect width='10' height='10'/></svg>");
        let kept = String::from_utf8(taken(svg.as_bytes()).unwrap().1).unwrap();
        assert!(kept.contains("<rect") && !kept.contains("data:"), "{kept}");
    }
}

#[test]
fn the_pictures_within_an_svg_have_few_pixels_together() {
    let image = |bytes: &[u8]| format!("<image href='data:image/x;base64,{}'/>", STANDARD.encode(bytes));
    let try_with = |images: &[String], pixels| {
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{}</svg>", images.concat());
        inspect(Cursor::new(svg), std::io::sink(), Bounds { pixels })
    };
    let three = vec![image(&picture(ImageFormat::Gif)), image(&jpeg(1)), image(&picture(ImageFormat::WebP))];
    assert!(try_with(&three, 3 * 1_200).is_ok());
    assert!(matches!(try_with(&three, 3 * 1_200 - 1), Err(Refused::Bad(_))));
    // Each counts as two, for its hundred frames.
    let moving = vec![image(&moving_png(40, 30, 100)); 2];
    assert!(try_with(&moving, 2 * 2 * 1_200).is_ok());
    assert!(matches!(try_with(&moving, 2 * 2 * 1_200 - 1), Err(Refused::Bad(_))));
}

#[test]
fn an_svg_does_not_draw_the_same_over_and_over() {
    let level = |number: u32, times: usize| {
        let uses = format!("<use xlink:href='#l{}'/>", number - 1).repeat(times);
        format!("<g id='l{number}' title='a > b'>{uses}</g>")
    };
    let svg = |levels: u32, times: usize| {
        let levels: String = (1..=levels).map(|number| level(number, times)).collect();
        let spaces = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'";
        format!("<svg {spaces}><rect id='l0'/>{levels}</svg>")
    };
    assert!(taken(svg(3, 10).as_bytes()).is_ok());
    assert!(taken(svg(1, 1_000).as_bytes()).is_ok(), "a picture of a thousand trees");
    assert!(refused(svg(9, 10).as_bytes()), "a billion of them");
    assert!(taken(svg(40, 1).as_bytes()).is_ok(), "once each");
    assert!(refused(svg(2, 1).replace("'#l1'", "'#l2'").as_bytes()), "drawn within itself");
}
