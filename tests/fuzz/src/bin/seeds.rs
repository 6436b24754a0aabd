//! Writes what each reader is made for into a folder of its own: where a guided search begins.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else { return ExitCode::from(64) };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn write(folder: &Path) -> io::Result<()> {
    for target in &fuzz::TARGETS {
        let own = folder.join(target.name);
        fs::create_dir_all(&own)?;
        for (at, seed) in (target.seeds)().iter().enumerate() {
            fs::write(own.join(format!("seed-{at}")), seed)?;
        }
    }
    Ok(())
}
