use pkpass::inspect::{Broken, Opened, unbundle};
use pkpass::{Error, bundle};

use crate::harness::{Files, pack, signed};

#[test]
fn a_bundle_holds_its_passes_in_their_order() {
    let passes: Vec<Vec<u8>> = (0..10u8).map(|n| vec![n; 9]).collect();
    let bytes = bundle(passes.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(unbundle(&bytes).unwrap(), passes);
    let pass = signed();
    let bytes = bundle([pass.as_slice()]).unwrap();
    assert!(Opened::read(&unbundle(&bytes).unwrap()[0]).is_ok());
}

#[test]
fn a_bundle_holds_one_to_ten_passes() {
    assert_eq!(bundle([]), Err(Error::BundleCount(0)));
    assert_eq!(bundle(vec![b"x".as_slice(); 11]), Err(Error::BundleCount(11)));
}

#[test]
fn a_bundle_holds_at_most_150_megabytes() {
    let large = vec![0; 75_000_001];
    assert_eq!(bundle([large.as_slice(), &large]), Err(Error::BundleSize(150_000_002)));
}

#[test]
fn a_bundle_holds_nothing_else() {
    let files = Files::from([("1.pkpass".into(), vec![1]), ("leeme.txt".into(), vec![2])]);
    assert_eq!(unbundle(&pack(&files)), Err(Broken::NotAPass("leeme.txt".into())));
}
