//! What the provider calls, checked and read: how a message stands, and what a customer wrote.

use kernel::{Denied, Invalid};
use uuid::Uuid;

use super::App;
use super::statuses::Told;
use crate::domain::address::Address;
use crate::domain::meaning::Meaning;
use crate::domain::outcome::Reason;
use crate::domain::status::Status;
use crate::domain::{id, twiml};
use crate::store::inbound::NewInbound;
use crate::{Error, store};

/// Longest text that is kept of a customer's message; WhatsApp allows 4,096.
const LONGEST_TEXT: usize = 4_096;
/// Longest of the provider's ids that is kept.
const LONGEST_SID: usize = 64;

/// Pictures and the like that one message has at most.
const MOST_MEDIA: usize = 10;

/// A signed form.
pub(crate) struct Form {
    /// As it came.
    pub(crate) path_and_query: String,
    pub(crate) signature: String,
    /// In their order, doubles too.
    pub(crate) parameters: Vec<(String, String)>,
}

/// What a customer wrote.
pub(crate) struct InboundCall {
    pub(crate) form: Form,
    pub(crate) token: String,
}

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path_and_query.split_once('?')?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl App {
    /// Lets through what the provider has signed, and nothing else.
    fn signed(&self, form: &Form) -> Result<(), Error> {
        let signing = self.signing.as_ref().ok_or(Error::Off)?;
        let url = format!("{}{}", self.public_url, form.path_and_query);
        let is_theirs =
            form.path_and_query.starts_with('/') && signing.verify(&url, &form.parameters, &form.signature);
        if is_theirs {
            return Ok(());
        }
        metrics::counter!("webhooks_refused_total").increment(1);
        Err(Denied::Forbidden.into())
    }

    /// Takes news of a message.
    pub(crate) async fn take_status(&self, form: &Form) -> Result<(), Error> {
        self.signed(form)?;
        let field = |name: &'static str| {
            form.query(name)
                .and_then(|text| text.parse::<Uuid>().ok())
                .ok_or_else(|| Invalid::new(name, "not_a_uuid"))
        };
        let (message, attempt) = (field("m")?, field("a")?);
        let sid =
            form.get("MessageSid").or_else(|| form.get("SmsSid")).filter(|sid| sid.len() <= LONGEST_SID);
        let sid = sid.ok_or_else(|| Invalid::new("MessageSid", "required"))?;
        let word = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
        let word = word.ok_or_else(|| Invalid::new("MessageStatus", "required"))?;
        let Some(status) = Status::from_provider(word) else {
            // A word of a later release of theirs: they need not be told that it is new to us.
            tracing::warn!("a status callback with a status that nobody has taught us");
            return Ok(());
        };
        let code = form.get("ErrorCode").and_then(|code| code.parse().ok());
        let told = Told { message: message.into(), attempt, sid: sid.to_owned(), status, code };
        self.bring_status(told).await
    }

    /// Keeps what a customer wrote. Stopping takes effect in the same transaction; the rest is done by whoever is woken.
    pub(crate) async fn take_inbound(&self, call: &InboundCall) -> Result<&'static str, Error> {
        let form = &call.form;
        self.signed(form)?;
        let required = |name: &'static str| form.get(name).ok_or_else(|| Invalid::new(name, "required"));
        let sid = required("MessageSid")?;
        if sid.len() > LONGEST_SID {
            return Err(Invalid::new("MessageSid", "too_long").into());
        }
        let address = Address::from_provider(required("From")?)
            .ok_or_else(|| Invalid::new("From", "not_an_address"))?;
        let to =
            Address::from_provider(required("To")?).ok_or_else(|| Invalid::new("To", "not_an_address"))?;
        let Some(sender) = store::sender::by_phone(&self.pool, to.as_str()).await? else {
            tracing::warn!("a message to a sender that is not ours");
            return Ok(twiml::NOTHING);
        };
        let pressed = form.get("ButtonPayload").or_else(|| form.get("ButtonText"));
        let written = form.get("Body").or(pressed).unwrap_or_default();
        let media = form.get("NumMedia").and_then(|count| count.parse().ok()).unwrap_or(0_usize);
        let kinds = (0..media.min(MOST_MEDIA)).map(|at| {
            let kind = form.get(&format!("MediaContentType{at}")).unwrap_or_default();
            kind.split_once('/').map_or(kind, |(kind, _)| kind)
        });
        let text = with_media(written, kinds);
        // Nothing that does not print, and no zero byte, which the database refuses.
        let text: String = text
            .chars()
            .filter(|letter| !letter.is_control() || *letter == '\n')
            .take(LONGEST_TEXT)
            .collect();
        let meaning =
            Meaning::of(pressed.filter(|pressed| Meaning::of(pressed) != Meaning::Other).unwrap_or(&text));
        let now = self.clock.now();
        let hash = self.addresses.hash(&address);
        let new = NewInbound {
            inbound: id::new(now).0,
            sender,
            sid,
            token: Some(call.token.as_str()).filter(|token| !token.is_empty() && token.len() <= 200),
            replied_sid: form.get("OriginalRepliedMessageSid").filter(|sid| sid.len() <= LONGEST_SID),
            address: address.as_str(),
            address_hash: &hash,
            text: &text,
            meaning: meaning.as_str(),
        };
        let mut tx = self.pool.begin().await?;
        if store::inbound::put(&mut tx, &new, now).await? && meaning == Meaning::Stop {
            store::opt_out::put(&mut tx, (new.inbound, sender), &hash, now).await?;
            let waiting = store::queue::marketing_of_address(&mut tx, sender, &hash).await?;
            // Its facts go with the sweeper: a doubled webhook must not wait for them.
            drop(self.end(&mut tx, &waiting, (Status::Canceled, Reason::OptedOut), now).await?);
        }
        tx.commit().await?;
        self.wrote.notify_one();
        Ok(twiml::NOTHING)
    }
}

/// What she wrote, and in brackets what she sent with it: a picture is not shown here, but nobody takes it for nothing.
fn with_media<'a>(written: &str, kinds: impl Iterator<Item = &'a str>) -> String {
    let named = kinds.map(|kind| match kind {
        "image" => "[foto]",
        "audio" => "[audio]",
        "video" => "[video]",
        _ => "[archivo]",
    });
    let words = std::iter::once(written).filter(|text| !text.is_empty()).chain(named);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::with_media;

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(with_media("", ["image"].into_iter()), "[foto]");
        assert_eq!(
            with_media("Miren", ["image", "audio", "application"].into_iter()),
            "Miren [foto] [audio] [archivo]"
        );
        assert_eq!(with_media("BAJA", std::iter::empty()), "BAJA");
    }
}
