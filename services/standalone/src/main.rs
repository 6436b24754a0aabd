//! Sello in one process, with its own PostgreSQL and NATS: the way to try it, and to run it small.

mod backups;
mod chats;
mod demo;
mod elsewhere;
mod front;
mod greeting;
mod lan;
mod operator;
mod options;
mod parties;
mod phones;
mod plan;
mod platform;
mod reached;
mod rebuild;
mod run;
mod secrets;
mod servers;
mod simulated;
mod split;
mod verify;
mod with_servers;

use std::process::ExitCode;

use options::Options;

const USAGE: &str =
    "sello run                     start the platform (PORT, DATA, DEMO, LAN, PROVIDERS, RATE_LIMITS, SPLIT, POOLER,
                              POOLER_YEAR, PAGES, OTLP, LOG)
sello verify                  compare every card with its ledger, and the figures with both (DATA)
sello rebuild analytics       make the figures anew from the ledger; the platform must be stopped (DATA)
sello rebuild campaign        the same for who customers are, by which campaigns choose; nobody is written to again (DATA)
sello backup <folder>         take a copy, of a running platform too (DATA, KEEP, WITH_SECRETS)
sello restore <copy>          make an empty DATA a platform, from a copy or the newest of a folder (DATA, SECRETS)
sello member reset <e-mail>   make a new password for a member who lost everything (DATA)
sello growth [year] [times]   what a year of the growth plan needs (3), and a load test at so many times its peak (3)
sello growth tables           every table of the growth plan beside what follows from its assumptions, and where they differ
sello attend                  stay until told to stop, so that these can be run where it stays (Kubernetes)
sello with-servers <command>  run a command beside a PostgreSQL and a NATS of its own, for tests";

const ELSEWHERE: &str = "
verify, rebuild, member and operator work on the platform of DATA, or on one elsewhere: SELLO__ENROLLMENT_URL=http://host:7101,
SELLO__STAMPING_URL, SELLO__ANALYTICS_URL, SELLO__WALLET_PASS_URL, SELLO__MESSAGING_URL, SELLO__CAMPAIGN_URL and
SELLO__OPERATOR_SECRET; rebuild asks for SELLO__GATEWAY_URL too";

#[tokio::main]
async fn main() -> ExitCode {
    boot::install_crypto();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run"] => with_options(run::run).await,
        ["verify"] => with_options(verify::verify).await,
        ["rebuild", service] => match Options::from_environment() {
            Ok(options) => rebuild::rebuild(options, service).await,
            Err(error) => Err(error),
        },
        ["backup", folder] => match Options::from_environment() {
            Ok(options) => backups::take(options, folder).await,
            Err(error) => Err(error),
        },
        ["restore", copy] => match Options::from_environment() {
            Ok(options) => backups::put_back(options, copy).await,
            Err(error) => Err(error),
        },
        ["member", "reset", email] => match Options::from_environment() {
            Ok(options) => run::reset_member(options, email).await,
            Err(error) => Err(error),
        },
        ["operator", words @ ..] => match Options::from_environment() {
            Ok(options) => operator::operator(options, words).await,
            Err(error) => Err(error),
        },
        ["growth", words @ ..] => plan::plan(words),
        ["attend"] => run::attend().await,
        ["with-servers", command @ ..] if !command.is_empty() => with_servers::run(command).await,
        _ => {
            greeting::say(USAGE);
            greeting::say(operator::USAGE);
            greeting::say(ELSEWHERE);
            return ExitCode::from(64);
        }
    };
    done.unwrap_or_else(|error| {
        greeting::fail(&error);
        ExitCode::FAILURE
    })
}

async fn with_options<F>(work: impl FnOnce(Options) -> F) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    work(Options::from_environment()?).await
}
