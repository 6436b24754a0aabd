//! Everything that is known to keep a package from installing: each is done to a good one, and named.

use std::collections::BTreeMap;

use pkpass::Error;
use pkpass::inspect::{Broken, Opened};
use proptest::prelude::*;

use crate::harness::{Files, after, files, pack, pack_signed, png, signed};

fn broken(files: &Files) -> Broken {
    Opened::read(&pack(files)).expect_err("a broken pass was accepted")
}

#[test]
fn what_is_no_archive_is_not_opened() {
    assert!(matches!(Opened::read(b"hola"), Err(Broken::Zip(_))));
    let bytes = signed();
    assert!(matches!(Opened::read(&bytes[..bytes.len() / 2]), Err(Broken::Zip(_))));
}

#[test]
fn the_files_lie_at_the_root() {
    let inside: Files = files().into_iter().map(|(path, file)| (format!("luna.pass/{path}"), file)).collect();
    assert_eq!(broken(&inside), Broken::ParentFolder("luna.pass/pass.json".into()));
}

#[test]
fn paths_have_forward_slashes() {
    let path = "es.lproj\\pass.strings";
    let done = after(|files| drop(files.insert(path.into(), b"x".to_vec())));
    assert_eq!(done, Broken::Backslash(path.into()));
}

#[test]
fn paths_stay_inside() {
    for path in ["../icon.png", "es.lproj/../../icon.png", "/icon.png", "C:/icon.png"] {
        let done = after(|files| drop(files.insert(path.into(), b"x".to_vec())));
        assert_eq!(done, Broken::Escapes(path.into()));
    }
}

#[test]
fn every_pass_has_its_three_files() {
    for path in ["pass.json", "manifest.json", "signature"] {
        let mut files = files();
        files.remove(path);
        assert_eq!(broken(&files), Broken::FileMissing(path));
    }
}

#[test]
fn the_manifest_is_an_object_of_hashes() {
    for manifest in ["", "[]", "{\"icon.png\": 1}"] {
        let mut files = files();
        files.insert("manifest.json".into(), manifest.into());
        assert!(matches!(broken(&files), Broken::Manifest(_)), "{manifest}");
    }
}

#[test]
fn every_file_is_in_the_manifest() {
    let mut files = files();
    files.insert("en.lproj/extra.strings".into(), b"\"A\" = \"a\";".to_vec());
    assert_eq!(broken(&files), Broken::NotInManifest("en.lproj/extra.strings".into()));
    // The complaint in the words of the phone.
    assert_eq!(broken(&files).to_string(), "No entry in manifest for file en.lproj/extra.strings");
}

#[test]
fn the_manifest_names_nothing_that_is_not_there() {
    let mut files = files();
    files.remove("logo@3x.png");
    assert_eq!(broken(&files), Broken::NotInPackage("logo@3x.png".into()));
}

#[test]
fn every_file_is_what_the_manifest_says() {
    for path in ["pass.json", "icon.png", "es.lproj/pass.strings"] {
        let mut files = files();
        files.entry(path.into()).or_default().push(b' ');
        assert_eq!(broken(&files), Broken::Hash(path.into()));
    }
}

#[test]
fn hashes_are_lower_case() {
    let mut files = files();
    let hashes: BTreeMap<String, String> = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let upper = hashes.iter().map(|(path, hash)| (path, hash.to_uppercase()));
    let manifest = serde_json::to_vec(&upper.collect::<BTreeMap<_, _>>()).unwrap();
    files.insert("manifest.json".into(), manifest);
    assert!(matches!(broken(&files), Broken::Hash(_)));
}

#[test]
fn there_is_an_icon() {
    let done = after(|files| files.retain(|path, _| !path.starts_with("icon")));
    assert_eq!(done, Broken::NoIcon);
    // One scale is enough.
    let mut files = files();
    files.retain(|path, _| !path.starts_with("icon") || path == "icon@2x.png");
    assert!(Opened::read(&pack_signed(files)).is_ok());
}

#[test]
fn images_are_images_that_fit() {
    let done = after(|files| drop(files.insert("strip.png".into(), b"GIF89a".to_vec())));
    assert_eq!(done, Broken::Image(Error::NotPng("strip.png".into())));
    let done = after(|files| drop(files.insert("logo.png".into(), png(161, 50, 0))));
    assert!(matches!(done, Broken::Image(Error::ImageTooLarge { width: 161, most_width: 160, .. })));
}

#[test]
fn texts_can_be_read() {
    let path = "en.lproj/pass.strings";
    let done = after(|files| drop(files.insert(path.into(), b"\"STAMPS\" = \"Stamps\"".to_vec())));
    assert_eq!(done, Broken::Strings(path.into()));
}

#[test]
fn an_archive_does_not_unpack_without_end() {
    let bomb = vec![0; 20_000_001];
    let done = after(|files| drop(files.insert("bomb.bin".into(), bomb)));
    assert_eq!(done, Broken::TooLarge(20_000_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever byte of a signed file is changed, the pass is refused.
    #[test]
    fn not_one_byte_can_be_changed(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), by in 1..=255u8) {
        let mut files = files();
        files.remove("signature");
        let path = file.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
        let mut changed = self::files();
        let content = changed.entry(path).or_default();
        let at = at.index(content.len());
        content[at] ^= by;
        prop_assert!(Opened::read(&pack(&changed)).is_err());
    }

    /// Reading never panics, whatever byte of the archive is changed.
    #[test]
    fn reading_is_total(at in any::<prop::sample::Index>(), by in 1..=255u8) {
        let mut bytes = signed();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        let _ = Opened::read(&bytes);
    }
}
