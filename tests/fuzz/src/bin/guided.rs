//! The readers under libFuzzer: `FUZZ=code BEGIN=<corpus> guided <corpus> [-max_total_time=…]`. Built by `make fuzz` alone.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs, io};

use fuzz::{TARGETS, Target};

/// The reader that `FUZZ` names.
fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<Option<&'static Target>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let name = env::var("FUZZ").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == name)
    });
    chosen.unwrap_or_else(|| std::process::exit(64))
}

/// Writes what the reader is made for, where a search begins. In this program because another, whose branches are counted
/// as well, has nobody to count for.
fn seed() -> io::Result<()> {
    let Some(folder) = env::var_os("BEGIN") else { return Ok(()) };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    (chosen().seeds)()
        .iter()
        .enumerate()
        .try_for_each(|(at, seed)| fs::write(folder.join(format!("seed-{at}")), seed))
}

libfuzzer_sys::fuzz_target!(init: if seed().is_err() { std::process::exit(73) }, |bytes: &[u8]| {
    (chosen().read)(bytes);
});
