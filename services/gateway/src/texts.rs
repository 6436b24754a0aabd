//! What the gateway says to people, in Peruvian Spanish and in English: what happened, then what to do.

mod deliveries;
mod fields;
mod refusals;
mod slugs;

use kernel::Locale;

use self::deliveries::{message_reasons, push_reasons};
use self::fields::field_reason;
use self::refusals::{conflict_reason, limit_reason, malformed_reason, reward_state};
use self::slugs::{details, titles};
use crate::error::Slug;

/// One sentence in both languages.
#[derive(Clone, Copy)]
struct Text {
    es: &'static str,
    en: &'static str,
}

impl Text {
    fn in_(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Es => self.es,
            Locale::En => self.en,
        }
    }
}

const fn text(es: &'static str, en: &'static str) -> Text {
    Text { es, en }
}

/// A problem's short name.
pub(crate) fn title(slug: Slug, locale: Locale) -> &'static str {
    titles(slug).in_(locale)
}

/// A problem's sentence: by its reason where there is one to say, by its slug otherwise.
pub(crate) fn detail(slug: Slug, reason: Option<&str>, locale: Locale) -> &'static str {
    reason.and_then(|reason| by_reason(slug, reason)).unwrap_or_else(|| details(slug)).in_(locale)
}

/// Why a message did not go out or did not arrive, in a sentence; `None` where nothing went wrong.
pub(crate) fn message_reason(reason: &str, locale: Locale) -> Option<&'static str> {
    (!reason.is_empty()).then(|| message_reasons(reason).in_(locale))
}

/// Why a phone was not told of a change, in a sentence; `None` where nothing went wrong.
pub(crate) fn push_reason(reason: &str, locale: Locale) -> Option<&'static str> {
    (!reason.is_empty()).then(|| push_reasons(reason).in_(locale))
}

/// What is worth saying more exactly than the slug does.
fn by_reason(slug: Slug, reason: &str) -> Option<Text> {
    match slug {
        Slug::Invalid => field_reason(reason),
        Slug::Malformed => malformed_reason(reason),
        Slug::LimitReached => limit_reason(reason),
        Slug::RewardNotOpen => reward_state(reason),
        Slug::Conflict => conflict_reason(reason),
        Slug::Unauthenticated if reason == "not_paired" => Some(text(
            "Esta caja ya no está vinculada. Vincúlala de nuevo desde el panel.",
            "This till is not paired any more. Pair it again from the panel.",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_has_a_title_and_a_sentence_in_both_languages() {
        for slug in Slug::ALL {
            for text in [titles(*slug), details(*slug)] {
                assert!(!text.es.is_empty() && !text.en.is_empty() && text.es != text.en, "{slug:?}");
            }
            assert!(details(*slug).es.ends_with('.') && details(*slug).en.ends_with('.'), "{slug:?}");
        }
    }

    #[test]
    fn a_known_reason_says_more_than_its_slug() {
        assert_eq!(
            detail(Slug::LimitReached, Some("max_per_day"), Locale::Es),
            "Ya tiene su sello de hoy; puede volver mañana."
        );
        assert_eq!(detail(Slug::LimitReached, Some("brand_new"), Locale::Es), details(Slug::LimitReached).es);
    }

    #[test]
    fn why_a_message_did_not_arrive_is_a_sentence_in_both_languages() {
        assert_eq!(message_reason("", Locale::Es), None);
        let reasons = [
            "no_consent",
            "budget",
            "not_approved",
            "quality",
            "quiet_hours",
            "capped",
            "not_reachable",
            "in_doubt",
            "gone",
            "brand_new",
        ];
        for reason in reasons {
            let (es, en) = (message_reason(reason, Locale::Es), message_reason(reason, Locale::En));
            assert_ne!(es, en, "{reason}");
            assert!(es.unwrap().ends_with('.') && en.unwrap().ends_with('.'), "{reason}");
        }
    }

    #[test]
    fn why_a_phone_was_not_told_is_a_sentence_in_both_languages() {
        assert_eq!(push_reason("", Locale::Es), None);
        for reason in ["unreachable", "timeout", "too_often", "certificate", "missing", "PayloadTooLarge"] {
            let (es, en) = (push_reason(reason, Locale::Es), push_reason(reason, Locale::En));
            assert_ne!(es, en, "{reason}");
            for sentence in [es, en] {
                assert!(sentence.is_some_and(|it| it.ends_with('.') && !it.contains(reason)), "{reason}");
            }
        }
    }

    #[test]
    fn no_sentence_shouts() {
        for slug in Slug::ALL {
            for locale in [Locale::Es, Locale::En] {
                assert!(!detail(*slug, None, locale).contains('!'), "{slug:?}");
            }
        }
    }
}
