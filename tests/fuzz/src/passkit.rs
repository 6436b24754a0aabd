//! What phones ask and tell of passes, and what Google calls back with. The first byte says which.

use gateway::probe;
use kernel::CardId;
use uuid::Uuid;
use wallet_pass::domain::link::Secrets;
use wallet_pass::google::callback::{Keys, verify};

use crate::{now, text};

/// A list of keys as Google publishes it. The one on it is the curve's own point, which is nobody's; what is thrown here signs nothing.
const PUBLISHED: &str = r#"{"keys":[{"keyValue":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==","protocolVersion":"ECv2SigningOnly","keyExpiration":"4102444800000"}]}"#;

/// No link, token or callback is taken that nobody made; the rest is read, whatever it is.
pub(crate) fn read(bytes: &[u8]) -> bool {
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let Some(secrets) = Secrets::from_hex(&"7a".repeat(32)) else { return false };
    let told = text(rest);
    match kind % 6 {
        0 => probe::registration(rest).is_some(),
        1 => probe::complaints(rest).is_some(),
        2 => probe::since(told).is_some(),
        3 => {
            let holder = secrets.read_link(told, now());
            let later = now() + chrono::Duration::days(2);
            assert!(secrets.read_link(told, later).is_none(), "a link for ever: {holder:?}");
            holder.is_some()
        }
        4 => {
            let card = CardId::from(uuid_of(rest));
            let token = secrets.pass_token(card);
            assert_eq!(secrets.is_pass_token(card, told), token == told, "a pass's token");
            token == told
        }
        _ => {
            let Some(keys) = Keys::read(PUBLISHED.as_bytes(), now()) else { return false };
            let said = verify(rest, &keys, "3388000000000000001", now());
            assert!(said.is_err(), "a callback that Google did not sign");
            Keys::read(rest, now()).is_some()
        }
    }
}

fn uuid_of(bytes: &[u8]) -> Uuid {
    let mut id = [0; 16];
    for (at, byte) in bytes.iter().take(16).enumerate() {
        id[at] = *byte;
    }
    Uuid::from_bytes(id)
}
