//! What a camera reads.

use stamping::domain::CodeKeys;

use crate::{now, text};

/// Keys that tests know.
pub(crate) fn keys() -> Option<CodeKeys> {
    CodeKeys::new([(1, vec![7; 32])])
}

/// A static code that is taken is one that we would make.
pub(crate) fn read(bytes: &[u8]) -> bool {
    let (Some(keys), shown) = (keys(), text(bytes)) else { return false };
    if let Ok(code) = keys.read(shown) {
        assert_eq!(keys.mint(code), shown, "a code that nobody made was taken");
    }
    let Ok(read) = keys.read_at(shown, now()) else { return false };
    if read.step.is_some() {
        let prefix = keys.rotating(read.code).prefix;
        assert!(shown.starts_with(&prefix), "a code of another card was taken");
    }
    true
}
