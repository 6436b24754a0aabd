use std::io::Cursor;

use pkpass::inspect::Opened;
use pkpass::*;

use crate::harness::{files, now, pack_signed, pass, png, signed, signer, template};

#[test]
fn a_signed_pass_opens() {
    let opened = Opened::read(&signed()).unwrap();
    assert_eq!(opened.serial(), "card-1");
    assert_eq!(opened.pass_type(), "pass.pe.sello.card");
    assert_eq!(opened.web_service(), Some(("https://sello.pe/w", "vxwxd7J8AlNNFPS8")));
    assert_eq!(opened.value("storeCard", "stamps"), Some(&7.into()));
    assert_eq!(opened.value("posterGeneric", "stamps"), Some(&7.into()));
    assert_eq!(opened.signed_at(), now());
    assert_eq!(opened.generation(), None);
    assert!(opened.is_development());
    let english = opened.file("en.lproj/pass.strings").unwrap();
    assert!(std::str::from_utf8(english).unwrap().contains("\"STAMPS\" = \"STAMPS\";"));
}

#[test]
fn a_pass_packed_by_another_tool_opens() {
    assert!(Opened::read(&pack_signed(files())).is_ok());
}

#[test]
fn the_same_pass_is_the_same_bytes() {
    assert_eq!(signed(), signed());
}

#[test]
fn what_a_design_shares_is_copied_as_it_was_compressed() {
    let bytes = signed();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).unwrap();
        let path = entry.name().unwrap().into_owned();
        let own = ["pass.json", "manifest.json", "signature"].contains(&path.as_str());
        let stored = entry.compression() == zip::CompressionMethod::Stored;
        assert_eq!(stored, own, "{path}");
        assert_eq!(entry.last_modified().unwrap(), zip::DateTime::DEFAULT);
    }
    assert_eq!(archive.len(), 3 + 12 + 2);
}

#[test]
fn a_template_takes_another_image_and_leaves_the_first_as_it_was() {
    let seven = template();
    let eight = seven.with_image(ImageKind::Strip, Scale::X3, &png(1_125, 432, 50)).unwrap();
    assert_ne!(seven.fingerprint(), eight.fingerprint());
    assert_eq!(seven.fingerprint(), template().fingerprint());
    let opened = Opened::read(&pass().sign(&eight, signer(), now()).unwrap()).unwrap();
    assert_eq!(opened.file("strip@3x.png"), Some(png(1_125, 432, 50).as_slice()));
    assert_eq!(opened.file("strip@2x.png"), Some(png(750, 288, 900).as_slice()));
}

#[test]
fn a_pass_takes_texts_of_its_own_in_place_of_the_designs() {
    let own = Strings::none().with("7 TO GO", "TE FALTAN 7", "7 TO GO").unwrap();
    let told = template().with_strings(&own).unwrap();
    assert_ne!(told.fingerprint(), template().fingerprint());
    let opened = Opened::read(&pass().sign(&told, signer(), now()).unwrap()).unwrap();
    assert_eq!(opened.file("es.lproj/pass.strings"), Some("\"7 TO GO\" = \"TE FALTAN 7\";\n".as_bytes()));
    assert_eq!(opened.file("strip@2x.png"), Some(png(750, 288, 900).as_slice()), "images are shared");
    let silent = told.with_strings(&Strings::none()).unwrap();
    let opened = Opened::read(&pass().sign(&silent, signer(), now()).unwrap()).unwrap();
    assert_eq!(opened.file("en.lproj/pass.strings"), None);
}

#[test]
fn a_design_has_an_icon() {
    let images = Images::new().with(ImageKind::Logo, Scale::X1, png(160, 50, 0)).unwrap();
    let refused = Template::new(&images, &Strings::none());
    assert_eq!(refused.err(), Some(Error::ImageMissing(ImageKind::Icon)));
}

#[test]
fn a_poster_has_its_artwork() {
    let images = Images::new().with(ImageKind::Icon, Scale::X1, png(38, 38, 0)).unwrap();
    let bare = Template::new(&images, &Strings::none()).unwrap();
    assert_eq!(pass().sign(&bare, signer(), now()), Err(Error::ImageMissing(ImageKind::Artwork)));
}

#[test]
fn nothing_is_signed_once_the_certificate_has_ended() {
    let after = signer().not_after() + chrono::Duration::seconds(1);
    assert_eq!(pass().sign(&template(), signer(), after), Err(Error::SignerExpired));
    assert!(pass().sign(&template(), signer(), signer().not_after()).is_ok());
}
