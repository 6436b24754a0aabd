use std::sync::Arc;
use std::time::Duration;

use super::book::{Message, Status};
use super::fate::Fate;
use super::webhook::{Webhook, idempotency_token, pairs};
use super::{API_VERSION, CHANNEL, State, account};
use crate::{DEADLINE, Late, locked, wait_for};

/// What a customer is called where nobody says her name.
const PROFILE_NAME: &str = "Clienta";

/// Somebody with a phone, as tests and pages play her.
pub struct Customer {
    pub(super) state: Arc<State>,
    /// `whatsapp:…`.
    address: String,
    /// Whom she writes to.
    sender: String,
}

/// A message that she has written, and how the platform took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `SM…`.
    pub sid: String,
    /// Where it was told; none where no address for it was set.
    pub url: Option<String>,
    /// What was told.
    pub form: Vec<(String, String)>,
    /// `I-Twilio-Idempotency-Token`.
    pub token: String,
    /// How it was answered; none if it was not.
    pub answer: Option<u16>,
    /// With what: TwiML.
    pub reply: String,
}

impl Customer {
    pub(super) fn new(state: Arc<State>, address: &str, sender: &str) -> Self {
        Self { state, address: on_channel(address), sender: sender.to_owned() }
    }

    /// Her address, `whatsapp:…`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// From now on she writes to this sender.
    pub fn writing_to(mut self, sender: &str) -> Self {
        self.sender = on_channel(sender);
        self
    }

    /// She writes. Returns once the platform has answered, or not.
    pub async fn says(&self, text: &str) -> Written {
        self.write(text, None, &[("MessageType", "text")]).await
    }

    /// She answers one message.
    pub async fn answers(&self, sid: &str, text: &str) -> Written {
        self.write(text, Some(sid), &[("MessageType", "text")]).await
    }

    /// She answers one message, and the platform is not told: the webhook that tells it, for whoever posts it in our place. None
    /// where no address for it was set.
    pub fn answers_untold(&self, sid: &str, text: &str) -> Option<Webhook> {
        let written = self.note(text, Some(sid), &[("MessageType", "text")]);
        let url = written.url.as_deref()?;
        Some(Webhook::new(&self.state.account.auth_token, url, &written.form, &written.token))
    }

    /// She presses a button below a message; its text counts as its payload where the message has no such button.
    pub async fn presses(&self, sid: &str, text: &str) -> Written {
        let payload = {
            let book = locked(&self.state.book);
            let buttons = book.get(sid).map_or(&[][..], |message| &message.buttons);
            let button = buttons.iter().find(|button| button.text == text);
            button.map_or(text, |button| &button.payload).to_owned()
        };
        let button = [("MessageType", "button"), ("ButtonText", text), ("ButtonPayload", &payload)];
        self.write(text, Some(sid), &button).await
    }

    /// She sends a place and no text.
    pub async fn sends_place(&self, latitude: f64, longitude: f64) -> Written {
        let (latitude, longitude) = (latitude.to_string(), longitude.to_string());
        let place = [("MessageType", "location"), ("Latitude", &*latitude), ("Longitude", &*longitude)];
        self.write("", None, &place).await
    }

    /// What becomes of messages to her from now on.
    pub fn fate(&self, fate: Fate) {
        locked(&self.state.fates).of.insert(self.address.clone(), fate);
    }

    /// She blocks us: failed with 63014.
    pub fn blocks(&self) {
        self.fate(Fate::Blocked);
    }

    /// She gives WhatsApp up: undelivered with 63024.
    pub fn leaves_whatsapp(&self) {
        self.fate(Fate::NotOnWhatsApp);
    }

    /// What is between her and us, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        locked(&self.state.book).with(&self.address).cloned().collect()
    }

    /// What was sent to her, whatever became of it.
    pub fn received(&self) -> Vec<Message> {
        locked(&self.state.book).with(&self.address).filter(|message| !message.inbound).cloned().collect()
    }

    /// Waits until so many messages to her have been taken.
    pub async fn until_received(&self, count: usize) -> Result<Vec<Message>, Late> {
        self.until_received_within(count, DEADLINE).await
    }

    /// As [`Customer::until_received`], with a deadline of one's own.
    pub async fn until_received_within(&self, count: usize, within: Duration) -> Result<Vec<Message>, Late> {
        wait_for(self.state.changes(), within, || {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }

    async fn write(&self, text: &str, reply_to: Option<&str>, more: &[(&str, &str)]) -> Written {
        self.state.tell_inbound(self.note(text, reply_to, more)).await
    }

    /// Keeps what she writes; nobody is told yet.
    fn note(&self, text: &str, reply_to: Option<&str>, more: &[(&str, &str)]) -> Written {
        let sid = account::sid("SM");
        let now = self.state.now();
        let replied = reply_to.and_then(|sid| locked(&self.state.book).get(sid).cloned());
        // An answer goes to whoever sent what is answered.
        let to = replied.as_ref().map_or(&self.sender, |message| &message.from).clone();
        let number = self.address.strip_prefix(CHANNEL).unwrap_or_default();
        let mut form = pairs(&[
            ("AccountSid", &self.state.account.sid),
            ("ApiVersion", API_VERSION),
            ("Body", text),
            ("ChannelMetadata", r#"{"type":"whatsapp","data":{}}"#),
            ("From", &self.address),
            ("MessageSid", &sid),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("ProfileName", PROFILE_NAME),
            ("ReferralNumMedia", "0"),
            ("SmsMessageSid", &sid),
            ("SmsSid", &sid),
            ("SmsStatus", "received"),
            ("To", &to),
        ]);
        // Whoever hides her number has no id made of it.
        if let Some(digits) = number.strip_prefix('+') {
            form.extend(pairs(&[("WaId", digits)]));
        }
        if let Some(replied) = &replied {
            let sender = replied.from.strip_prefix(CHANNEL).unwrap_or_default();
            form.extend(pairs(&[
                ("OriginalRepliedMessageSid", &replied.sid),
                ("OriginalRepliedMessageSender", &format!("{CHANNEL}{sender}")),
            ]));
        }
        form.extend(pairs(more));
        locked(&self.state.book).add(Message {
            sid: sid.clone(),
            to,
            from: self.address.clone(),
            service: None,
            body: text.to_owned(),
            template: None,
            variables: Default::default(),
            buttons: Vec::new(),
            status_callback: None,
            inbound: true,
            reply_to: replied.map(|message| message.sid),
            status: Status::Received,
            error_code: None,
            at: now,
            sent_at: Some(now),
            updated_at: now,
        });
        self.state.note_change();
        let url = locked(&self.state.inbound_url).clone();
        Written { sid, url, form, token: idempotency_token(), answer: None, reply: String::new() }
    }
}

impl State {
    /// Tells the platform what somebody wrote, perhaps again.
    pub(super) async fn tell_inbound(&self, mut written: Written) -> Written {
        let Some(url) = &written.url else { return written };
        let answer = self.post.send(&self.account.auth_token, url, &written.form, &written.token).await;
        written.answer = answer.as_ref().map(|answer| answer.status);
        written.reply = answer.as_ref().map(|answer| answer.body.clone()).unwrap_or_default();
        if let Some(answer) = answer.filter(|answer| answer.status == 200) {
            let is_xml = answer.kind.starts_with("text/xml") || answer.kind.starts_with("application/xml");
            if !is_xml || !answer.body.contains("<Response") {
                let said = format!("an inbound webhook was answered with {:?} and no TwiML", answer.kind);
                locked(&self.mistakes).push(said);
            }
        }
        self.note_change();
        written
    }
}

/// The address on WhatsApp of a number, or of one that has it already.
pub(super) fn on_channel(address: &str) -> String {
    if address.starts_with(CHANNEL) { address.to_owned() } else { format!("{CHANNEL}{address}") }
}
