use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use reqwest::Url;
use tokio::sync::watch;

use super::package::Package;
use super::shown::View;
use super::web::{Fetched, Web};
use super::{Checker, PhoneError, Settings, Snapshot};
use crate::locked;

/// What the handle and its listener share.
pub(super) struct Phone {
    pub(super) web: Web,
    pub(super) language: String,
    pub(super) ios: u32,
    pub(super) checker: Option<Checker>,
    pub(super) inside: Mutex<Inside>,
    pub(super) screen: watch::Sender<Snapshot>,
    /// One update at a time.
    pub(super) updating: tokio::sync::Mutex<()>,
}

pub(super) struct Inside {
    pub(super) push_token: String,
    pub(super) passes: BTreeMap<String, Held>,
    /// The newest tag of every service and pass type.
    pub(super) tags: BTreeMap<(Url, String), String>,
    pub(super) troubles: Vec<String>,
}

/// A pass on the phone, by its serial number.
pub(super) struct Held {
    pub(super) package: Package,
    pub(super) view: View,
}

impl Phone {
    pub(super) fn new(settings: Settings, http: reqwest::Client) -> Self {
        Self {
            web: Web { http, device: settings.device },
            language: settings.language,
            ios: settings.ios,
            checker: settings.checker,
            inside: Mutex::new(Inside {
                push_token: settings.push_token.unwrap_or_else(new_push_token),
                passes: BTreeMap::new(),
                tags: BTreeMap::new(),
                troubles: Vec::new(),
            }),
            screen: watch::Sender::default(),
            updating: tokio::sync::Mutex::default(),
        }
    }

    /// Opens a package and looks at it as this phone does.
    pub(super) fn open(&self, fetched: &Fetched) -> Result<Held, PhoneError> {
        if let Some(checker) = &self.checker {
            checker(&fetched.bytes).map_err(PhoneError::BadPass)?;
        }
        let package = Package::open(&fetched.bytes).map_err(PhoneError::BadPass)?;
        let mut view = View::new(&package, &self.language, self.ios).map_err(PhoneError::BadPass)?;
        view.shown.last_modified.clone_from(&fetched.last_modified);
        Ok(Held { package, view })
    }

    pub(super) fn pass_types(&self) -> BTreeSet<String> {
        locked(&self.inside).passes.values().map(|held| held.package.pass_type.clone()).collect()
    }

    /// The services that have passes of a type on this phone.
    fn services(&self, pass_type: &str) -> BTreeSet<Url> {
        let inside = locked(&self.inside);
        let of_type = inside.passes.values().filter(|held| held.package.pass_type == pass_type);
        of_type.filter_map(|held| Some(held.package.service.as_ref()?.url.clone())).collect()
    }

    /// Asks for what has changed of a type, and fetches it. The new tag is kept only when all of it is here.
    pub(super) async fn update(&self, pass_type: &str) -> Result<usize, PhoneError> {
        let _one = self.updating.lock().await;
        let mut count = 0;
        for base in self.services(pass_type) {
            let place = (base.clone(), pass_type.to_owned());
            let tag = locked(&self.inside).tags.get(&place).cloned();
            let Some(changed) = self.web.changed(&base, pass_type, tag.as_deref()).await? else { continue };
            for serial in &changed.serial_numbers {
                // A service may still name what was thrown out a moment ago.
                let is_here = locked(&self.inside).passes.contains_key(serial);
                count += usize::from(is_here && self.fetch(serial).await?);
            }
            locked(&self.inside).tags.insert(place, changed.last_updated);
        }
        Ok(count)
    }

    pub(super) async fn fetch(&self, serial: &str) -> Result<bool, PhoneError> {
        let (package, last_modified) = {
            let inside = locked(&self.inside);
            let held = inside.passes.get(serial).ok_or_else(|| PhoneError::NoPass(serial.to_owned()))?;
            (held.package.clone(), held.view.shown.last_modified.clone())
        };
        let Some(fetched) = self.web.fetch(&package, last_modified.as_deref()).await? else {
            return Ok(false);
        };
        let mut new = self.open(&fetched)?;
        if new.package.serial != package.serial || new.package.pass_type != package.pass_type {
            return Err(PhoneError::BadPass("an update is another pass".into()));
        }
        let token = |package: &Package| package.service.as_ref().map(|service| service.token.clone());
        if token(&new.package) != token(&package) {
            return Err(PhoneError::BadPass("an update has another authenticationToken".into()));
        }
        if let Some(held) = locked(&self.inside).passes.get_mut(serial) {
            let before = &held.view.shown;
            new.view.shown.registered = before.registered;
            new.view.shown.updates = before.updates + 1;
            new.view.shown.notices.clone_from(&before.notices);
            new.view.shown.notices.extend(new.view.notice(&held.view));
            *held = new;
        }
        self.draw();
        Ok(true)
    }

    pub(super) fn note_registered(&self, package: &Package) {
        if let Some(held) = locked(&self.inside).passes.get_mut(&package.serial) {
            held.view.shown.registered = package.service.is_some();
        }
        self.draw();
    }

    /// Keeps what went wrong, and tells the services of this type.
    pub(super) async fn complain(&self, pass_type: &str, error: &PhoneError) {
        let line = error.to_string();
        tracing::debug!(pass_type, %error, "an update failed");
        locked(&self.inside).troubles.push(line.clone());
        self.draw();
        for base in self.services(pass_type) {
            self.web.log(&base, &line).await;
        }
    }

    pub(super) fn look(&self) -> Snapshot {
        let inside = locked(&self.inside);
        let passes = inside.passes.values().map(|held| held.view.shown.clone()).collect();
        Snapshot { passes, troubles: inside.troubles.clone() }
    }

    pub(super) fn draw(&self) {
        let now = self.look();
        self.screen.send_if_modified(|shown| {
            let is_new = *shown != now;
            *shown = now;
            is_new
        });
    }
}

pub(super) fn new_push_token() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}
