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

/// Whether a filter of the stream means this subject: `*` stands for one word, `>` at the end for all that follow.
pub(crate) fn covers(filter: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for wanted in filter.split('.') {
        match (wanted, words.next()) {
            (_, None) => return false,
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(word)) if wanted == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

/// One filter that means whatever any of these means: the words that they begin with alike, and all that follow.
pub(crate) fn one_for_all(filters: &[String]) -> String {
    let [first, others @ ..] = filters else { return ">".to_owned() };
    let words: Vec<&str> = first.split('.').collect();
    let alike = others
        .iter()
        .map(|other| words.iter().zip(other.split('.')).take_while(|(word, theirs)| *word == theirs).count());
    match alike.min() {
        // Nothing may follow the last word, so it is not told apart by it.
        Some(alike) => [&words[..alike.min(words.len() - 1)], &[">"]].concat().join("."),
        None => first.clone(),
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

    #[test]
    fn a_filter_means_what_its_words_say() {
        for (filter, subject, meant) in [
            ("sello.v1.*.stamping.stamp_added", "sello.v1.a.stamping.stamp_added", true),
            ("sello.v1.*.stamping.stamp_added", "sello.v1.a.stamping.stamp_voided", false),
            ("sello.v1.*.stamping.stamp_added", "sello.v1.a.stamping.stamp_added.twice", false),
            ("sello.v1.*.stamping.stamp_added", "sello.v1.a.stamping", false),
            ("sello.v1.*.stamping.>", "sello.v1.a.stamping.stamp_added", true),
            ("sello.v1.*.stamping.>", "sello.v1.a.stamping", false),
            ("sello.v1.>", "sello.v2.a", false),
        ] {
            assert_eq!(covers(filter, subject), meant, "{filter} {subject}");
        }
    }

    #[test]
    fn one_filter_is_no_wider_than_it_must_be() {
        let one = |filters: &[&str]| {
            one_for_all(&filters.iter().map(|&filter| filter.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(one(&["sello.v1.*.stamping.stamp_added"]), "sello.v1.*.stamping.stamp_added");
        assert_eq!(one(&["sello.v1.*.stamping.a", "sello.v1.*.stamping.b"]), "sello.v1.*.stamping.>");
        assert_eq!(one(&["sello.v1.*.stamping.a", "sello.v1.*.enrollment.b"]), "sello.v1.*.>");
        assert_eq!(one(&["sello.v1.>", "sello.v1.*.enrollment.b"]), "sello.v1.>");
        assert_eq!(one(&["sello.v1.*.stamping.a", "sello.v1.*.stamping.a"]), "sello.v1.*.stamping.>");
    }
}
