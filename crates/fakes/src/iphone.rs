//! An iPhone with Wallet: it installs a pass, registers for it, is pushed, asks what has changed, fetches it, shows it,
//! and unregisters when the pass is thrown out.
//!
//! A package is refused if it is not whole (see [`PhoneError::BadPass`]); whether its signature holds is asked of
//! [`Settings::checker`]. What goes wrong without anybody waiting for it is told to the service's log, as a phone does,
//! and kept in [`Snapshot::troubles`].

mod package;
mod phone;
mod shown;
mod strings;
mod web;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;

pub use shown::{Barcode, Field, Shown};

use crate::apns::Apns;
use crate::tasks::Tasks;
use crate::{DEADLINE, Late, locked, wait_for};
use package::Package;
use phone::{Phone, new_push_token};
use web::Fetched;

/// How long a service may take over one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Says what is wrong with the bytes of a package, if anything is.
pub type Checker = Box<dyn Fn(&[u8]) -> Result<(), String> + Send + Sync>;

/// What may be chosen about a phone.
pub struct Settings {
    /// Its device library identifier, which is what a service knows it by.
    pub device: String,
    /// Its language, as in `es.lproj`.
    pub language: String,
    /// Its version; from 27 on it shows posters.
    pub ios: u32,
    /// What APNs knows it by: hexadecimal digits, an even number of them. None makes one up.
    pub push_token: Option<String>,
    /// Looks at every package before the phone does: at its signature, for one.
    pub checker: Option<Checker>,
    /// What it makes its calls with, where the usual client does not do.
    pub http: Option<reqwest::Client>,
}

impl Settings {
    /// A Spanish phone of version 26 that believes every signature.
    pub fn new(device: impl Into<String>) -> Self {
        Self {
            device: device.into(),
            language: "es".into(),
            ios: 26,
            push_token: None,
            checker: None,
            http: None,
        }
    }
}

/// Where a pass comes from.
pub enum Source {
    /// A link that was tapped.
    Link(String),
    /// A file that came some other way.
    File(Vec<u8>),
}

impl From<&str> for Source {
    fn from(link: &str) -> Self {
        Self::Link(link.to_owned())
    }
}

impl From<String> for Source {
    fn from(link: String) -> Self {
        Self::Link(link)
    }
}

impl From<Vec<u8>> for Source {
    fn from(file: Vec<u8>) -> Self {
        Self::File(file)
    }
}

/// What a phone may have to complain of.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// It has no HTTP client.
    #[error("HTTP client")]
    Client(#[source] reqwest::Error),
    /// A call did not get through.
    #[error("{call}: {cause}")]
    Unreachable {
        /// Which call.
        call: &'static str,
        /// Why.
        cause: String,
    },
    /// A call was refused.
    #[error("{call} was answered with {status}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// How it was answered.
        status: u16,
    },
    /// A pass cannot be installed, or not in the place of the one that is there.
    #[error("bad pass: {0}")]
    BadPass(String),
    /// There is no such pass on the phone.
    #[error("no pass {0}")]
    NoPass(String),
}

impl PhoneError {
    fn unreachable(call: &'static str, error: reqwest::Error) -> Self {
        Self::Unreachable { call, cause: error.to_string() }
    }
}

/// Everything on the phone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// Its passes.
    pub passes: Vec<Shown>,
    /// What went wrong without anybody waiting for it.
    pub troubles: Vec<String>,
}

/// The phone. It hears pushes until it is dropped.
pub struct IPhone {
    phone: Arc<Phone>,
    tasks: Tasks,
}

impl IPhone {
    /// A phone as most are, known to services by this identifier.
    pub fn new(device: impl Into<String>) -> Result<Self, PhoneError> {
        Self::with(Settings::new(device))
    }

    /// A phone as described.
    pub fn with(mut settings: Settings) -> Result<Self, PhoneError> {
        let http = match settings.http.take() {
            Some(http) => http,
            None => reqwest::Client::builder()
                .no_proxy()
                .timeout(CALL_TIMEOUT)
                .build()
                .map_err(PhoneError::Client)?,
        };
        Ok(Self { phone: Arc::new(Phone::new(settings, http)), tasks: Tasks::new() })
    }

    /// Installs a pass and registers for it; returns its serial number. If only the registration fails, the pass is
    /// there and the error says so.
    pub async fn install(&self, source: impl Into<Source>) -> Result<String, PhoneError> {
        let fetched = match source.into() {
            Source::Link(url) => self.phone.web.download(&url).await?,
            Source::File(bytes) => Fetched { bytes, last_modified: None },
        };
        let held = self.phone.open(&fetched)?;
        let (serial, package) = (held.package.serial.clone(), held.package.clone());
        let push_token = {
            let mut inside = locked(&self.phone.inside);
            inside.passes.insert(serial.clone(), held);
            inside.push_token.clone()
        };
        self.phone.draw();
        self.phone.web.register(&package, &push_token).await?;
        self.phone.note_registered(&package);
        Ok(serial)
    }

    /// Hears the pushes of this server from now on, and updates its passes when it is pushed.
    pub fn listen(&self, apns: &Apns) {
        let mut pushes = apns.subscribe();
        let phone = self.phone.clone();
        self.tasks.spawner().spawn(async move {
            loop {
                let mut topics = BTreeSet::new();
                let mut heard = pushes.recv().await.map_err(|error| match error {
                    RecvError::Closed => TryRecvError::Closed,
                    RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
                });
                // What has come meanwhile is one update.
                loop {
                    match heard {
                        Ok(push) if push.token == locked(&phone.inside).push_token => {
                            topics.insert(push.topic);
                        }
                        Ok(_) => {}
                        Err(TryRecvError::Lagged(_)) => topics = phone.pass_types(),
                        Err(TryRecvError::Empty) => break,
                        Err(TryRecvError::Closed) => return,
                    }
                    heard = pushes.try_recv();
                }
                for topic in topics {
                    if let Err(error) = phone.update(&topic).await {
                        phone.complain(&topic, &error).await;
                    }
                }
            }
        });
    }

    /// Asks every service what has changed, unasked; returns how many passes had.
    pub async fn refresh(&self) -> Result<usize, PhoneError> {
        let mut changed = 0;
        for pass_type in self.phone.pass_types() {
            changed += self.phone.update(&pass_type).await?;
        }
        Ok(changed)
    }

    /// Fetches one pass, as when it is pulled down. True if it had changed.
    pub async fn pull(&self, serial: &str) -> Result<bool, PhoneError> {
        let _one = self.phone.updating.lock().await;
        self.phone.fetch(serial).await
    }

    /// Throws a pass out and unregisters. The pass is gone from the phone even if the service does not answer.
    pub async fn delete(&self, serial: &str) -> Result<(), PhoneError> {
        let held = locked(&self.phone.inside).passes.remove(serial);
        let held = held.ok_or_else(|| PhoneError::NoPass(serial.to_owned()))?;
        self.phone.draw();
        self.phone.web.unregister(&held.package).await
    }

    /// Gets a new push token, as after a restore, and registers every pass again with it.
    pub async fn renew_push_token(&self) -> Result<(), PhoneError> {
        let token = new_push_token();
        let packages: Vec<Package> = {
            let mut inside = locked(&self.phone.inside);
            inside.push_token.clone_from(&token);
            inside.passes.values().map(|held| held.package.clone()).collect()
        };
        for package in packages {
            self.phone.web.register(&package, &token).await?;
            self.phone.note_registered(&package);
        }
        Ok(())
    }

    /// What APNs knows it by.
    pub fn push_token(&self) -> String {
        locked(&self.phone.inside).push_token.clone()
    }

    /// What services know it by.
    pub fn device(&self) -> &str {
        &self.phone.web.device
    }

    /// What one pass shows.
    pub fn shows(&self, serial: &str) -> Option<Shown> {
        locked(&self.phone.inside).passes.get(serial).map(|held| held.view.shown.clone())
    }

    /// Everything it shows now.
    pub fn snapshot(&self) -> Snapshot {
        self.phone.look()
    }

    /// Follows what it shows.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.phone.screen.subscribe()
    }

    /// Waits until a pass shows what it should.
    pub async fn until(&self, serial: &str, is_so: impl Fn(&Shown) -> bool) -> Result<Shown, Late> {
        self.until_within(serial, DEADLINE, is_so).await
    }

    /// As [`IPhone::until`], with a deadline of one's own.
    pub async fn until_within(
        &self,
        serial: &str,
        within: Duration,
        is_so: impl Fn(&Shown) -> bool,
    ) -> Result<Shown, Late> {
        wait_for(self.watch(), within, || self.shows(serial).filter(|shown| is_so(shown))).await
    }

    /// Waits until the whole phone is as it should be.
    pub async fn until_all(&self, is_so: impl Fn(&Snapshot) -> bool) -> Result<Snapshot, Late> {
        wait_for(self.watch(), DEADLINE, || Some(self.snapshot()).filter(|snapshot| is_so(snapshot))).await
    }
}
