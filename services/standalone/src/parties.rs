//! Who answers in place of Apple, Google and Twilio: nobody, those that the environment names, or servers of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use boot::Stop;
use chrono::Utc;
use fakes::apns::Apns;
use fakes::google::Google;
use fakes::twilio::{SENDER, Twilio};
use messaging::TwilioConfig;
use pkpass::{PassTypeId, TeamId, development};
use proto::messaging::SetSenderRequest;
use wallet_pass::{AppleConfig, GoogleConfig, WebConfig};

use crate::chats::Chats;
use crate::greeting::say;
use crate::operator::Desk;
use crate::options::{Options, Providers};
use crate::phones::Phones;
use crate::secrets::DemoSignIn;

/// What passes made here say they are; no real phone believes it.
const PASS_TYPE: &str = "pass.pe.sello.demostracion";
const TEAM: &str = "SELLODEMO1";
/// Whose tier the pretend number has a share in, and how many addresses a day it is good for.
const PORTFOLIO: &str = "demostracion";
const TIER: i64 = 2_000;

/// The parties outside, as the services are told of them.
pub(crate) struct Parties {
    /// Where phones reach us.
    pub(crate) public_url: String,
    /// Where logos and passes lie.
    pub(crate) objects: String,
    /// Absent: no Apple Wallet.
    pub(crate) apple: Option<AppleConfig>,
    /// Absent: no Google Wallet.
    pub(crate) google: Option<GoogleConfig>,
    /// Absent: no notices in browsers.
    pub(crate) web: Option<WebConfig>,
    /// Absent: no WhatsApp.
    pub(crate) twilio: Option<TwilioConfig>,
    /// live, fake or off.
    pub(crate) label: &'static str,
    fakes: Option<Fakes>,
}

/// The servers in place of theirs.
#[derive(Clone)]
pub(crate) struct Fakes {
    pub(crate) apns: Arc<Apns>,
    pub(crate) google: Arc<Google>,
    pub(crate) twilio: Arc<Twilio>,
}

impl Parties {
    /// No wallets: for what only looks.
    pub(crate) fn none(data: &Path) -> Self {
        let objects = data.join("objects").display().to_string();
        Self {
            public_url: String::new(),
            objects,
            apple: None,
            google: None,
            web: None,
            twilio: None,
            label: "off",
            fakes: None,
        }
    }

    /// As the operator chose. Push services of browsers need to be told of nobody: wherever there is anybody outside, they
    /// are there, known by the key of this `DATA` unless the environment names another.
    pub(crate) async fn of(options: &Options, url: &str, push_key: &str) -> anyhow::Result<Self> {
        let none = Self { public_url: url.to_owned(), ..Self::none(&options.data) };
        let web = WebConfig { key: push_key.to_owned(), subject: String::new(), services: String::new() };
        match options.providers {
            Providers::Off => Ok(none),
            Providers::Live => {
                let named = wallet_pass::Config::load().context("the settings of WALLET_PASS")?;
                let messaging = messaging::Config::load().context("the settings of MESSAGING")?;
                Ok(Self {
                    apple: named.apple,
                    google: named.google,
                    web: named.web.or(Some(web)),
                    twilio: messaging.twilio,
                    label: "live",
                    ..none
                })
            }
            Providers::Fake => {
                let folder = options.data.join("wallets");
                let signer = DevelopmentSigner::of(&folder)?;
                let apns =
                    Apns::start(&signer.authority_pem).await.context("the fake of Apple's push service")?;
                let google = Google::start().await.context("the fake of Google Wallet")?;
                let twilio = Twilio::start().await.context("the fake of Twilio")?;
                Ok(Self {
                    twilio: Some(twilio_config(&twilio)),
                    label: "fake",
                    apple: Some(signer.config(&folder, &apns)?),
                    google: Some(google_config(&folder, &google)?),
                    web: Some(web),
                    fakes: Some(Fakes {
                        apns: Arc::new(apns),
                        google: Arc::new(google),
                        twilio: Arc::new(twilio),
                    }),
                    ..none
                })
            }
        }
    }

    /// Where somebody writes in the place of a customer; empty where people have phones of their own.
    pub(crate) fn pretend_phones(&self, url: &str) -> String {
        if self.fakes.is_some() { format!("{url}/mensajes") } else { String::new() }
    }

    /// The channels that nobody answers for.
    pub(crate) fn off(&self) -> Vec<&'static str> {
        let channels = [
            ("Apple Wallet", self.apple.is_none()),
            ("Google Wallet", self.google.is_none()),
            ("WhatsApp", self.twilio.is_none()),
            ("Web Push", self.web.is_none()),
        ];
        channels.into_iter().filter_map(|(name, is_off)| is_off.then_some(name)).collect()
    }

    /// The settings of wallet-pass that name them, for a process of its own.
    pub(crate) fn wallets(&self) -> Vec<(String, String)> {
        let path = |path: &Path| path.display().to_string();
        let mut settings = Vec::new();
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        if let Some(apple) = &self.apple {
            set("APPLE__PASS_TYPE", apple.pass_type.clone());
            set("APPLE__TEAM", apple.team.clone());
            set("APPLE__P12", path(&apple.p12));
            set("APPLE__P12_PASSWORD", apple.p12_password.clone());
            set("APPLE__APNS_URL", apple.apns_url.clone());
            let files = [("INTERMEDIATE", &apple.intermediate), ("APNS_AUTHORITY", &apple.apns_authority)];
            for (name, file) in files {
                if let Some(file) = file {
                    set(&format!("APPLE__{name}"), path(file));
                }
            }
        }
        if let Some(google) = &self.google {
            set("GOOGLE__ISSUER_ID", google.issuer_id.clone());
            set("GOOGLE__SERVICE_ACCOUNT", path(&google.service_account));
            set("GOOGLE__API_URL", google.api_url.clone());
            set("GOOGLE__CALLBACK_KEYS_URL", google.callback_keys_url.clone());
            set("GOOGLE__SAVE_URL", google.save_url.clone());
        }
        if let Some(web) = &self.web {
            set("WEB__KEY", web.key.clone());
            set("WEB__SUBJECT", web.subject.clone());
            set("WEB__SERVICES", web.services.clone());
        }
        settings
    }

    /// The settings of messaging that name Twilio, for a process of its own.
    pub(crate) fn whatsapp(&self) -> Vec<(String, String)> {
        let Some(twilio) = &self.twilio else { return Vec::new() };
        let mut settings = vec![
            ("TWILIO__ACCOUNT_SID".to_owned(), twilio.account_sid.clone()),
            ("TWILIO__AUTH_TOKEN".to_owned(), twilio.auth_token.clone()),
            ("TWILIO__BASE_URL".to_owned(), twilio.base_url.clone()),
        ];
        let key = [("TWILIO__API_KEY", &twilio.api_key), ("TWILIO__API_SECRET", &twilio.api_secret)];
        let key = key.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        settings.extend(key);
        settings
    }

    /// Tells the pretend Twilio of us, and us of its number; nothing where none pretends.
    pub(crate) async fn introduce(&self, desk: &Desk<'_>) -> anyhow::Result<()> {
        let Some(Fakes { twilio, .. }) = &self.fakes else { return Ok(()) };
        desk.set_sender(SetSenderRequest {
            phone: SENDER.trim_start_matches("whatsapp:").to_owned(),
            portfolio: PORTFOLIO.to_owned(),
            tier: Some(TIER),
            ..Default::default()
        })
        .await?;
        for template in desk.templates().await? {
            twilio.add_template(fakes::twilio::Template::new(template.content_sid, template.body));
        }
        twilio.inbound_url(format!("{}/webhooks/twilio/inbound", self.public_url));
        Ok(())
    }

    /// The pretend WhatsApp of everybody that is written to, where there is one.
    pub(crate) fn chats(&self, stop: Stop) -> Option<Chats> {
        self.fakes.as_ref().map(|fakes| Chats::new(Arc::clone(&fakes.twilio), stop))
    }

    /// The demonstration's phones, where there is a demonstration and somebody to push to them.
    pub(crate) fn phones(&self, url: &str, demo: Option<&DemoSignIn>) -> anyhow::Result<Option<Phones>> {
        match (&self.fakes, demo) {
            (Some(fakes), Some(demo)) => Phones::new(fakes.clone(), url, demo).map(Some),
            _ => Ok(None),
        }
    }
}

/// A certificate made here, once for a `DATA`: passes that are out stay good.
struct DevelopmentSigner {
    authority_pem: String,
}

impl DevelopmentSigner {
    fn of(folder: &Path) -> anyhow::Result<Self> {
        let authority = folder.join("authority.pem");
        if !authority.is_file() {
            say("Making a certificate for passes (for trying only: real phones refuse it)");
            fs::create_dir_all(folder)?;
            let made = development::make(&pass_type()?, &team()?, Utc::now())
                .context("cannot make a certificate for passes")?;
            fs::write(p12(folder), &made.p12)?;
            fs::write(folder.join("p12-password"), &made.password)?;
            fs::write(folder.join("intermediate.pem"), &made.intermediate_pem)?;
            // Written last: with it, everything is there.
            fs::write(&authority, &made.authority_pem)?;
        }
        Ok(Self { authority_pem: fs::read_to_string(authority)? })
    }

    fn config(&self, folder: &Path, apns: &Apns) -> anyhow::Result<AppleConfig> {
        let apns_authority = folder.join("apns-authority.pem");
        fs::write(&apns_authority, apns.authority_pem())?;
        Ok(AppleConfig {
            pass_type: PASS_TYPE.to_owned(),
            team: TEAM.to_owned(),
            p12: p12(folder),
            p12_password: fs::read_to_string(folder.join("p12-password"))?,
            intermediate: Some(folder.join("intermediate.pem")),
            apns_url: apns.url(),
            apns_authority: Some(apns_authority),
        })
    }
}

fn p12(folder: &Path) -> PathBuf {
    folder.join("development.p12")
}

fn pass_type() -> anyhow::Result<PassTypeId> {
    Ok(PASS_TYPE.parse()?)
}

fn team() -> anyhow::Result<TeamId> {
    Ok(TEAM.parse()?)
}

fn google_config(folder: &Path, google: &Google) -> anyhow::Result<GoogleConfig> {
    let service_account = folder.join("google.json");
    fs::write(&service_account, &google.service_account().json)?;
    Ok(GoogleConfig {
        issuer_id: google.issuer_id().to_owned(),
        service_account,
        api_url: google.url().to_owned(),
        callback_keys_url: google.keys_url(),
        save_url: format!("{}/gp/v/save", google.url()),
    })
}

fn twilio_config(twilio: &Twilio) -> TwilioConfig {
    let account = twilio.account();
    TwilioConfig {
        account_sid: account.sid.clone(),
        auth_token: account.auth_token.clone(),
        api_key: Some(account.api_key.clone()),
        api_secret: Some(account.api_secret.clone()),
        base_url: twilio.url().to_owned(),
    }
}
