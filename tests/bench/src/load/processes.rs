//! What the processes of a platform take: memory and processor, second by second.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::platform::MB_OF_KERNEL_KB;

/// Clock ticks of a second, as Linux counts processor time for everybody.
const TICKS: f64 = 100.0;
const EVERY: Duration = Duration::from_secs(1);

/// One program's processes together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Use {
    /// Resident, memory that they share counted once.
    pub(crate) mb: f64,
    /// Of one core.
    pub(crate) percent: f64,
}

/// By program.
pub(crate) type Uses = BTreeMap<&'static str, Use>;

/// Looks at a platform's processes until it is told to stop.
pub(crate) struct Watch {
    seen: Arc<Mutex<Vec<Uses>>>,
    looking: JoinHandle<()>,
}

impl Watch {
    /// Of the platform whose process this is, and of this program itself.
    pub(crate) fn of(platform: u32) -> Self {
        let seen = Arc::<Mutex<Vec<Uses>>>::default();
        let told = Arc::clone(&seen);
        let looking = tokio::spawn(async move {
            let mut eye = Eye { platform, ticks: HashMap::new(), at: Instant::now() };
            eye.look();
            let mut seconds = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
            loop {
                seconds.tick().await;
                let uses = eye.look();
                told.lock().unwrap_or_else(PoisonError::into_inner).push(uses);
            }
        });
        Self { seen, looking }
    }

    /// What was seen, a second apart.
    pub(crate) fn end(self) -> Vec<Uses> {
        self.looking.abort();
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Eye {
    platform: u32,
    ticks: HashMap<u32, u64>,
    at: Instant,
}

struct Process {
    name: String,
    parent: u32,
    ticks: u64,
}

impl Eye {
    fn look(&mut self) -> Uses {
        let all: HashMap<u32, Process> = processes();
        let seconds = self.at.elapsed().as_secs_f64().max(0.001);
        self.at = Instant::now();
        let (mut uses, mut shared) = (Uses::new(), BTreeMap::<&str, f64>::new());
        let mut ticks = HashMap::new();
        for pid in family(&all, self.platform).into_iter().chain([std::process::id()]) {
            let Some(process) = all.get(&pid) else { continue };
            let name = match process.name.as_str() {
                _ if pid == std::process::id() => "this load",
                "sello" => "Sello",
                "postgres" => "PostgreSQL",
                "nats-server" => "NATS",
                _ => continue,
            };
            let (own_kb, shared_kb) = memory(pid);
            let most = shared.entry(name).or_default();
            *most = most.max(shared_kb * MB_OF_KERNEL_KB);
            let one = uses.entry(name).or_default();
            one.mb += own_kb * MB_OF_KERNEL_KB;
            let before = self.ticks.get(&pid).copied().unwrap_or(process.ticks);
            one.percent += process.ticks.saturating_sub(before) as f64 / TICKS / seconds * 100.0;
            ticks.insert(pid, process.ticks);
        }
        self.ticks = ticks;
        for (name, mb) in shared {
            uses.entry(name).or_default().mb += mb;
        }
        uses
    }
}

fn processes() -> HashMap<u32, Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect()
}

/// A line of `/proc/<pid>/stat`. The name stands in parentheses and may hold any letter, also a parenthesis.
fn read(line: &str) -> Option<Process> {
    let (before, rest) = line.rsplit_once(") ")?;
    let (_, name) = before.split_once('(')?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        name: name.to_owned(),
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)? + number(12)?,
    })
}

fn family(all: &HashMap<u32, Process>, first: u32) -> HashSet<u32> {
    let mut family = HashSet::from([first]);
    loop {
        let more: Vec<u32> = all
            .iter()
            .filter(|(pid, process)| family.contains(&process.parent) && !family.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            return family;
        }
        family.extend(more);
    }
}

/// Resident KB of a process: its own, and what it shares with others.
fn memory(pid: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    let shared = kb("RssShmem:");
    (kb("VmRSS:") - shared, shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let line = "42 (a) b (c) S 7 1 1 0 -1 0 1 2 3 4 50 25 0 0 20 0 1 0 100 0 0";
        let process = read(line).unwrap();
        assert_eq!((process.name.as_str(), process.parent, process.ticks), ("a) b (c", 7, 75));
        assert!(read("42 (short) S").is_none());
    }
}
