use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use pkpass::development::{self, Development};
use pkpass::inspect::{Broken, Opened};
use pkpass::*;
use serde_json::Value as Json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

pub(crate) fn pass_type() -> PassTypeId {
    "pass.pe.sello.card".parse().unwrap()
}

pub(crate) fn team() -> TeamId {
    "A1B2C3D4E5".parse().unwrap()
}

/// One development signer for all tests: making one takes a moment.
pub(crate) fn made() -> &'static Development {
    static MADE: OnceLock<Development> = OnceLock::new();
    MADE.get_or_init(|| development::make(&pass_type(), &team(), now()).unwrap())
}

pub(crate) fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| {
        Signer::from_pkcs12(&made().p12, &made().password, None, &pass_type(), &team(), now()).unwrap()
    })
}

/// The frame of a PNG, with as many bytes of noise in it as wanted.
pub(crate) fn png(width: u32, height: u32, noise: usize) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.extend(b"\x08\x06\0\0\0\0\0\0\0");
    png.extend((0..noise as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    png.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    png
}

pub(crate) fn template() -> Template {
    let mut images = Images::new();
    for kind in [ImageKind::Icon, ImageKind::Logo, ImageKind::Strip, ImageKind::Artwork] {
        for scale in Scale::ALL {
            let (width, height) = kind.points();
            let png = png(width * scale.factor(), height * scale.factor(), 900);
            images = images.with(kind, scale, png).unwrap();
        }
    }
    let strings = Strings::none()
        .with("STAMPS", "SELLOS", "STAMPS")
        .and_then(|strings| strings.with("You have %@", "Tienes %@", "You have %@"))
        .unwrap();
    Template::new(&images, &strings).unwrap()
}

pub(crate) fn pass() -> Pass {
    let stamps = || Field::new("stamps", 7).label("STAMPS").change_message("You have %@");
    let card = StoreCard::new()
        .header(stamps())
        .secondary(Field::new("reward", "Un café").label("Premio").aligned(Alignment::Left))
        .back(Field::link("help", "Ayuda", "https://sello.pe/ayuda"));
    let poster = Poster::new().header(stamps()).footer(Field::new("reward", "Un café"));
    let service = WebService::new("https://sello.pe/w", "vxwxd7J8AlNNFPS8".parse().unwrap()).unwrap();
    Pass::store_card("card-1".parse().unwrap(), "Café Luna", "Tarjeta de sellos", card)
        .poster(poster)
        .web_service(service)
        .colors(Color::rgb(43, 29, 20), Color::rgb(255, 248, 240), Color::rgb(224, 176, 128))
        .barcode(Barcode::qr("https://sello.pe/c/7f3k").alt_text("7F3K"))
        .location(Location::new(-12.121_1, -77.029_7).unwrap())
        .expires("2027-12-31T23:59:59Z".parse().unwrap())
        .build()
        .unwrap()
}

pub(crate) fn signed() -> Vec<u8> {
    pass().sign(&template(), signer(), now()).unwrap()
}

/// The files of a good pass.
pub(crate) fn files() -> Files {
    let opened = Opened::read(&signed()).unwrap();
    opened.paths().map(|path| (path.to_owned(), opened.file(path).unwrap().to_vec())).collect()
}

/// Packs files as they are.
pub(crate) fn pack(files: &Files) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, content) in files {
        archive.start_file(path, stored).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Packs files with a manifest and a signature that fit them.
pub(crate) fn pack_signed(mut files: Files) -> Vec<u8> {
    files.remove("manifest.json");
    files.remove("signature");
    let hashes: BTreeMap<&String, String> =
        files.iter().map(|(path, content)| (path, sha1(content))).collect();
    let manifest = serde_json::to_vec(&hashes).unwrap();
    let signature = signer().sign(&manifest, now()).unwrap();
    files.insert("manifest.json".into(), manifest);
    files.insert("signature".into(), signature);
    pack(&files)
}

/// What is wrong with a good pass after a change to its files, signed anew.
pub(crate) fn after(change: impl FnOnce(&mut Files)) -> Broken {
    let mut files = files();
    change(&mut files);
    Opened::read(&pack_signed(files)).expect_err("a broken pass was accepted")
}

/// What is wrong with a good pass after a change to its `pass.json`, signed anew.
pub(crate) fn after_saying(change: impl FnOnce(&mut Json)) -> Broken {
    after(|files| {
        let mut json = serde_json::from_slice(&files["pass.json"]).unwrap();
        change(&mut json);
        files.insert("pass.json".into(), serde_json::to_vec(&json).unwrap());
    })
}

fn sha1(content: &[u8]) -> String {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content).as_ref().iter().fold(
        String::new(),
        |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        },
    )
}
