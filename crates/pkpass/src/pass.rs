use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::value::serialize_optional_date;
use crate::{
    Barcode, Color, Error, FeaturedAction, Field, Location, PassTypeId, Poster, RelevantDate, SerialNumber,
    StoreCard, TeamId, UpdateError, WebService, barcode,
};

/// Most places of a pass.
const LOCATIONS: usize = 10;
/// Most featured actions of a pass.
const ACTIONS: usize = 2;

/// What one customer's pass says. It keeps every rule of Apple's that can be told without its images: it was checked
/// when it was built.
///
/// The pass type and the team are not in it. They are the signer's and are written when it signs, so they can never
/// differ from the certificate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pass {
    serial_number: SerialNumber,
    organization_name: String,
    description: String,
    #[serde(flatten)]
    web_service: Option<WebService>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background_color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreground_color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_color: Option<Color>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    barcodes: Vec<Barcode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_distance: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_dates: Vec<RelevantDate>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "serialize_optional_date")]
    expiration_date: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "is_false")]
    voided: bool,
    #[serde(skip_serializing_if = "is_false")]
    sharing_prohibited: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    featured_actions: Vec<FeaturedAction>,
    store_card: StoreCard,
    #[serde(skip_serializing_if = "Option::is_none")]
    poster_generic: Option<Poster>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A pass under construction.
#[derive(Clone, Debug)]
#[must_use]
pub struct PassBuilder(Pass);

impl Pass {
    /// Begins a store card: its serial number, the name of the business, a description for those who hear the screen,
    /// and its fields.
    pub fn store_card(
        serial: SerialNumber,
        organization: impl Into<String>,
        description: impl Into<String>,
        fields: StoreCard,
    ) -> PassBuilder {
        PassBuilder(Pass {
            serial_number: serial,
            organization_name: organization.into(),
            description: description.into(),
            web_service: None,
            logo_text: None,
            background_color: None,
            foreground_color: None,
            label_color: None,
            barcodes: Vec::new(),
            locations: Vec::new(),
            max_distance: None,
            relevant_dates: Vec::new(),
            expiration_date: None,
            voided: false,
            sharing_prohibited: false,
            featured_actions: Vec::new(),
            store_card: fields,
            poster_generic: None,
        })
    }

    /// The serial number.
    pub fn serial(&self) -> &SerialNumber {
        &self.serial_number
    }

    /// The `pass.json` of the pass under a pass type and a team: the same bytes for the same pass, for ever.
    pub fn json(&self, pass_type: &PassTypeId, team: &TeamId) -> Result<Vec<u8>, Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'a> {
            format_version: u8,
            pass_type_identifier: &'a PassTypeId,
            team_identifier: &'a TeamId,
            #[serde(flatten)]
            pass: &'a Pass,
        }
        let document = Document {
            format_version: 1,
            pass_type_identifier: pass_type,
            team_identifier: team,
            pass: self,
        };
        serde_json::to_vec(&document).map_err(|error| Error::Packing(error.to_string()))
    }

    /// Whether this pass may take the place of `before` on a phone, and tells at most one thing: the serial number and
    /// the token stay, and at most one field that carries a change message has another value.
    ///
    /// A field that both styles have under one key counts once.
    pub fn check_follows(&self, before: &Pass) -> Result<(), UpdateError> {
        if self.serial_number != before.serial_number {
            return Err(UpdateError::Serial);
        }
        if let (Some(new), Some(old)) = (&self.web_service, &before.web_service)
            && new.token != old.token
        {
            return Err(UpdateError::Token);
        }
        let told = self.messages_since(before);
        if told.len() > 1 { Err(UpdateError::SeveralMessages(told)) } else { Ok(()) }
    }

    /// The keys of the fields whose messages a phone tells when this pass takes the place of `before`.
    pub fn messages_since(&self, before: &Pass) -> Vec<String> {
        let of_poster = |pass: &'_ Pass| pass.poster_generic.clone().unwrap_or_default();
        let (new_poster, old_poster) = (of_poster(self), of_poster(before));
        let changed: BTreeSet<&str> = changed(self.store_card.fields(), before.store_card.fields())
            .chain(changed(new_poster.fields(), old_poster.fields()))
            .collect();
        changed.into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn has_poster(&self) -> bool {
        self.poster_generic.is_some()
    }
}

/// The keys of the fields that carry a change message and had another value before.
fn changed<'a>(
    new: impl Iterator<Item = &'a Field>,
    old: impl Iterator<Item = &'a Field>,
) -> impl Iterator<Item = &'a str> {
    let old: Vec<&Field> = old.collect();
    new.filter(|field| field.tells_changes()).filter_map(move |field| {
        let was = old.iter().find(|was| was.key() == field.key())?;
        (was.value() != field.value()).then_some(field.key())
    })
}

impl PassBuilder {
    /// Where devices register for updates. Without it the pass stays as it is for ever.
    pub fn web_service(mut self, service: WebService) -> Self {
        self.0.web_service = Some(service);
        self
    }

    /// iOS 27's poster, beside the store card that older iPhones go on showing. It needs an image of the kind
    /// [`Artwork`](crate::ImageKind::Artwork).
    pub fn poster(mut self, fields: Poster) -> Self {
        self.0.poster_generic = Some(fields);
        self
    }

    /// The name beside the logo.
    pub fn logo_text(mut self, text: impl Into<String>) -> Self {
        self.0.logo_text = Some(text.into());
        self
    }

    /// The colours of the paper, of the values and of the labels.
    pub fn colors(mut self, background: Color, foreground: Color, label: Color) -> Self {
        self.0.background_color = Some(background);
        self.0.foreground_color = Some(foreground);
        self.0.label_color = Some(label);
        self
    }

    /// Adds a code; an iPhone shows the first that it knows.
    pub fn barcode(mut self, barcode: Barcode) -> Self {
        self.0.barcodes.push(barcode);
        self
    }

    /// Adds a place near which the pass appears; at most 10.
    pub fn location(mut self, location: Location) -> Self {
        self.0.locations.push(location);
        self
    }

    /// How near, in metres. Without it Wallet decides.
    pub fn max_distance(mut self, metres: u32) -> Self {
        self.0.max_distance = Some(metres);
        self
    }

    /// Adds a time at which the pass appears.
    pub fn relevant_date(mut self, date: RelevantDate) -> Self {
        self.0.relevant_dates.push(date);
        self
    }

    /// When the pass is over; Wallet then puts it away.
    pub fn expires(mut self, at: DateTime<Utc>) -> Self {
        self.0.expiration_date = Some(at);
        self
    }

    /// Whether the pass is void: shown faded, without its code.
    pub fn voided(mut self, voided: bool) -> Self {
        self.0.voided = voided;
        self
    }

    /// Hides the button that shares the pass. It hides no more than that: a pass can always be sent on.
    pub fn sharing_prohibited(mut self, prohibited: bool) -> Self {
        self.0.sharing_prohibited = prohibited;
        self
    }

    /// Adds a button of iOS 27; at most 2.
    pub fn featured_action(mut self, action: FeaturedAction) -> Self {
        self.0.featured_actions.push(action);
        self
    }

    /// The pass, or the first rule that it breaks.
    pub fn build(self) -> Result<Pass, Error> {
        let pass = self.0;
        if pass.organization_name.trim().is_empty() {
            return Err(Error::Required("organizationName"));
        }
        if pass.description.trim().is_empty() {
            return Err(Error::Required("description"));
        }
        pass.store_card.check()?;
        if let Some(poster) = &pass.poster_generic {
            poster.check()?;
        }
        barcode::check(&pass.barcodes)?;
        if pass.locations.len() > LOCATIONS {
            return Err(Error::TooManyLocations(pass.locations.len()));
        }
        if pass.featured_actions.len() > ACTIONS {
            return Err(Error::TooManyActions(pass.featured_actions.len()));
        }
        let mut identifiers = BTreeSet::new();
        for action in &pass.featured_actions {
            if action.identifier.is_empty() || !identifiers.insert(&action.identifier) {
                return Err(Error::Action(action.identifier.clone()));
            }
        }
        Ok(pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActionType;

    fn card(stamps: i64, news: &str) -> PassBuilder {
        let fields = StoreCard::new()
            .primary(Field::new("stamps", stamps).change_message("Ahora: %@"))
            .back(Field::new("news", news).change_message("%@"));
        Pass::store_card("card-1".parse().unwrap(), "Café Luna", "Tarjeta de sellos", fields)
    }

    fn token(text: &str) -> WebService {
        WebService::new("https://sello.pe/w", text.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_pass_is_written_as_apple_reads_it() {
        let pass = card(7, "x")
            .web_service(token("0123456789abcdef"))
            .colors(Color::rgb(1, 2, 3), Color::rgb(4, 5, 6), Color::rgb(7, 8, 9))
            .barcode(Barcode::qr("abc").alt_text("abc"))
            .expires("2027-01-01T04:59:59Z".parse().unwrap())
            .build()
            .unwrap();
        let json = pass.json(&"pass.pe.sello".parse().unwrap(), &"A1B2C3D4E5".parse().unwrap()).unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&json).unwrap(),
            serde_json::json!({
                "formatVersion": 1, "passTypeIdentifier": "pass.pe.sello", "teamIdentifier": "A1B2C3D4E5",
                "serialNumber": "card-1", "organizationName": "Café Luna", "description": "Tarjeta de sellos",
                "webServiceURL": "https://sello.pe/w", "authenticationToken": "0123456789abcdef",
                "backgroundColor": "rgb(1, 2, 3)", "foregroundColor": "rgb(4, 5, 6)", "labelColor": "rgb(7, 8, 9)",
                "barcodes": [{"format": "PKBarcodeFormatQR", "message": "abc", "messageEncoding": "iso-8859-1",
                    "altText": "abc"}],
                "expirationDate": "2027-01-01T04:59:59Z",
                "storeCard": {
                    "primaryFields": [{"key": "stamps", "value": 7, "changeMessage": "Ahora: %@"}],
                    "backFields": [{"key": "news", "value": "x", "changeMessage": "%@"}],
                },
            })
        );
    }

    #[test]
    fn an_update_tells_one_thing() {
        let before = card(7, "a").build().unwrap();
        assert_eq!(card(8, "a").build().unwrap().check_follows(&before), Ok(()));
        assert_eq!(
            card(8, "b").build().unwrap().check_follows(&before),
            Err(UpdateError::SeveralMessages(vec!["news".into(), "stamps".into()]))
        );
    }

    #[test]
    fn a_message_that_both_styles_carry_counts_once() {
        let pass = |news: &str| {
            let poster = Poster::new().back(Field::new("news", news).change_message("%@"));
            card(7, news).poster(poster).build().unwrap()
        };
        assert_eq!(pass("b").messages_since(&pass("a")), ["news"]);
    }

    #[test]
    fn an_update_keeps_its_token() {
        let before = card(7, "a").web_service(token("0123456789abcdef")).build().unwrap();
        let after = card(7, "a").web_service(token("0123456789abcdeF")).build().unwrap();
        assert_eq!(after.check_follows(&before), Err(UpdateError::Token));
    }

    #[test]
    fn a_pass_has_at_most_ten_places_and_two_actions() {
        let place = Location::new(0.0, 0.0).unwrap();
        let eleven = (0..11).fold(card(1, "a"), |pass, _| pass.location(place.clone()));
        assert_eq!(eleven.build(), Err(Error::TooManyLocations(11)));
        let action = |id: &str| FeaturedAction::new(id, ActionType::Order, "https://sello.pe").unwrap();
        let three = ["a", "b", "c"].iter().fold(card(1, "a"), |pass, id| pass.featured_action(action(id)));
        assert_eq!(three.build(), Err(Error::TooManyActions(3)));
        let twice = card(1, "a").featured_action(action("a")).featured_action(action("a"));
        assert_eq!(twice.build(), Err(Error::Action("a".into())));
    }

    #[test]
    fn a_pass_is_described() {
        let unnamed = Pass::store_card("1".parse().unwrap(), " ", "Tarjeta", StoreCard::new());
        assert_eq!(unnamed.build(), Err(Error::Required("organizationName")));
        let undescribed = Pass::store_card("1".parse().unwrap(), "Luna", "", StoreCard::new());
        assert_eq!(undescribed.build(), Err(Error::Required("description")));
    }
}
