use std::fmt;

use kernel::BusinessId;

/// Where an event stands in the stream: `sello.v1.<business>.<service>.<event>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Whose event it is.
    pub business: BusinessId,
    /// The service that tells it.
    pub service: &'a str,
    /// Its name: `stamp_added`.
    pub event: &'a str,
}

impl<'a> Subject<'a> {
    /// Reads a subject; `None` for what is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.strip_prefix("sello.v1.")?.split('.');
        let business = words.next()?.parse().ok()?;
        let mut word = || words.next().filter(|word| !word.is_empty());
        let (service, event) = (word()?, word()?);
        words.next().is_none().then_some(Self { business, service, event })
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sello.v1.{}.{}.{}", self.business, self.service, self.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_as_itself() {
        let subject = Subject { business: BusinessId::generate(), service: "stamping", event: "stamp_added" };
        assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
    }

    #[test]
    fn what_is_no_subject_of_ours_is_none() {
        let business = BusinessId::generate();
        for text in [
            String::new(),
            "sello.v1.42.stamping.stamp_added".into(),
            format!("sello.v2.{business}.stamping.stamp_added"),
            format!("sello.v1.{business}.stamping"),
            format!("sello.v1.{business}.stamping."),
            format!("sello.v1.{business}..stamp_added"),
            format!("sello.v1.{business}.stamping.stamp_added.twice"),
            format!("other.sello.v1.{business}.stamping.stamp_added"),
        ] {
            assert_eq!(Subject::parse(&text), None, "{text}");
        }
    }
}
