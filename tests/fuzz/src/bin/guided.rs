//! The readers under libFuzzer: `FUZZ=code guided <corpus> [-max_total_time=…]`. Built by `make fuzz` alone.
#![no_main]

use std::sync::OnceLock;

use fuzz::{TARGETS, Target};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static CHOSEN: OnceLock<Option<&'static Target>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let name = std::env::var("FUZZ").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == name)
    });
    match chosen {
        Some(target) => {
            (target.read)(bytes);
        }
        None => std::process::exit(64),
    }
});
