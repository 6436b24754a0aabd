//! A customer: how she joins, and what is known of her.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, Invalid, Locale, LocationId, OperationId, Phone, ProgramId};

use crate::domain::access::Sight;
use crate::domain::token::Token;
use crate::domain::word::Word;
use crate::domain::{birthday, consent, name};

/// Longest referral code that is looked at: ours are shorter.
const LONGEST_REFERRAL_CODE: usize = 20;

/// How a customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// By the join page.
    Join,
    /// In a list.
    Import,
}

impl Source {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Import => "import",
        }
    }
}

/// What the join page asks, as typed.
#[derive(Clone, Debug, Default)]
pub struct Form<'a> {
    /// Her name.
    pub name: &'a str,
    /// Her phone.
    pub phone: &'a str,
    /// `YYYY-MM-DD` or empty.
    pub birthday: &'a str,
    /// She declares to be old enough for a card.
    pub age_ok: bool,
    /// She declares to be old enough for promotions.
    pub adult_ok: bool,
    /// She agrees to the card.
    pub program: bool,
    /// She wants promotions.
    pub marketing: bool,
    /// The code of who invited her, or empty.
    pub referral_code: &'a str,
}

/// A customer who wants to join, and may.
#[derive(Clone, Debug)]
pub struct Join {
    /// Her name.
    pub name: String,
    /// Her phone.
    pub phone: Phone,
    /// Her birthday, if she gave it.
    pub birthday: Option<NaiveDate>,
    /// She declared to be an adult.
    pub adult: bool,
    /// She wants promotions.
    pub marketing: bool,
    /// The code of who invited her.
    pub referral_code: Option<String>,
}

impl Join {
    /// Reads the form, or says which field is wrong.
    pub fn parse(form: &Form<'_>, today: NaiveDate) -> Result<Self, Invalid> {
        let name = name::parse("name", form.name)?;
        let phone = form.phone.parse()?;
        if !form.age_ok {
            return Err(Invalid::new("age_ok", "required"));
        }
        if !form.program {
            return Err(Invalid::new("consents.program", "required"));
        }
        let birthday = birthday::parse(form.birthday, today)?;
        if form.marketing && !form.adult_ok {
            return Err(Invalid::new("adult_ok", "required"));
        }
        if form.marketing && !birthday::may_be_adult(birthday, today) {
            return Err(Invalid::new("adult_ok", "too_young"));
        }
        let code = form.referral_code.trim().to_ascii_uppercase();
        // A code that cannot be one of ours is as good as none: a friend's typing error is no reason to turn her away.
        let referral_code = (!code.is_empty() && code.len() <= LONGEST_REFERRAL_CODE).then_some(code);
        Ok(Self { name, phone, birthday, adult: form.adult_ok, marketing: form.marketing, referral_code })
    }
}

/// Where and how she joins.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The program she asked for; absent: the oldest active one.
    pub program: Option<ProgramId>,
    /// Her language; absent: the business's.
    pub language: Option<Locale>,
    /// The location whose poster she scanned.
    pub location: Option<LocationId>,
    /// What her phone already holds.
    pub holder_token: Option<Token>,
    /// The client's id of this one form, if it made one.
    pub operation: Option<OperationId>,
}

impl Place {
    /// All that a sign-up asks for, as one text: the same text is the same sign-up.
    pub fn form(&self, join: &Join) -> String {
        serde_json::json!([
            join.name,
            join.phone.as_str(),
            join.birthday,
            join.adult,
            join.marketing,
            join.referral_code,
            self.program,
            self.language,
            self.location,
            self.holder_token.as_ref().map(Token::hash),
        ])
        .to_string()
    }
}

/// What joining led to.
#[derive(Clone, Debug)]
pub enum Joined {
    /// She is a customer now, or proved that she already was.
    Card {
        /// She.
        customer: CustomerId,
        /// The business.
        business: BusinessId,
        /// Her card.
        card: CardId,
        /// What opens it.
        holder_token: Token,
        /// What she shares with friends.
        referral_code: String,
        /// How her marketing consent stands.
        marketing: Option<consent::State>,
        /// She had been a customer before.
        known: bool,
        /// Confirms her number and her marketing consent, where that is pending.
        word: Option<Word>,
    },
    /// The number is somebody's, and nothing proves that it is hers who typed it.
    Known {
        /// Brings a link to the card, if the number sends it.
        word: Word,
    },
}

/// A customer about to be written.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// She.
    pub id: CustomerId,
    /// Her name.
    pub name: String,
    /// Her phone.
    pub phone: Phone,
    /// Her birthday.
    pub birthday: Option<NaiveDate>,
    /// She declared to be an adult.
    pub adult: bool,
    /// Her language.
    pub language: Locale,
    /// How she comes.
    pub source: Source,
    /// By which location's poster.
    pub location: Option<LocationId>,
    /// What she will share with friends.
    pub referral_code: String,
}

/// A person as one business knows her; a tombstone has no name and no phone.
#[derive(Clone, Debug)]
pub struct Customer {
    /// She.
    pub id: CustomerId,
    /// Her name.
    pub name: Option<String>,
    /// Her phone, in E.164.
    pub phone: Option<String>,
    /// Her birthday.
    pub birthday: Option<NaiveDate>,
    /// She declared to be an adult.
    pub adult: bool,
    /// Her language.
    pub language: String,
    /// How her marketing consent stands; absent: she was never asked.
    pub marketing: Option<String>,
    /// How she came.
    pub source: String,
    /// When she came.
    pub created_at: DateTime<Utc>,
    /// When the person was removed from the row.
    pub erased_at: Option<DateTime<Utc>>,
    /// Who she turned out to be.
    pub merged_into: Option<CustomerId>,
    /// What she shares with friends.
    pub referral_code: Option<String>,
}

impl Customer {
    /// What a caller of this sight gets to see of her.
    #[must_use]
    pub fn seen_with(mut self, sight: Sight) -> Self {
        if sight != Sight::Full {
            self.name = self.name.as_deref().map(|name| name::first(name).to_owned());
            self.phone =
                self.phone.and_then(|phone| phone.get(phone.len().saturating_sub(3)..).map(str::to_owned));
            self.birthday = None;
        }
        if sight == Sight::Till {
            self.marketing = None;
            self.referral_code = None;
        }
        self
    }

    /// True while the row is a person's and no tombstone.
    pub fn is_here(&self) -> bool {
        self.phone.is_some()
    }
}

/// What is to change in a customer; absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct CustomerChange {
    /// Her name.
    pub name: Option<String>,
    /// Her phone.
    pub phone: Option<Phone>,
    /// Her birthday; `Some(None)` takes it away.
    pub birthday: Option<Option<NaiveDate>>,
    /// Her language.
    pub language: Option<Locale>,
}

/// Why somebody asks for contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactPurpose {
    /// To show first names.
    Till,
    /// To write about her own card.
    Service,
    /// To send promotions.
    Marketing,
}

impl ContactPurpose {
    /// Reads the word.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "till" => Ok(Self::Till),
            "service" => Ok(Self::Service),
            "marketing" => Ok(Self::Marketing),
            _ => Err(Invalid::new("purpose", "unknown")),
        }
    }

    /// The consent that must live at this moment; a till needs none to call a customer by her first name.
    pub fn consent(self) -> Option<consent::Purpose> {
        match self {
            Self::Till => None,
            Self::Service => Some(consent::Purpose::Program),
            Self::Marketing => Some(consent::Purpose::Marketing),
        }
    }
}

/// Whom to reach, and how.
#[derive(Clone, Debug)]
pub struct Contact {
    /// She.
    pub id: CustomerId,
    /// Her name.
    pub name: String,
    /// Her phone.
    pub phone: String,
    /// Her language.
    pub language: String,
}

/// Who a number belongs to at one business.
#[derive(Clone, Debug)]
pub struct Found {
    /// The business.
    pub business: BusinessId,
    /// She.
    pub customer: CustomerId,
    /// Her name.
    pub name: String,
    /// Her language.
    pub language: String,
    /// How her marketing consent stands; absent: she was never asked.
    pub marketing: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn form() -> Form<'static> {
        Form { name: "Ana", phone: "987654321", age_ok: true, program: true, ..Form::default() }
    }

    fn refused(form: &Form<'_>) -> (String, &'static str) {
        let invalid = Join::parse(form, today()).unwrap_err();
        (invalid.field, invalid.reason)
    }

    #[test]
    fn the_card_needs_no_marketing_consent() {
        assert!(!Join::parse(&form(), today()).unwrap().marketing);
    }

    #[test]
    fn a_form_is_refused_by_its_field() {
        assert_eq!(refused(&Form { name: " ", ..form() }).0, "name");
        assert_eq!(refused(&Form { phone: "12", ..form() }).0, "phone");
        assert_eq!(refused(&Form { age_ok: false, ..form() }), ("age_ok".into(), "required"));
        assert_eq!(refused(&Form { program: false, ..form() }).0, "consents.program");
        assert_eq!(refused(&Form { birthday: "2020-01-01", ..form() }), ("birthday".into(), "too_young"));
    }

    #[test]
    fn a_till_sees_a_first_name_and_three_digits() {
        let customer = Customer {
            id: CustomerId::generate(),
            name: Some("Ana Paz".into()),
            phone: Some("+51987654321".into()),
            birthday: NaiveDate::from_ymd_opt(1990, 5, 2),
            adult: true,
            language: "es".into(),
            marketing: Some("granted".into()),
            source: "join".into(),
            created_at: DateTime::UNIX_EPOCH,
            erased_at: None,
            merged_into: None,
            referral_code: Some("ABC".into()),
        };
        let seen = customer.clone().seen_with(Sight::Till);
        assert_eq!((seen.name.as_deref(), seen.phone.as_deref()), (Some("Ana"), Some("321")));
        assert!(seen.birthday.is_none() && seen.marketing.is_none() && seen.referral_code.is_none());
        assert_eq!(customer.clone().seen_with(Sight::Own).referral_code.as_deref(), Some("ABC"));
        assert_eq!(customer.seen_with(Sight::Full).phone.as_deref(), Some("+51987654321"));
    }

    #[test]
    fn promotions_are_for_adults_by_their_word_and_not_against_their_birthday() {
        let wants = Form { marketing: true, ..form() };
        assert_eq!(refused(&wants), ("adult_ok".into(), "required"));
        let seventeen = Form { adult_ok: true, birthday: "2009-01-01", ..wants.clone() };
        assert_eq!(refused(&seventeen), ("adult_ok".into(), "too_young"));
        assert!(Join::parse(&Form { adult_ok: true, ..wants }, today()).unwrap().marketing);
    }
}
