//! What makes an automation write by itself.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};
use kernel::{Invalid, Locale};

use crate::domain::audience::{Audience, Moment, Range, month_of};
use crate::domain::customer::Profile;

/// Longer away than this is not at risk but gone; a blast may still be written to her.
pub const LONGEST_ABSENCE_DAYS: i32 = 180;
/// A reward is about to end within so many days.
pub const EXPIRING_DAYS: i32 = 3;
/// How long after joining a welcome is still one.
pub const WELCOME_DAYS: i32 = 7;
/// For so many days from the day after, she is asked how it was.
pub const FEEDBACK_DAYS: i32 = 3;
/// The visit after which she is asked.
const FEEDBACK_VISIT: usize = 3;

/// One of the six automations that every business has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// She stays away longer than her own rhythm lets expect. Once an absence.
    AtRisk,
    /// The month of her birthday has begun; the day is nobody's to know. Once a year.
    Birthday,
    /// Her card lacks one stamp. Once a cycle.
    OneStampLeft,
    /// An open reward is about to end. Once a reward.
    RewardExpiring,
    /// She has joined. Once.
    Welcome,
    /// The day after she redeemed a reward or came for the third time. Once.
    Feedback,
}

impl Trigger {
    /// All of them, as pages show them.
    pub const ALL: [Self; 6] = [
        Self::AtRisk,
        Self::Birthday,
        Self::OneStampLeft,
        Self::RewardExpiring,
        Self::Welcome,
        Self::Feedback,
    ];

    /// The word on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtRisk => "at_risk",
            Self::Birthday => "birthday",
            Self::OneStampLeft => "one_stamp_left",
            Self::RewardExpiring => "reward_expiring",
            Self::Welcome => "welcome",
            Self::Feedback => "feedback",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|trigger| trigger.as_str() == word);
        known.ok_or_else(|| Invalid::new("trigger", "unknown"))
    }

    /// What an automation is called until its owner renames it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AtRisk => "Volver a verte",
            Self::Birthday => "Cumpleaños",
            Self::OneStampLeft => "Falta un sello",
            Self::RewardExpiring => "Premio por vencer",
            Self::Welcome => "Bienvenida",
            Self::Feedback => "¿Cómo te fue?",
        }
    }

    /// The template it is written with until its owner chooses another.
    pub fn template(self) -> &'static str {
        match self {
            Self::AtRisk => "win_back",
            Self::Birthday => "birthday",
            Self::OneStampLeft => "one_stamp_left",
            Self::RewardExpiring => "reward_expiring",
            Self::Welcome => "welcome",
            Self::Feedback => "feedback",
        }
    }

    /// What fills that template.
    pub fn variables(self, language: Locale) -> Vec<String> {
        let gift = match language {
            Locale::Es => "una sorpresa en tu próxima visita",
            Locale::En => "a surprise on your next visit",
        };
        let rest: &[&str] = match self {
            Self::AtRisk => &["{stamps_left}", "{reward}"],
            Self::Birthday => &[gift],
            Self::OneStampLeft | Self::RewardExpiring => &["{reward}"],
            Self::Welcome => &["{stamps}", "{stamps_left}"],
            Self::Feedback => &[],
        };
        ["{first_name}", "{business}"].iter().chain(rest).map(|word| (*word).to_owned()).collect()
    }

    /// A condition that holds for everybody it may be due for: what the store looks for before [`Trigger::cause`] judges
    /// each one.
    pub fn candidates(self, when: &Moment, since: DateTime<Utc>) -> Audience {
        let at_least = |days: i32| Some(when.days_ago(days));
        match self {
            Self::AtRisk => Audience::AtRisk,
            Self::Birthday => Audience::BirthdayMonth(None),
            Self::OneStampLeft => Audience::StampsLeft(one()),
            Self::RewardExpiring => Audience::RewardOpen { expires_within_days: EXPIRING_DAYS },
            Self::Welcome => {
                Audience::Joined { from: at_least(WELCOME_DAYS).max(Some(when.zone.day(since))), to: None }
            }
            // The third visit or a reward: only who came lately.
            Self::Feedback => Audience::DaysSinceVisit(Range { min: None, max: Some(FEEDBACK_DAYS + 1) }),
        }
    }

    /// Why it is due for a customer, as a key that never comes again for the same cause; `None` where it is not due.
    /// `since` is when the automation was launched: a welcome is for those who join from then on.
    pub fn cause(self, who: &Profile, when: &Moment, since: DateTime<Utc>) -> Option<String> {
        let today = when.today();
        match self {
            Self::AtRisk => {
                let last = who.last_day()?;
                let absence = (today - last).num_days();
                let is_due = Audience::AtRisk.holds(who, when) && absence <= i64::from(LONGEST_ABSENCE_DAYS);
                is_due.then(|| last.to_string())
            }
            Self::Birthday => (who.birth_month == month_of(today)).then(|| today.year().to_string()),
            Self::OneStampLeft => {
                let near = who.nearest.filter(|near| near.stamps_left == 1)?;
                Some(format!("{}:{}", near.card, near.cycle))
            }
            Self::RewardExpiring => {
                let (reward, _) = who.reward.as_ref()?;
                let ends = *who.reward_ends.first()?;
                let is_due = ends > when.now && ends <= when.in_days(EXPIRING_DAYS);
                is_due.then(|| reward.to_string())
            }
            Self::Welcome => {
                let joined = who.joined_at?;
                let is_due = joined >= since && joined > when.now - Duration::days(i64::from(WELCOME_DAYS));
                is_due.then(|| "joined".to_owned())
            }
            Self::Feedback => {
                let redeemed = who.redeemed_at.map(|at| when.zone.day(at));
                let third = who.days.get(FEEDBACK_VISIT - 1).copied();
                let launched = when.zone.day(since);
                let is_due = [redeemed, third].into_iter().flatten().any(|day| {
                    day >= launched && days_after(day, 1) <= today && today <= days_after(day, FEEDBACK_DAYS)
                });
                is_due.then(|| "asked".to_owned())
            }
        }
    }
}

fn one() -> Range {
    Range { min: Some(1), max: Some(1) }
}

fn days_after(day: NaiveDate, days: i32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use kernel::{CardId, ProgramId, RewardId, Zone};

    use super::*;
    use crate::domain::at_risk::Rhythm;
    use crate::domain::customer::Nearest;

    fn on(day: &str) -> Moment {
        Moment {
            now: format!("{day}T15:00:00Z").parse().unwrap(),
            zone: Zone::LIMA,
            rhythm: Rhythm { mean_gap_days: 7.0, regularity: 2 },
        }
    }

    fn long_ago() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn came(days: &[&str]) -> Profile {
        Profile { days: days.iter().map(|day| day.parse().unwrap()).collect(), ..Profile::default() }
    }

    #[test]
    fn an_absence_has_one_cause_however_long_it_lasts_and_the_next_another() {
        let weekly = came(&["2026-08-03", "2026-08-10", "2026-08-17", "2026-08-24"]);
        let cause = |day: &str| Trigger::AtRisk.cause(&weekly, &on(day), long_ago());
        assert_eq!(cause("2026-08-29"), None);
        assert_eq!(cause("2026-09-30"), Some("2026-08-24".into()));
        assert_eq!(cause("2026-09-30"), cause("2026-10-15"));
        assert_eq!(cause("2027-06-01"), None, "gone, not at risk");
    }

    #[test]
    fn a_birthday_is_its_month_from_the_first_day_once_a_year() {
        let born_in_may = Profile { birth_month: 5, ..Profile::default() };
        let cause = |day: &str| Trigger::Birthday.cause(&born_in_may, &on(day), long_ago());
        assert_eq!((cause("2026-05-01"), cause("2026-05-20")), (Some("2026".into()), Some("2026".into())));
        assert_eq!(cause("2026-06-01"), None);
        assert_eq!(Trigger::Birthday.cause(&Profile::default(), &on("2026-05-01"), long_ago()), None);
    }

    #[test]
    fn one_stamp_left_is_told_once_a_cycle() {
        let with = |cycle, stamps_left| Profile {
            nearest: Some(Nearest {
                card: CardId::generate(),
                program: ProgramId::generate(),
                cycle,
                stamps: 9,
                stamps_left,
            }),
            ..Profile::default()
        };
        let cause = |who: &Profile| Trigger::OneStampLeft.cause(who, &on("2026-05-01"), long_ago());
        assert_eq!(cause(&with(1, 2)), None);
        let (first, second) = (with(1, 1), Profile { nearest: with(2, 1).nearest, ..Profile::default() });
        assert_ne!(cause(&first), cause(&second));
    }

    #[test]
    fn a_reward_is_warned_of_in_its_last_three_days() {
        let reward = RewardId::generate();
        let who = Profile {
            open_rewards: 1,
            reward_ends: vec!["2026-05-10T05:00:00Z".parse().unwrap()],
            reward: Some((reward, "Café".into())),
            ..Profile::default()
        };
        let cause = |day: &str| Trigger::RewardExpiring.cause(&who, &on(day), long_ago());
        assert_eq!(cause("2026-05-06"), None);
        assert_eq!(cause("2026-05-08"), Some(reward.to_string()));
        assert_eq!(cause("2026-05-11"), None);
    }

    #[test]
    fn a_welcome_is_for_those_who_join_after_it_was_launched() {
        let who = Profile { joined_at: Some("2026-05-03T15:00:00Z".parse().unwrap()), ..Profile::default() };
        let launched = |day: &str| format!("{day}T00:00:00Z").parse().unwrap();
        assert!(Trigger::Welcome.cause(&who, &on("2026-05-04"), launched("2026-05-01")).is_some());
        assert!(Trigger::Welcome.cause(&who, &on("2026-05-04"), launched("2026-05-04")).is_none());
        assert!(Trigger::Welcome.cause(&who, &on("2026-05-20"), launched("2026-05-01")).is_none());
    }

    #[test]
    fn she_is_asked_the_day_after_the_third_visit_or_a_reward_and_never_twice() {
        let who = came(&["2026-05-01", "2026-05-04", "2026-05-09"]);
        let cause = |who: &Profile, day: &str| Trigger::Feedback.cause(who, &on(day), long_ago());
        assert_eq!(cause(&who, "2026-05-09"), None);
        assert_eq!(cause(&who, "2026-05-10"), Some("asked".into()));
        assert_eq!(cause(&who, "2026-05-13"), None);
        let rewarded =
            Profile { redeemed_at: Some("2026-07-01T15:00:00Z".parse().unwrap()), ..Profile::default() };
        assert_eq!(cause(&rewarded, "2026-07-02"), Some("asked".into()));
    }

    #[test]
    fn whoever_is_due_is_among_the_candidates() {
        let who = came(&["2026-05-01", "2026-05-04", "2026-05-09"]);
        let when = on("2026-05-12");
        assert!(Trigger::Feedback.cause(&who, &when, long_ago()).is_some());
        assert!(Trigger::Feedback.candidates(&when, long_ago()).holds(&who, &when));
    }
}
