//! A picture that an owner uploads.

use art::{KEPT_DOTS, Logo};

/// What is kept of it is small, and is read again as it was.
pub(crate) fn read(bytes: &[u8]) -> bool {
    let Ok(logo) = Logo::read(bytes) else { return false };
    assert!(logo.width() <= KEPT_DOTS && logo.height() <= KEPT_DOTS, "too large to be kept");
    let again = Logo::read(logo.png());
    assert!(again.is_ok_and(|again| again.png() == logo.png()), "what was kept is read as something else");
    true
}
