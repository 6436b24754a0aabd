//! What a phone says when a card changed: one sentence a change, in the language of the phone.

use chrono::{DateTime, Utc};

use crate::domain::text::Text;

/// What happened to a card, as far as its holder is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Stamps were added.
    Stamped,
    /// A stamp was taken back.
    Corrected,
    /// Something may be fetched; its title.
    RewardUnlocked(String),
    /// Something was handed over; its title.
    RewardRedeemed(String),
    /// Something was taken back by the till, and may be fetched again; its title.
    RewardRestored,
    /// Something was not fetched in time.
    RewardExpired,
    /// The program has other rules or another look.
    ProgramChanged,
    /// The shop itself has something to say.
    Said(String),
}

impl News {
    /// Of several things that happened together, the weightiest is told.
    pub fn weight(&self) -> i16 {
        match self {
            Self::ProgramChanged => 0,
            Self::Stamped => 1,
            Self::Corrected => 2,
            Self::RewardRestored => 3,
            Self::RewardExpired => 4,
            Self::RewardRedeemed(_) => 5,
            Self::RewardUnlocked(_) => 6,
            Self::Said(_) => 7,
        }
    }

    /// The word and what belongs to it, as they are kept.
    pub fn kept(&self) -> (&'static str, &str) {
        match self {
            Self::Stamped => ("stamped", ""),
            Self::Corrected => ("corrected", ""),
            Self::RewardUnlocked(title) => ("reward_unlocked", title),
            Self::RewardRedeemed(title) => ("reward_redeemed", title),
            Self::RewardRestored => ("reward_restored", ""),
            Self::RewardExpired => ("reward_expired", ""),
            Self::ProgramChanged => ("program_changed", ""),
            Self::Said(text) => ("said", text),
        }
    }

    /// Reads what was kept; `None` before anything happened.
    pub fn from_kept(word: &str, about: &str) -> Option<Self> {
        let about = || about.to_owned();
        Some(match word {
            "stamped" => Self::Stamped,
            "corrected" => Self::Corrected,
            "reward_unlocked" => Self::RewardUnlocked(about()),
            "reward_redeemed" => Self::RewardRedeemed(about()),
            "reward_restored" => Self::RewardRestored,
            "reward_expired" => Self::RewardExpired,
            "program_changed" => Self::ProgramChanged,
            "said" => Self::Said(about()),
            _ => return None,
        })
    }

    /// The sentence, of a card that has so many stamps of so many.
    pub fn sentence(&self, stamps: i32, required: i32) -> Text {
        match self {
            Self::Stamped => Text::new(
                format!("Ya tienes {stamps} de {required}."),
                format!("You have {stamps} of {required}."),
            ),
            Self::Corrected => Text::new(
                format!("Se corrigió un sello: ahora tienes {stamps} de {required}."),
                format!("A stamp was corrected: you have {stamps} of {required}."),
            ),
            Self::RewardUnlocked(title) => {
                Text::new(format!("Ganaste un premio: {title}."), format!("You earned a reward: {title}."))
            }
            Self::RewardRedeemed(title) => {
                Text::new(format!("Que lo disfrutes: {title}."), format!("Enjoy it: {title}."))
            }
            Self::RewardRestored => {
                Text::new("Tu premio está otra vez en tu tarjeta.", "Your reward is back on your card.")
            }
            Self::RewardExpired => Text::new("Un premio tuyo venció.", "A reward of yours has expired."),
            Self::ProgramChanged => Text::new(
                "Tu tarjeta cambió. Ábrela para ver las novedades.",
                "Your card changed. Open it to see what is new.",
            ),
            Self::Said(text) => Text::of_the_shop(text.as_str()),
        }
    }
}

/// News of a card, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What.
    pub news: News,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

impl Fact {
    /// Of two that are heard of together, the one that is told; the later where they weigh the same.
    pub fn or(self, other: Self) -> Self {
        if (other.news.weight(), other.at) >= (self.news.weight(), self.at) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reward_is_told_rather_than_the_stamp_that_earned_it() {
        let of =
            |news, seconds| Fact { news, at: DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds) };
        let (stamp, reward) = (of(News::Stamped, 9), of(News::RewardUnlocked("Café".into()), 8));
        let another = of(News::RewardUnlocked("Muffin".into()), 7);
        assert_eq!(stamp.clone().or(reward.clone()), reward);
        assert_eq!(reward.clone().or(stamp), reward);
        assert_eq!(another.clone().or(reward.clone()), reward.clone().or(another), "in whatever order");
    }

    #[test]
    fn what_was_kept_reads_as_what_it_was() {
        for news in [
            News::Stamped,
            News::Corrected,
            News::RewardUnlocked("A".into()),
            News::RewardRedeemed("B".into()),
            News::RewardRestored,
            News::RewardExpired,
            News::ProgramChanged,
            News::Said("Hoy dos por uno".into()),
        ] {
            let (word, about) = news.kept();
            assert_eq!(News::from_kept(word, about), Some(news.clone()));
            let Text { es, en } = news.sentence(4, 10);
            assert!(!es.is_empty() && !en.is_empty() && !en.contains('!'));
            assert_eq!(es == en, matches!(news, News::Said(_)), "only the shop's words stay as they are");
        }
        assert_eq!(News::from_kept("", ""), None);
    }
}
