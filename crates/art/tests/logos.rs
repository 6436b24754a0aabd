//! Claims about what is taken as a logo, and what becomes of it. Every file here is made here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use art::{Colour, Logo, LogoError, Look, MOST_BYTES, Scale, icon, logo, square_logo};
use proptest::prelude::*;

fn refused(bytes: &[u8]) -> LogoError {
    Logo::read(bytes).expect_err("no logo")
}

/// A picture's dots: width, height, and red, green, blue and cover of each.
fn dots(png: &[u8]) -> (u32, u32, Vec<[u8; 4]>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    let dots = bytes.chunks_exact(4).map(|dot| [dot[0], dot[1], dot[2], dot[3]]).collect();
    (frame.width, frame.height, dots)
}

/// A PNG of one colour within an empty margin.
fn picture(width: u32, height: u32, margin: u32, colour: [u8; 4]) -> Vec<u8> {
    let is_inside = |x, y| (margin..width - margin).contains(&x) && (margin..height - margin).contains(&y);
    let dots: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| if is_inside(x, y) { colour } else { [0; 4] })
        .collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.add_text_chunk("Comment".into(), "Taken at home".into()).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&dots).unwrap();
    writer.finish().unwrap();
    png
}

fn animated() -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 64, 64);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0; 64 * 64]).unwrap();
    writer.write_image_data(&[255; 64 * 64]).unwrap();
    writer.finish().unwrap();
    png
}

/// A grey JPEG: every block is two codes of one bit, "as bright as the last" and "nothing more".
fn photo(width: u16, height: u16, held: Option<u8>) -> Vec<u8> {
    let mut jpeg = b"\xff\xd8".to_vec();
    if let Some(held) = held {
        jpeg.extend(b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0");
        jpeg.extend([held, 0, 0, 0, 0, 0, 0, 0]);
    }
    jpeg.extend(b"\xff\xdb\x00\x43\x00");
    jpeg.extend([1; 64]);
    jpeg.extend(b"\xff\xc0\x00\x0b\x08");
    jpeg.extend(height.to_be_bytes());
    jpeg.extend(width.to_be_bytes());
    jpeg.extend(b"\x01\x01\x11\x00");
    for table in [0x00, 0x10] {
        jpeg.extend(b"\xff\xc4\x00\x14");
        jpeg.extend([table, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    jpeg.extend(b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00");
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    jpeg.resize(jpeg.len() + (blocks * 2).div_ceil(8), 0);
    jpeg.extend(b"\xff\xd9");
    jpeg
}

fn drawing(inside: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 24 12">{inside}</svg>"#
    )
    .into_bytes()
}

#[test]
fn a_logo_is_kept_as_dots_without_its_margin_and_without_what_was_written_in_it() {
    let logo = Logo::read(&picture(2_100, 1_100, 50, [160, 58, 28, 255])).unwrap();
    assert_eq!((logo.width(), logo.height()), (1_024, 512));
    let (width, height, dots) = dots(logo.png());
    assert_eq!((width, height), (1_024, 512));
    assert!(dots.iter().all(|dot| *dot == [160, 58, 28, 255]));
    assert!(!logo.png().windows(5).any(|part| part == b"Taken"));
}

#[test]
fn what_is_kept_can_be_read_again_and_is_the_same() {
    for bytes in [
        picture(300, 200, 8, [10, 200, 90, 120]),
        photo(80, 64, None),
        drawing("<circle cx='6' cy='6' r='5'/>"),
    ] {
        let kept = Logo::read(&bytes).unwrap();
        assert_eq!(Logo::read(kept.png()).unwrap().png(), kept.png());
    }
}

#[test]
fn a_file_that_is_too_much_or_too_little_is_refused_before_it_is_decoded() {
    assert_eq!(refused(&vec![0; MOST_BYTES + 1]), LogoError::TooLarge);
    // Thirty bytes that promise sixteen thousand million dots.
    let mut bomb = picture(64, 64, 0, [0, 0, 0, 255]);
    bomb[16..24].copy_from_slice(&[0, 1, 0xf4, 0, 0, 1, 0xf4, 0]);
    let checked = bomb[12..29].to_vec();
    bomb[29..33].copy_from_slice(&checksum(&checked).to_be_bytes());
    assert_eq!(refused(&bomb), LogoError::TooManyPixels);
    assert_eq!(refused(&photo(5_000, 64, None)[..200]), LogoError::TooManyPixels);
    assert_eq!(refused(&picture(31, 500, 0, [0, 0, 0, 255])), LogoError::TooSmall);
    assert_eq!(refused(&picture(100, 100, 40, [0, 0, 0, 255])), LogoError::TooSmall);
    assert_eq!(refused(&picture(4_000, 32, 0, [0, 0, 0, 255])), LogoError::TooSmall);
}

/// What a PNG writes after each of its parts.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[test]
fn what_moves_is_damaged_empty_or_no_image_is_refused() {
    assert_eq!(refused(&animated()), LogoError::Animated);
    assert_eq!(refused(&picture(64, 64, 0, [1, 2, 3, 0])), LogoError::Blank);
    let whole = picture(64, 64, 0, [200, 100, 50, 255]);
    for end in [9, 30, whole.len() / 2, whole.len() - 13] {
        assert_eq!(refused(&whole[..end]), LogoError::Broken, "{end}");
    }
    let whole = photo(640, 640, None);
    for end in [4, 60, whole.len() / 2] {
        assert_eq!(refused(&whole[..end]), LogoError::Broken, "{end}");
    }
    for bytes in [&b""[..], b"GIF89a", b"%PDF-1.7", b"<html><svg/></html>", b"<svg/>", b"RIFF....WEBP"] {
        assert_eq!(refused(bytes), LogoError::NotAnImage, "{bytes:?}");
    }
}

#[test]
fn a_photo_stands_as_its_camera_was_held() {
    let size = |held| {
        let logo = Logo::read(&photo(96, 64, held)).unwrap();
        (logo.width(), logo.height())
    };
    assert_eq!(size(None), (96, 64));
    assert_eq!([size(Some(1)), size(Some(3)), size(Some(9))], [(96, 64); 3]);
    assert_eq!([size(Some(6)), size(Some(8))], [(64, 96); 2]);
}

#[test]
fn a_drawing_becomes_as_many_dots_as_are_kept_whatever_size_it_says() {
    let logo = Logo::read(&drawing(r##"<rect x="2" y="2" width="20" height="5" fill="#a03a1c"/>"##)).unwrap();
    assert_eq!((logo.width(), logo.height()), (1_024, 256));
    let (_, _, dots) = dots(logo.png());
    assert_eq!(dots[512 * 100], [160, 58, 28, 255]);
}

#[test]
fn a_drawing_that_is_more_than_a_drawing_is_refused() {
    let shape = "<circle cx='6' cy='6' r='5'/>";
    for (inside, error) in [
        ("<script>alert(1)</script>", LogoError::Scripted),
        ("<g onload='alert(1)'/>", LogoError::Scripted),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", LogoError::Scripted),
        ("<image href='http://a.pe/b.png' width='9' height='9'/>", LogoError::RefersOutside),
        ("<image xlink:href='/etc/hostname' width='9' height='9'/>", LogoError::RefersOutside),
        ("<use href='other.svg#leaf'/>", LogoError::RefersOutside),
        ("<rect width='9' height='9' fill='url( \"http://a.pe/#b\")'/>", LogoError::RefersOutside),
        ("<style>@import 'http://a.pe/b.css';</style>", LogoError::RefersOutside),
        ("<?xml-stylesheet href='b.css'?>", LogoError::RefersOutside),
        ("<image href='data:image/png;base64,AAAA' width='9' height='9'/>", LogoError::HasPicture),
        ("<text y='9'>Café</text>", LogoError::HasText),
        ("<animate attributeName='x' to='9' dur='1s'/>", LogoError::Animated),
        ("<filter id='a'/>", LogoError::TooComplex),
        ("<pattern id='a' width='9' height='9'/>", LogoError::TooComplex),
        ("<marker id='a'/>", LogoError::TooComplex),
        ("<g>", LogoError::Broken),
    ] {
        assert_eq!(refused(&drawing(&format!("{shape}{inside}"))), error, "{inside}");
    }
    assert_eq!(refused(&drawing("")), LogoError::Blank);
    assert_eq!(refused(&drawing("<a href='http://a.pe'><title>El Ñandú</title></a>")), LogoError::Blank);
    assert!(
        Logo::read(&drawing(&format!(
            "<style>circle{{fill:#a03a1c}}</style><a href='http://a.pe'>{shape}</a>"
        )))
        .is_ok()
    );
}

#[test]
fn a_drawing_that_would_never_be_done_is_refused() {
    let entities = br#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>"#;
    let copies = |of: &str| {
        let level = |nth: usize| {
            let copy = of.replace("NTH", &format!("l{}", nth + 1));
            format!("<g id='l{nth}'>{}</g>", copy.repeat(20))
        };
        let levels: String = (0..12).map(level).collect();
        drawing(&format!("<defs>{levels}<path id='l12' d='M0 0h9v9z'/></defs><use href='#l0'/>"))
    };
    let deep = drawing(&format!("{}{}", "<g>".repeat(5_000), "</g>".repeat(5_000)));
    let many = drawing(&"<path d='M0 0h9v9z'/>".repeat(30_000));
    let layers = drawing(&"<g opacity='.5'><path d='M0 0h9v9z'/><path d='M0 0h9v9z'/></g>".repeat(3_000));
    let wide = "<path d='M-999-999h9999v9999z'/>";
    let nested = drawing(&format!("{}{wide}{wide}{}", "<g opacity='.5'>".repeat(40), "</g>".repeat(40)));
    let dashes = drawing("<path d='M0 0H24' stroke='#000' stroke-dasharray='.000001'/>");
    let masks: String = (0..8)
        .map(|nth| {
            let part = format!("<rect width='9' height='9' mask='url(#m{})'/>", nth + 1);
            format!("<mask id='m{nth}'>{}</mask>", part.repeat(10))
        })
        .collect();
    let masks = drawing(&format!("{masks}<rect width='9' height='9' mask='url(#m0)'/>"));
    for bytes in [entities.to_vec(), copies("<use href='#NTH'/>"), deep, many, layers, nested, dashes, masks]
    {
        assert_eq!(
            refused(&bytes),
            LogoError::TooComplex,
            "{}",
            String::from_utf8_lossy(&bytes[..200.min(bytes.len())])
        );
    }
    // One that copies itself is drawn without the copy.
    assert!(Logo::read(&drawing("<g id='a'><circle cx='6' cy='6' r='5'/><use href='#a'/></g>")).is_ok());
}

#[test]
fn a_logo_fits_its_room_on_a_pass_and_keeps_its_proportions() {
    let look = Look::default();
    for (width, height, shown) in [(400, 400, (50, 50)), (1_000, 100, (160, 16)), (64, 300, (11, 50))] {
        let read = Logo::read(&picture(width, height, 0, [160, 58, 28, 128])).unwrap();
        for scale in Scale::ALL {
            let (across, down, dots) = dots(&logo(&look, &read, scale));
            let near = |is: u32, points: u32| is.abs_diff(points * scale.dots()) < scale.dots();
            assert!(near(across, shown.0) && near(down, shown.1), "{across} × {down}");
            assert!(dots.iter().all(|dot| dot[3].abs_diff(128) < 2), "transparency is kept");
        }
        assert_eq!(dots(&icon(&look, Some(&read), Scale::Two)).0, 76);
        assert_eq!(dots(&square_logo(&look, Some(&read))).0, 660);
    }
}

#[test]
fn a_white_logo_stands_on_the_shops_ink() {
    let look = Look::read("#a03a1c", "#fbf6ea", "cup");
    let white = Logo::read(&picture(400, 100, 0, [255, 255, 255, 250])).unwrap();
    let (width, _, shown) = dots(&logo(&look, &white, Scale::One));
    assert!(width <= 160);
    let Colour(red, green, blue) = look.ink();
    assert!(shown.contains(&[red, green, blue, 255]));
    assert_eq!(dots(&square_logo(&look, Some(&white))).2[0], [red, green, blue, 255]);
}

#[test]
fn a_logo_that_brings_its_ground_keeps_it_to_the_edge() {
    let yellow = Logo::read(&picture(400, 200, 0, [255, 220, 0, 255])).unwrap();
    let look = Look::default();
    assert_eq!(dots(&icon(&look, Some(&yellow), Scale::One)).2[0], [255, 220, 0, 255]);
    assert_eq!(dots(&square_logo(&look, Some(&yellow))).2[0], [255, 220, 0, 255]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is uploaded, there is a logo or a reason.
    #[test]
    fn no_upload_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0..4) {
        let head = [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'>"];
        let _ = Logo::read(&[head[kind as usize], &bytes].concat());
    }

    /// Nor is one that was damaged on its way.
    #[test]
    fn no_damage_is_too_strange(at in any::<prop::sample::Index>(), to in any::<u8>(), kind in 0..3) {
        let mut bytes = match kind {
            0 => picture(40, 40, 0, [200, 100, 50, 255]),
            1 => photo(64, 40, Some(6)),
            _ => drawing("<g id='a' opacity='.5'><circle cx='6' cy='6' r='5'/><path d='M1 2L3 4a5 6 7 0 1 8 9z'/></g>"),
        };
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = Logo::read(&bytes);
    }
}
