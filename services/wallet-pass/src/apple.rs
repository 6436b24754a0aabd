//! Apple Wallet: what a pass says, and the way to Apple's push service.

pub(crate) mod apns;
pub(crate) mod pass;

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use pkpass::{PassTypeId, Signer, TeamId};

use crate::config::AppleConfig;

/// What signs passes and pushes.
pub(crate) struct Apple {
    pub(crate) signer: Signer,
    pub(crate) apns: apns::Apns,
}

impl Apple {
    /// Reads the certificate and checks that it is of the pass type and team that are set: a pass signed by another
    /// installs nowhere, and no phone says why.
    pub(crate) fn open(config: &AppleConfig, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let pass_type: PassTypeId = config.pass_type.parse().context("setting `apple.pass_type`")?;
        let team: TeamId = config.team.parse().context("setting `apple.team`")?;
        let p12 = read(&config.p12, "apple.p12")?;
        let intermediate =
            config.intermediate.as_deref().map(|path| read(path, "apple.intermediate")).transpose()?;
        let signer =
            Signer::from_pkcs12(&p12, &config.p12_password, intermediate.as_deref(), &pass_type, &team, now)
                .context("the certificate in `apple.p12` does not fit")?;
        let authority =
            config.apns_authority.as_deref().map(|path| read(path, "apple.apns_authority")).transpose()?;
        let identity = signer.client_identity_pem();
        let apns = apns::Apns::new(&config.apns_url, &identity, authority.as_deref(), pass_type.as_str())
            .context("the way to Apple's push service cannot be set up")?;
        Ok(Self { signer, apns })
    }
}

fn read(path: &Path, setting: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("setting `{setting}`: {} cannot be read", path.display()))
}
