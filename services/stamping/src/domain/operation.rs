use aws_lc_rs::digest;
use kernel::LocationId;
use uuid::Uuid;

/// What an entry of the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A visit.
    Earn,
    /// A present of the house.
    Bonus,
    /// The reverse of another entry.
    Void,
    /// Carried over from paper.
    Import,
}

impl Kind {
    /// The word in the ledger and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Bonus => "bonus",
            Self::Void => "void",
            Self::Import => "import",
        }
    }
}

/// What a command resolved to. The same operation id with the same fingerprint is a retry; with another it is a
/// mistake of the client, and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Of stamps: by whichever way the card was named, the same card is the same command.
    pub fn of_stamps(
        card: Uuid,
        kind: Kind,
        count: i32,
        amount_cents: Option<i64>,
        location: Option<LocationId>,
    ) -> Self {
        let mut text = Vec::with_capacity(64);
        text.extend_from_slice(kind.as_str().as_bytes());
        text.extend_from_slice(card.as_bytes());
        text.extend_from_slice(&count.to_be_bytes());
        text.extend_from_slice(&amount_cents.unwrap_or(-1).to_be_bytes());
        text.extend_from_slice(location.map_or(Uuid::nil(), LocationId::as_uuid).as_bytes());
        Self::of(&text)
    }

    /// Of a command on one thing: voiding an entry, redeeming or restoring a reward.
    pub fn of_command(command: &str, thing: Uuid) -> Self {
        Self::of(&[command.as_bytes(), thing.as_bytes()].concat())
    }

    fn of(text: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&digest::digest(&digest::SHA256, text).as_ref()[..16]);
        Self(short)
    }

    /// As it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
