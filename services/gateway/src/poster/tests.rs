//! Claims about what is printed.

use std::path::Path;

use art::{Colour, Drawing, Mark};
use kernel::Locale;
use kurbo::{Rect, Shape};
use proptest::prelude::*;
use qrcode::{EcLevel, QrCode};

use super::letters::Room;
use super::{Faces, Format, Poster, Reward, Size, layout};

/// The build of the pages brings the fonts.
fn faces() -> Faces {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/fonts");
    Faces::load(&fonts).expect("`make pages` builds the fonts")
}

fn reward(at: u32, title: &str) -> Reward {
    Reward { at, title: title.to_owned() }
}

fn cafe(size: Size) -> Poster {
    Poster {
        business: "Cafetería El Ñandú".into(),
        program: "Tarjeta del café".into(),
        location: Some("Jesús María".into()),
        stamps_required: 10,
        rewards: vec![reward(5, "Una galleta de avena"), reward(10, "Un café gratis")],
        join_url: "https://sello.pe/unete/el-nandu?l=019ab2c4-7a90-7c11-8f7e-2f5b6a1c9d3e".into(),
        ink: "#a03a1c".into(),
        shape: "cup".into(),
        size,
        locale: Locale::Es,
    }
}

/// As long as enrollment and stamping let them be.
fn wordy(size: Size) -> Poster {
    Poster {
        business: "Peluquería y Barbería Señor de los Milagros de San Juan de Lurigancho S.A.C. Ñ".into(),
        program: "Corte, barba y cuidado de la piel para toda la familia, de lunes a sábado, 2026".into(),
        location: Some(
            "Centro Comercial La Rambla, segundo piso, al costado de la escalera mecánica, 4".into(),
        ),
        stamps_required: 30,
        rewards: (1..=6)
            .map(|nth| reward(nth * 5, "Un corte con afeitado clásico, toalla caliente y café"))
            .collect(),
        join_url: format!(
            "https://fidelidad.minegocio.com.pe/unete/{}?l=019ab2c4-7a90-7c11-8f7e-2f5b6a1c9d3e",
            "n".repeat(40)
        ),
        shape: "scissors".into(),
        ..cafe(size)
    }
}

fn draw(poster: &Poster) -> Drawing {
    layout::draw(poster, &faces()).unwrap()
}

/// What a camera reads that sees every other dot.
fn scanned(png: &[u8]) -> Vec<String> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let sheet = reader.next_frame(&mut dots).unwrap();
    let (width, height) = (sheet.width as usize, sheet.height as usize);
    let grey = |x: usize, y: usize| dots[(y * 2 * width + x * 2) * 3 + 1];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width / 2, height / 2, grey);
    image.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

#[test]
fn the_code_opens_the_join_page_on_a_wall_and_on_a_table() {
    for poster in [wordy(Size::A4), wordy(Size::A6), cafe(Size::A6)] {
        let png = poster.print(&faces(), Format::Png).unwrap();
        assert_eq!(scanned(&png), [poster.join_url], "{:?}", poster.size);
    }
}

#[test]
fn everything_stands_inside_the_frame_however_long_the_names_are() {
    for size in [Size::A4, Size::A6] {
        let unbroken = Poster { business: "Ñ".repeat(60), ..cafe(size) };
        for poster in [cafe(size), wordy(size), unbroken] {
            let drawing = draw(&poster);
            let sheet = Rect::new(0.0, 0.0, drawing.width, drawing.height);
            // What a printer reaches.
            let reach = sheet.inset(-4.2);
            for mark in drawing.marks.iter().filter(|mark| mark.colour != Colour::PAPER) {
                let bounds = mark.path.bounding_box();
                assert_eq!(bounds.union(reach), reach, "{size:?} {} {bounds:?}", poster.business);
            }
        }
    }
}

#[test]
fn around_the_code_is_the_white_that_its_standard_asks_for() {
    for (size, inset) in [(Size::A4, 9.5), (Size::A6, 4.8)] {
        // The shorter the address, the larger its modules.
        for join_url in ["http://a.pe/unete/ab".to_owned(), cafe(size).join_url, wordy(size).join_url] {
            let modules = QrCode::with_error_correction_level(&join_url, EcLevel::Q).unwrap().width();
            let drawing = draw(&Poster { join_url, ..cafe(size) });
            let is_code = |mark: &&Mark| mark.colour == Colour::CODE;
            let code = drawing.marks.iter().find(is_code).unwrap().path.bounding_box();
            let margin = 4.0 * code.width() / modules as f64 - 0.01;
            let quiet = code.inflate(margin, margin);
            assert!(Rect::new(0.0, 0.0, drawing.width, drawing.height).inset(-inset).contains_rect(quiet));
            for mark in drawing.marks.iter().filter(|mark| !is_code(mark) && mark.colour != Colour::PAPER) {
                mark.path.iter().filter_map(|part| part.end_point()).for_each(|point| {
                    assert!(!quiet.contains(point), "{size:?} {modules} {point:?} {quiet:?}");
                });
            }
        }
    }
}

#[test]
fn any_program_has_room_for_its_stamps() {
    for stamps_required in 1..=30 {
        let poster =
            Poster { stamps_required, rewards: vec![reward(stamps_required, "Torta")], ..cafe(Size::A6) };
        let tallest = draw(&poster).marks.iter().map(|mark| mark.path.bounding_box().y1).fold(0.0, f64::max);
        assert!(tallest <= 148.0, "{stamps_required}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a shop calls itself, its name is set inside its room, and no letter is larger than allowed.
    #[test]
    fn a_name_fits_its_room(name in "\\PC{0,80}", lines in 1_usize..4) {
        let faces = faces();
        let room = Room { width: 80.0, height: 12.0, lines, size: 9.0 };
        let block = faces.bold().unwrap().fit(&name, room);
        prop_assert!(block.width <= room.width + 0.5 && block.height <= room.height && block.size <= room.size);
    }
}

#[test]
fn a_program_that_gives_nothing_is_not_promised_as_a_gift() {
    // Its name stands in the header, in black; what is promised is in the shop's own ink.
    let promised = |program: &str| {
        let poster = Poster { rewards: Vec::new(), program: program.into(), ..cafe(Size::A6) };
        let drawing = draw(&poster);
        let inked = drawing.marks.iter().filter(|mark| mark.colour == Colour::ink(&poster.ink));
        inked.map(|mark| mark.path.area()).sum::<f64>()
    };
    assert!((promised("Tarjeta de café") - promised("Tarjeta de menú")).abs() < 0.01);
}

#[test]
fn a_picture_in_a_name_is_left_out_and_not_printed_as_a_box() {
    let plain = draw(&Poster { business: "Café Ñusta".into(), ..cafe(Size::A6) });
    let pictured = draw(&Poster { business: "Café ☕️ Ñusta 🎉".into(), ..cafe(Size::A6) });
    let area = |drawing: &Drawing| drawing.marks.iter().map(|mark| mark.path.area()).sum::<f64>();
    assert!((area(&plain) - area(&pictured)).abs() < 0.01);
}

#[test]
fn the_svg_is_well_formed_of_true_size_and_without_letters() {
    let poster = Poster { business: "<Pan & \"Ñato\"> ]]>\u{7}".into(), ..cafe(Size::A6) };
    let svg = String::from_utf8(poster.print(&faces(), Format::Svg).unwrap()).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!((root.attribute("width"), root.attribute("height")), (Some("105mm"), Some("148mm")));
    for element in root.children() {
        match element.tag_name().name() {
            "title" => assert_eq!(element.text(), Some("<Pan & \"Ñato\"> ]]>")),
            "path" => assert!(kurbo::BezPath::from_svg(element.attribute("d").unwrap()).is_ok()),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_pdf_is_one_page_of_the_exact_sheet() {
    for (size, width, height) in [(Size::A4, 595.276, 841.890), (Size::A6, 297.638, 419.528)] {
        let pdf = cafe(size).print(&faces(), Format::Pdf).unwrap();
        assert!(pdf.starts_with(b"%PDF-1."));
        let text = String::from_utf8_lossy(&pdf);
        assert_eq!(text.matches("/MediaBox").count(), 1);
        let sheet = text.split_once("/MediaBox [").unwrap().1.split_once(']').unwrap().0;
        let sheet: Vec<f64> = sheet.split_whitespace().map(|number| number.parse().unwrap()).collect();
        for (is, should) in sheet.into_iter().zip([0.0, 0.0, width, height]) {
            assert!((is - should).abs() < 0.001, "{is} {should}");
        }
    }
}

#[test]
fn the_same_poster_is_printed_the_same() {
    let print = || cafe(Size::A6).print(&faces(), Format::Pdf).unwrap();
    assert_eq!(print(), print());
}
