//! What a phone says when a card changed: one sentence a change, in the language of the card.

use kernel::Locale;

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
    /// Of several things that happened together, the one that is told.
    fn weight(&self) -> u8 {
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

    /// The weightier of two; the later one where they weigh the same.
    pub fn or(self, later: Self) -> Self {
        if later.weight() >= self.weight() { later } else { self }
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
    pub fn sentence(&self, stamps: i32, required: i32, language: Locale) -> String {
        match language {
            Locale::Es => self.spanish(stamps, required),
            Locale::En => self.english(stamps, required),
        }
    }

    fn spanish(&self, stamps: i32, required: i32) -> String {
        match self {
            Self::Stamped => format!("Ya tienes {stamps} de {required}."),
            Self::Corrected => format!("Se corrigió un sello: ahora tienes {stamps} de {required}."),
            Self::RewardUnlocked(title) => format!("Ganaste un premio: {title}."),
            Self::RewardRedeemed(title) => format!("Que lo disfrutes: {title}."),
            Self::RewardRestored => "Tu premio está otra vez en tu tarjeta.".into(),
            Self::RewardExpired => "Un premio tuyo venció.".into(),
            Self::ProgramChanged => "Tu tarjeta cambió. Ábrela para ver las novedades.".into(),
            Self::Said(text) => text.clone(),
        }
    }

    fn english(&self, stamps: i32, required: i32) -> String {
        match self {
            Self::Stamped => format!("You have {stamps} of {required}."),
            Self::Corrected => format!("A stamp was corrected: you have {stamps} of {required}."),
            Self::RewardUnlocked(title) => format!("You earned a reward: {title}."),
            Self::RewardRedeemed(title) => format!("Enjoy it: {title}."),
            Self::RewardRestored => "Your reward is back on your card.".into(),
            Self::RewardExpired => "A reward of yours has expired.".into(),
            Self::ProgramChanged => "Your card changed. Open it to see what is new.".into(),
            Self::Said(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reward_is_told_rather_than_the_stamp_that_earned_it() {
        let (stamp, reward) = (News::Stamped, News::RewardUnlocked("Café".into()));
        assert_eq!(stamp.clone().or(reward.clone()), reward);
        assert_eq!(reward.clone().or(stamp), reward);
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
            assert!(
                !news.sentence(4, 10, Locale::Es).is_empty()
                    && !news.sentence(4, 10, Locale::En).contains('!')
            );
        }
        assert_eq!(News::from_kept("", ""), None);
    }
}
