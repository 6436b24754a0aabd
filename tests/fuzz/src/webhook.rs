//! What Twilio tells: a signature, and a form after the first line break.

use messaging::domain::address::Address;
use messaging::domain::meaning::Meaning;
use messaging::domain::signature::SigningKey;
use messaging::domain::status::Status;

use crate::text;

/// Where it is told.
pub(crate) const ADDRESS: &str = "https://sello.example/webhooks/twilio/inbound";
/// What it is signed with.
pub(crate) const TOKEN: &str = "12345";

/// What is taken as signed is signed by the key over these very parameters; and what the parameters say is read, whatever it is.
pub(crate) fn read(bytes: &[u8]) -> bool {
    let cut = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (signature, body) = (text(&bytes[..cut]), bytes.get(cut + 1..).unwrap_or_default());
    let form = gateway::probe::form(body);
    let key = SigningKey::new(TOKEN);
    assert!(key.verify(ADDRESS, &form, &key.sign(ADDRESS, &form)), "a signed form was refused");
    let is_signed = key.verify(ADDRESS, &form, signature);
    if is_signed {
        let mut more = form.clone();
        more.push(("Body".to_owned(), "\u{1}not said".to_owned()));
        assert!(!key.verify(ADDRESS, &more, signature), "a form with more in it was taken");
    }
    assert!(
        !SigningKey::new("54321").verify(ADDRESS, &form, &key.sign(ADDRESS, &form)),
        "another's form was taken"
    );
    for (name, value) in &form {
        match name.as_str() {
            "From" | "To" => {
                if let Some(address) = Address::from_provider(value) {
                    let again = Address::from_provider(&address.for_provider());
                    assert_eq!(again.as_ref().map(Address::as_str), Some(address.as_str()));
                    let _ = (address.phone(), address.end());
                }
            }
            "MessageStatus" | "SmsStatus" => {
                let _ = Status::from_provider(value);
            }
            _ => {
                let _ = Meaning::of(value).as_str();
            }
        }
    }
    is_signed
}
