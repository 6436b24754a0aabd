//! T7, its last part: each service as a process of its own, at rest, and what the largest of them takes.

use std::time::Duration;

use anyhow::ensure;
use e2e::WhatsApp;

use crate::chart::number;
use crate::figures::{Figures, Wanted, plain};
use crate::platform::resident_mb;

/// What one may take, in MB.
const TARGET_MB: f64 = 25.0;
/// The services there are.
const SERVICES: usize = 7;
/// How long they are left alone first: by then each has done whatever it does on its own clock at its start.
const REST: Duration = Duration::from_secs(20);

/// Starts one process of each and looks at them.
pub(crate) async fn tell(figures: &mut Figures) -> anyhow::Result<()> {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform_with(vec![("SPLIT", "1".to_owned())]);
    tokio::time::sleep(REST).await;
    let resident = |(name, pid): (String, u32)| anyhow::Ok((name, resident_mb(pid)?));
    let mut all = world.services().into_iter().map(resident).collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(all.len() == SERVICES, "{} services are processes of their own, not {SERVICES}", all.len());
    all.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    println!("{}", plain("T7", &format!("each service alone at rest, in MB: {}", listed(&all))));
    let largest = [all[0].1];
    figures.tell(
        "T7",
        "the largest service alone, resident at rest",
        &largest,
        " MB",
        Wanted::Below(TARGET_MB),
    );
    Ok(())
}

fn listed(all: &[(String, f64)]) -> String {
    let each: Vec<String> = all.iter().map(|(name, mb)| format!("{name} {}", number(*mb))).collect();
    each.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_with_what_it_takes() {
        let all = [("gateway".to_owned(), 21.3), ("stamping".to_owned(), 17.0)];
        assert_eq!(listed(&all), "gateway 21.3, stamping 17");
    }
}
