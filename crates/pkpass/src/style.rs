use std::collections::BTreeSet;

use serde::Serialize;

use crate::{AlignedField, Error, Field};

/// The fields of a store card: one large field over the strip image, rows below it, and the back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreCard {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    header_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secondary_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    auxiliary_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    back_fields: Vec<AlignedField>,
}

impl StoreCard {
    /// A card without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field beside the logo, seen even when the pass lies in the pile; at most 3.
    pub fn header(mut self, field: impl Into<AlignedField>) -> Self {
        self.header_fields.push(field.into());
        self
    }

    /// The field that is written over the strip image. There is one; another takes its place.
    pub fn primary(mut self, field: Field) -> Self {
        self.primary_fields = vec![field.into()];
        self
    }

    /// Adds a field to the row below the strip; at most 4 with the auxiliary ones.
    pub fn secondary(mut self, field: impl Into<AlignedField>) -> Self {
        self.secondary_fields.push(field.into());
        self
    }

    /// Adds a field to the row below that; at most 4 with the secondary ones.
    pub fn auxiliary(mut self, field: impl Into<AlignedField>) -> Self {
        self.auxiliary_fields.push(field.into());
        self
    }

    /// Adds a field to the back, as many as you like.
    pub fn back(mut self, field: Field) -> Self {
        self.back_fields.push(field.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let style = "storeCard";
        most(style, "header fields", 3, self.header_fields.len())?;
        let rows = self.secondary_fields.len() + self.auxiliary_fields.len();
        most(style, "secondary and auxiliary fields", 4, rows)?;
        check_fields(style, self.fields())
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let groups = [
            &self.header_fields,
            &self.primary_fields,
            &self.secondary_fields,
            &self.auxiliary_fields,
            &self.back_fields,
        ];
        groups.into_iter().flatten().map(|aligned| &aligned.field)
    }
}

/// The fields of iOS 27's poster (`posterGeneric`): a full-bleed artwork with little on it, and the back.
///
/// Older iPhones do not know it and show the store card; a pass with a poster alone would not install on them. Keys are
/// unique within each of the two styles and may be the same across them: give the field that carries the change message
/// the same key in both.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Poster {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    header_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    footer_fields: Vec<AlignedField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    back_fields: Vec<AlignedField>,
}

impl Poster {
    /// A poster without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field beside the logo. There is one; another takes its place.
    pub fn header(mut self, field: impl Into<AlignedField>) -> Self {
        self.header_fields = vec![field.into()];
        self
    }

    /// Adds a field over the artwork; at most 4.
    pub fn primary(mut self, field: Field) -> Self {
        self.primary_fields.push(field.into());
        self
    }

    /// The field at the foot. There is one; another takes its place.
    pub fn footer(mut self, field: impl Into<AlignedField>) -> Self {
        self.footer_fields = vec![field.into()];
        self
    }

    /// Adds a field to the back, as many as you like.
    pub fn back(mut self, field: Field) -> Self {
        self.back_fields.push(field.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        most("posterGeneric", "primary fields", 4, self.primary_fields.len())?;
        check_fields("posterGeneric", self.fields())
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let groups = [&self.header_fields, &self.primary_fields, &self.footer_fields, &self.back_fields];
        groups.into_iter().flatten().map(|aligned| &aligned.field)
    }
}

fn most(style: &'static str, group: &'static str, most: usize, given: usize) -> Result<(), Error> {
    if given > most { Err(Error::TooManyFields { style, group, most, given }) } else { Ok(()) }
}

fn check_fields<'a>(style: &'static str, fields: impl Iterator<Item = &'a Field>) -> Result<(), Error> {
    let mut keys = BTreeSet::new();
    for field in fields {
        field.check()?;
        if field.key().is_empty() || !keys.insert(field.key()) {
            return Err(Error::Key { style, key: field.key().into() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What Wallet would drop without a word is refused, and all else is taken.
        #[test]
        fn a_store_card_holds_what_wallet_shows(header in 0..6usize, secondary in 0..6usize, auxiliary in 0..6usize) {
            let mut card = StoreCard::new().primary(Field::new("p", 1));
            for n in 0..header {
                card = card.header(Field::new(format!("h{n}"), 1));
            }
            for n in 0..secondary {
                card = card.secondary(Field::new(format!("s{n}"), 1));
            }
            for n in 0..auxiliary {
                card = card.auxiliary(Field::new(format!("a{n}"), 1));
            }
            prop_assert_eq!(card.check().is_ok(), header <= 3 && secondary + auxiliary <= 4);
        }

        /// Keys are unique within a style, whatever groups their fields are in.
        #[test]
        fn keys_are_unique(keys in proptest::collection::vec("[a-c]{0,1}", 1..5)) {
            let mut card = StoreCard::new();
            for key in &keys {
                card = card.back(Field::new(key.clone(), "x"));
            }
            let unique: BTreeSet<_> = keys.iter().collect();
            let legal = unique.len() == keys.len() && keys.iter().all(|key| !key.is_empty());
            prop_assert_eq!(card.check().is_ok(), legal);
        }
    }

    #[test]
    fn a_poster_has_four_primary_fields() {
        let mut poster = Poster::new();
        for n in 0..4 {
            poster = poster.primary(Field::new(format!("p{n}"), n));
        }
        assert_eq!(poster.check(), Ok(()));
        let full = poster.primary(Field::new("p4", 4));
        assert!(matches!(full.check(), Err(Error::TooManyFields { most: 4, given: 5, .. })));
    }
}
