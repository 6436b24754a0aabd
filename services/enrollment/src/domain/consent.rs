//! Consents: per purpose, apart, with the version of the text that was read. The ledger only grows.

use kernel::{Invalid, Locale, MemberId, MessageId};

/// What a customer agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To have a card at all.
    Program,
    /// To get promotions.
    Marketing,
}

impl Purpose {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Marketing => "marketing",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "program" => Ok(Self::Program),
            "marketing" => Ok(Self::Marketing),
            _ => Err(Invalid::new("purpose", "unknown")),
        }
    }
}

/// How a consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Given, and proven where it must be.
    Granted,
    /// Said, but not proven yet: nobody acts on it.
    Pending,
    /// Taken back.
    Revoked,
}

impl State {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Pending => "pending",
            Self::Revoked => "revoked",
        }
    }

    /// Reads the stored word; the table allows no other.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "granted" => Some(Self::Granted),
            "pending" => Some(Self::Pending),
            "revoked" => Some(Self::Revoked),
            _ => None,
        }
    }
}

/// How an entry of the ledger came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// She ticked it on the join page.
    Join,
    /// Her business brought her along from a list.
    Import,
    /// A member wrote down her wish.
    Member,
    /// She changed it on her card.
    Holder,
    /// A service proved it: her own WhatsApp message.
    Service,
    /// Two customers turned out to be one.
    Merge,
    /// Her number changed, so what was proven of the old one is not proven of the new.
    PhoneChanged,
}

impl Via {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Import => "import",
            Self::Member => "member",
            Self::Holder => "holder",
            Self::Service => "service",
            Self::Merge => "merge",
            Self::PhoneChanged => "phone_changed",
        }
    }
}

/// A new entry of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// To what.
    pub purpose: Purpose,
    /// How it stands from now on.
    pub state: State,
    /// The language of the text she read.
    pub language: Locale,
    /// How it came.
    pub via: Via,
    /// Who wrote it down, if a member did.
    pub member: Option<MemberId>,
    /// The message in which she said it.
    pub evidence: Option<MessageId>,
}

/// An entry as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// What it says.
    pub entry: Entry,
    /// Its place among the entries of that customer and purpose.
    pub version: i64,
    /// Which version of the text she read: the newest.
    pub text_version: i32,
}

/// Who wants to change a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The phone that holds her card.
    Holder,
    /// An owner or manager.
    Member,
    /// A service that has her proof.
    Service,
}

/// How a marketing consent stands after somebody asks for it to be `granted` or not.
///
/// Taking back works at once, whoever writes it down. Giving is worth something only with a proof, which a service
/// brings; what she says on her card is pending until then; nobody gives it in her stead. And it needs an adult.
pub fn asked(who: Who, granted: bool, adult: bool) -> Result<State, Invalid> {
    match (granted, who) {
        (false, _) => Ok(State::Revoked),
        (true, Who::Member) => Err(Invalid::new("granted", "needs_her_own_proof")),
        (true, _) if !adult => Err(Invalid::new("adult_ok", "required")),
        (true, Who::Holder) => Ok(State::Pending),
        (true, Who::Service) => Ok(State::Granted),
    }
}

/// How a consent of the customer who stays stands after a merge, where that differs from how it stood.
///
/// Her refusal follows the person. A grant does not become stronger: what was proven was the other number.
pub fn after_merge(purpose: Purpose, into: Option<State>, from: Option<State>) -> Option<State> {
    let after = match (into, from) {
        (_, Some(State::Revoked)) => Some(State::Revoked),
        (None, Some(State::Granted)) if purpose == Purpose::Program => Some(State::Granted),
        (Some(State::Pending), Some(State::Granted)) if purpose == Purpose::Program => Some(State::Granted),
        (None, Some(_)) => Some(State::Pending),
        (into, _) => into,
    };
    after.filter(|_| after != into)
}

/// What the placeholders of a text stand for.
pub struct Fillings<'a> {
    /// The business.
    pub business: &'a str,
    /// Its taxpayer number; may be empty.
    pub ruc: &'a str,
    /// Who runs this deployment for it.
    pub processor: &'a str,
    /// Who gets data outside Peru.
    pub recipients: &'a str,
    /// How long data outlive the last visit.
    pub retention_months: u32,
}

/// A text with its placeholders filled. One pass, so that a business called `{ruc}` is shown as such.
pub fn fill(text: &str, with: &Fillings<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 200);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match name {
            "business" => filled.push_str(with.business),
            "controller" if with.ruc.is_empty() => filled.push_str(with.business),
            "controller" => filled.push_str(&format!("{}, RUC {}", with.business, with.ruc)),
            "processor" => filled.push_str(with.processor),
            "recipients" => filled.push_str(with.recipients),
            "retention_months" => filled.push_str(&with.retention_months.to_string()),
            other => filled.push_str(&format!("{{{other}}}")),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_needs_no_proof_and_a_grant_does() {
        for who in [Who::Holder, Who::Member, Who::Service] {
            assert_eq!(asked(who, false, false), Ok(State::Revoked));
        }
        assert_eq!(asked(Who::Holder, true, true), Ok(State::Pending));
        assert_eq!(asked(Who::Service, true, true), Ok(State::Granted));
        assert_eq!(asked(Who::Holder, true, false), Err(Invalid::new("adult_ok", "required")));
        assert!(asked(Who::Member, true, true).is_err());
    }

    #[test]
    fn no_merge_makes_a_marketing_consent_stronger() {
        use State::{Granted, Pending, Revoked};
        let strength = |state| match state {
            None | Some(Revoked) => 0,
            Some(Pending) => 1,
            Some(Granted) => 2,
        };
        for into in [None, Some(Granted), Some(Pending), Some(Revoked)] {
            for from in [None, Some(Granted), Some(Pending), Some(Revoked)] {
                let after = after_merge(Purpose::Marketing, into, from).or(into);
                assert!(after != Some(Granted) || into == Some(Granted));
                if from == Some(Revoked) {
                    assert_eq!(strength(after), 0);
                }
            }
        }
    }

    #[test]
    fn a_text_is_filled_in_one_pass() {
        let with = Fillings {
            business: "{ruc}",
            ruc: "20601234567",
            processor: "P",
            recipients: "R",
            retention_months: 24,
        };
        let text = "{controller}; {processor}, {recipients}, {retention_months}, {other}, {";
        assert_eq!(fill(text, &with), "{ruc}, RUC 20601234567; P, R, 24, {other}, {");
    }
}
