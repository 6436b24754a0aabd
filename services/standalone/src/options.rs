//! What the operator may choose, from the environment.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use growth::Year;

/// The choices of one run.
#[derive(Clone)]
pub(crate) struct Options {
    /// Pages and API.
    pub(crate) port: u16,
    /// Everything that is kept.
    pub(crate) data: PathBuf,
    /// Whether an empty platform is given a demonstration business.
    pub(crate) demo: bool,
    /// Whether phones on the same network may come in, by HTTPS.
    pub(crate) lan: bool,
    /// Who answers in place of Apple and Google.
    pub(crate) providers: Providers,
    /// Whether requests are counted.
    pub(crate) rate_limits: bool,
    /// Where the built pages are.
    pub(crate) pages: PathBuf,
    /// Where traces go, if anywhere: `http://collector:4318/v1/traces`.
    pub(crate) otlp: Option<String>,
    /// What is logged.
    pub(crate) log: String,
    /// Whether services reach PostgreSQL by PgBouncer, as in a cluster, and with how many connections.
    pub(crate) pooler: Option<Pool>,
    /// Processes of each service; absent, all are in this one.
    pub(crate) split: Option<Copies>,
}

/// How many connections PgBouncer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pool {
    /// As many as its file says.
    AsWritten,
    /// As many as one of its copies holds at the end of a year of the growth plan.
    OfYear(Year),
}

impl Pool {
    /// A year alone would be forgotten in silence.
    fn chosen(pooler: bool, year: Option<&str>) -> anyhow::Result<Option<Self>> {
        let Some(text) = year else { return Ok(pooler.then_some(Self::AsWritten)) };
        ensure!(
            pooler,
            "POOLER_YEAR={text} says how large PgBouncer is, and there is none; set POOLER=1 too"
        );
        let year = text.parse().ok().and_then(Year::from_number);
        let year =
            year.with_context(|| format!("POOLER_YEAR={text} is not a year of the plan; take 1 to 5"))?;
        Ok(Some(Self::OfYear(year)))
    }
}

/// What runs as processes of their own.
const SERVICES: [&str; 7] =
    ["enrollment", "stamping", "analytics", "wallet-pass", "messaging", "campaign", "gateway"];

/// Who the parties outside are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Providers {
    /// Servers of our own on loopback, and phones that are none: for the demonstration.
    Fake,
    /// Nobody: no card can be put into a wallet.
    Off,
    /// Those that the environment names (`WALLET_PASS__APPLE__…`, `WALLET_PASS__GOOGLE__…`).
    Live,
}

/// How many processes of each service: `2`, or `1,messaging:3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copies {
    of_each: u16,
    of_some: Vec<(String, u16)>,
}

impl Copies {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let count = |word: &str| match word.parse() {
            Ok(count @ 1..=9) => Ok(count),
            _ => bail!("SPLIT={text}: {word} is not a number of processes; take 1 to 9"),
        };
        let mut words = text.split(',');
        let of_each = count(words.next().unwrap_or_default())?;
        let of_some = words.map(|word| match word.split_once(':') {
            Some((name, copies)) if SERVICES.contains(&name) => Ok((name.to_owned(), count(copies)?)),
            _ => bail!("SPLIT={text}: {word} does not read as service:number"),
        });
        Ok(Self { of_each, of_some: of_some.collect::<anyhow::Result<_>>()? })
    }

    /// Processes of a service.
    pub(crate) fn of(&self, service: &str) -> u16 {
        let own = self.of_some.iter().rev().find(|(name, _)| name == service);
        own.map_or(self.of_each, |(_, copies)| *copies)
    }
}

impl Options {
    /// Reads `PORT`, `DATA`, `DEMO`, `LAN`, `PROVIDERS`, `RATE_LIMITS`, `PAGES`, `OTLP`, `LOG`, `POOLER`, `POOLER_YEAR`
    /// and `SPLIT`.
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let data = PathBuf::from(text("DATA").unwrap_or_else(|| "data".into()));
        let data =
            std::path::absolute(&data).with_context(|| format!("DATA={} is no path", data.display()))?;
        let demo = switch("DEMO", true)?;
        Ok(Self {
            port: match text("PORT") {
                Some(port) => match port.parse() {
                    Ok(0) | Err(_) => bail!("PORT={port} is not a port; take 1 to 65535"),
                    Ok(port) => port,
                },
                None => 8080,
            },
            data,
            demo,
            providers: match text("PROVIDERS").as_deref() {
                None => {
                    if demo {
                        Providers::Fake
                    } else {
                        Providers::Off
                    }
                }
                Some("fake") => Providers::Fake,
                Some("off") => Providers::Off,
                Some("live") => Providers::Live,
                Some(other) => bail!("PROVIDERS={other} is none of fake, off and live"),
            },
            lan: switch("LAN", false)?,
            rate_limits: switch("RATE_LIMITS", true)?,
            pages: PathBuf::from(text("PAGES").unwrap_or_else(|| "services/gateway/web/dist".into())),
            otlp: text("OTLP"),
            log: text("LOG").unwrap_or_else(|| "warn".into()),
            pooler: Pool::chosen(switch("POOLER", false)?, text("POOLER_YEAR").as_deref())?,
            split: text("SPLIT").map(|copies| Copies::parse(&copies)).transpose()?,
        })
    }
}

/// What the environment says, if anything.
pub(crate) fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A choice between yes and no.
pub(crate) fn switch(name: &str, default: bool) -> anyhow::Result<bool> {
    match text(name).as_deref() {
        None => Ok(default),
        Some("1" | "on") => Ok(true),
        Some("0" | "off") => Ok(false),
        Some(other) => bail!("{name}={other} is neither 1 nor 0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pooler_may_be_as_large_as_a_years_and_a_year_without_one_is_told() {
        let chosen = Pool::chosen;
        assert_eq!(chosen(false, None).unwrap(), None);
        assert_eq!(chosen(true, None).unwrap(), Some(Pool::AsWritten));
        assert_eq!(chosen(true, Some("3")).unwrap(), Some(Pool::OfYear(Year::Three)));
        assert!(chosen(false, Some("3")).unwrap_err().to_string().contains("POOLER=1"));
        assert!(chosen(true, Some("6")).unwrap_err().to_string().contains("1 to 5"));
    }

    #[test]
    fn a_service_may_have_processes_of_its_own_number() {
        let copies = Copies::parse("1,messaging:3,gateway:2").unwrap();
        assert_eq!((copies.of("messaging"), copies.of("gateway"), copies.of("stamping")), (3, 2, 1));
        assert_eq!(Copies::parse("2").unwrap().of("campaign"), 2);
        for wrong in ["", "0", "10", "two", "1,messaging", "1,mailing:2", "1,messaging:0"] {
            assert!(Copies::parse(wrong).is_err(), "{wrong}");
        }
    }
}
