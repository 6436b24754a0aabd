/// Bad input: which field, and what is wrong with it, as a key of the catalogue of texts.
///
/// The field is named as the outside names it (`phone`, `rewards[1].at`), so that a page can point at it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    /// The field, in the words of the API.
    pub field: String,
    /// A short, stable reason: `required`, `too_long`, `not_a_uuid`, …
    pub reason: &'static str,
}

impl Invalid {
    /// Names the field and the reason.
    pub fn new(field: impl Into<String>, reason: &'static str) -> Self {
        Self { field: field.into(), reason }
    }
}
