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

/// An AVIF that moves, with these boxes in its track.
fn film(track: &[u8], frames: u32) -> Vec<u8> {
    let sizes = iso_box(b"stsz", &[[0; 4], [0, 0, 0, 9], frames.to_be_bytes()].concat());
    let inner = iso_box(b"mdia", &iso_box(b"minf", &iso_box(b"stbl", &sizes)));
    let head = iso_box(b"tkhd", &[vec![0; 76], vec![0, 64, 0, 0, 0, 48, 0, 0]].concat());
    let moov = iso_box(b"moov", &iso_box(b"trak", &[head, inner, track.to_vec()].concat()));
    [avif(), moov].concat()
}

#[test]
fn what_an_avif_that_moves_tells_is_emptied_where_it_stands() {
    let bytes = film(&iso_box(b"udta", &iso_box(b"\xA9xyz", SECRET)), 3);
    let (found, kept) = taken(&bytes).unwrap();
    assert_eq!((found.size, kept.len()), (Some((64, 48)), bytes.len()));
    assert!(!contains(&kept, SECRET) && !contains(&kept, b"udta") && contains(&kept, b"stsz"));
    let (_, again) = taken(&kept).unwrap();
    assert_eq!(again, kept);
    // XMP beside a track, in the data of the file.
    let place = u32::try_from(avif().len() - SECRET.len()).unwrap().to_be_bytes();
    let length = u32::try_from(SECRET.len()).unwrap().to_be_bytes();
    let item = iso_box(b"infe", b"\x02\0\0\0\0\x01\0\0mime\0");
    let items = iso_box(b"iinf", &[&[0, 0, 0, 0, 0, 1], item.as_slice()].concat());
    let entry = [&[0, 1, 0, 0, 0, 1], place.as_slice(), &length].concat();
    let places = iso_box(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 1], entry.as_slice()].concat());
    let meta = iso_box(b"meta", &[&[0, 0, 0, 0], items.as_slice(), &places].concat());
    assert!(!contains(&taken(&film(&meta, 3)).unwrap().1, SECRET));
    assert!(refused(&film(&[], 1_000_000)), "a million frames");
}

#[test]
fn what_describes_an_avif_in_a_box_of_its_own_is_emptied() {
    let mut bytes = avif();
    let at = bytes.windows(4).position(|it| it == b"iprp").unwrap() - 4;
    let told = iso_box(b"uuid", SECRET);
    bytes.splice(at..at, told.iter().copied());
    // The description and the places in it move by as much.
    let longer = u32::try_from(told.len()).unwrap();
    let add = |bytes: &mut Vec<u8>, at: usize| {
        let number = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) + longer;
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
    };
    let meta = bytes.windows(4).position(|it| it == b"meta").unwrap() - 4;
    add(&mut bytes, meta);
    let places = bytes.windows(4).position(|it| it == b"iloc").unwrap() + 4 + 8;
    add(&mut bytes, places + 6);
    add(&mut bytes, places + 20);
    let (_, kept) = taken(&bytes).unwrap();
    assert!(!contains(&kept, SECRET) && contains(&kept, b"PIXL") && !contains(&kept, b"uuid"));
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
    let svg = within(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml");
    for bad in [svg, within(b"GIF89a and no more", "image/gif"), within(b"text", "image/png")] {
        assert!(refused(bad.as_bytes()), "{bad}");
    }
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
