use chrono::{DateTime, Duration, NaiveDate, Utc};
use kernel::{Cents, Role, Zone};

use super::{Card, Rules};

/// How long a stamper may take back her own stamp.
const UNDO: Duration = Duration::seconds(60);

/// Which limit was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// More stamps than one visit may give.
    MaxPerVisit,
    /// Too soon after the last visit.
    MinMinutesBetween,
    /// Today's stamps are given.
    MaxPerDay,
    /// A stamper's stamps by search are used up for today.
    SearchCap,
}

impl LimitKind {
    /// The reason as the API tells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MaxPerVisit => "max_per_visit",
            Self::MinMinutesBetween => "min_minutes_between",
            Self::MaxPerDay => "max_per_day",
            Self::SearchCap => "search_cap",
        }
    }
}

/// A limit that was hit, and when it will be over, if time alone heals it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which one.
    pub kind: LimitKind,
    /// When a stamp will be taken again.
    pub until: Option<DateTime<Utc>>,
}

/// What is to be given.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Stamps.
    pub count: i32,
    /// Those that the same scan has given before: then it is still the same visit.
    pub given: i32,
    /// When.
    pub at: DateTime<Utc>,
}

/// Whether a visit may give its stamps.
pub fn check_limits(card: &Card, rules: &Rules, visit: &Visit, zone: Zone) -> Result<(), Limit> {
    let Visit { count, given, at: now } = *visit;
    // What was paid for is earned, however much it is; the visit's limit is for stamps given by hand.
    if rules.cents_per_stamp.is_none() && given + count > rules.max_per_visit {
        return Err(Limit { kind: LimitKind::MaxPerVisit, until: None });
    }
    if let Some(last) = card.last_earn_at.filter(|_| given == 0) {
        let pause = Duration::minutes(rules.min_minutes_between.into());
        let until = last + pause;
        // Without a pause nothing is too soon, not even what another replica's clock has put a moment ahead of ours.
        if !pause.is_zero() && now < until {
            return Err(Limit { kind: LimitKind::MinMinutesBetween, until: Some(until) });
        }
    }
    let today = zone.day(now);
    let of_today = if card.earn_day == Some(today) { card.earn_day_stamps } else { 0 };
    if rules.max_per_day > 0 && of_today + count > rules.max_per_day {
        // A visit that asks for more than a whole day's share will not fit tomorrow either.
        let until = (count <= rules.max_per_day).then(|| zone.start_of(next_day(today)));
        return Err(Limit { kind: LimitKind::MaxPerDay, until });
    }
    Ok(())
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// Stamps that an amount earns together with what was carried, and what is carried on.
pub fn earned_by_amount(amount: Cents, carried_cents: i64, per_stamp: Cents) -> (i32, i64) {
    let sum = amount.get() + carried_cents;
    let earned = sum / per_stamp.get();
    (i32::try_from(earned).unwrap_or(i32::MAX), sum % per_stamp.get())
}

/// Whether an entry may be taken back: a stamper her own within a minute, a manager any.
pub fn may_undo(role: Role, is_own: bool, recorded_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    role >= Role::Manager || (is_own && now <= recorded_at + UNDO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::card::tests::{card, program};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn visit(count: i32, at: DateTime<Utc>) -> Visit {
        Visit { count, given: 0, at }
    }

    #[test]
    fn a_scan_gives_no_more_than_a_visits_stamps_in_however_many_requests() {
        let mut card = card(&program(1, 10, &[10]));
        let rules = Rules { max_per_visit: 2, min_minutes_between: 30, ..Rules::default() };
        let (scan, now) = (Some(kernel::ScanId::generate()), at("2026-11-23T15:00:00Z"));
        for given in 0..2 {
            assert_eq!(card.given_by(scan), given);
            assert!(check_limits(&card, &rules, &Visit { count: 1, given, at: now }, Zone::LIMA).is_ok());
            card.note_visit(1, scan, now, Zone::LIMA.day(now));
        }
        let third = Visit { count: 1, given: card.given_by(scan), at: now };
        let limit = check_limits(&card, &rules, &third, Zone::LIMA).unwrap_err();
        assert_eq!(limit.kind, LimitKind::MaxPerVisit);
        // Another scan is another visit, and the pause is not over.
        assert_eq!(card.given_by(Some(kernel::ScanId::generate())), 0);
        let limit = check_limits(&card, &rules, &visit(1, now), Zone::LIMA).unwrap_err();
        assert_eq!(limit.kind, LimitKind::MinMinutesBetween);
    }

    #[test]
    fn without_a_pause_a_clock_that_is_behind_refuses_nothing() {
        let mut card = card(&program(1, 10, &[10]));
        let ahead = at("2026-11-23T15:00:00.020Z");
        card.note_visit(1, None, ahead, Zone::LIMA.day(ahead));
        let behind = visit(1, at("2026-11-23T15:00:00Z"));
        assert!(check_limits(&card, &Rules::default(), &behind, Zone::LIMA).is_ok());
        let rules = Rules { min_minutes_between: 1, ..Rules::default() };
        assert!(check_limits(&card, &rules, &behind, Zone::LIMA).is_err());
    }

    #[test]
    fn two_visits_need_their_pause() {
        let mut card = card(&program(1, 10, &[10]));
        let rules = Rules { min_minutes_between: 30, ..Rules::default() };
        card.note_visit(1, None, at("2026-11-23T15:00:00Z"), Zone::LIMA.day(at("2026-11-23T15:00:00Z")));
        let limit =
            check_limits(&card, &rules, &visit(1, at("2026-11-23T15:29:59Z")), Zone::LIMA).unwrap_err();
        assert_eq!(limit.until, Some(at("2026-11-23T15:30:00Z")));
        assert!(check_limits(&card, &rules, &visit(1, at("2026-11-23T15:30:00Z")), Zone::LIMA).is_ok());
    }

    #[test]
    fn a_days_share_comes_back_at_midnight_in_lima() {
        let mut card = card(&program(1, 10, &[10]));
        let rules = Rules { max_per_day: 1, ..Rules::default() };
        card.note_visit(1, None, at("2026-11-23T15:00:00Z"), Zone::LIMA.day(at("2026-11-23T15:00:00Z")));
        let limit =
            check_limits(&card, &rules, &visit(1, at("2026-11-24T04:59:59Z")), Zone::LIMA).unwrap_err();
        assert_eq!(limit.until, Some(at("2026-11-24T05:00:00Z")));
        assert!(check_limits(&card, &rules, &visit(1, at("2026-11-24T05:00:00Z")), Zone::LIMA).is_ok());
    }

    #[test]
    fn a_large_purchase_earns_all_its_stamps_and_a_hand_gives_no_more_than_a_visits() {
        let card = card(&program(1, 10, &[10]));
        let by_hand = Rules { max_per_visit: 2, ..Rules::default() };
        let by_soles = Rules { cents_per_stamp: Cents::new(2_000), ..by_hand.clone() };
        let now = at("2026-11-23T15:00:00Z");
        assert_eq!(
            check_limits(&card, &by_hand, &visit(3, now), Zone::LIMA).unwrap_err().kind,
            LimitKind::MaxPerVisit
        );
        assert!(check_limits(&card, &by_soles, &visit(3, now), Zone::LIMA).is_ok());
    }

    #[test]
    fn a_stamper_undoes_her_own_stamp_for_a_minute() {
        let then = at("2026-11-23T15:00:00Z");
        assert!(may_undo(Role::Stamper, true, then, then + Duration::seconds(60)));
        assert!(!may_undo(Role::Stamper, true, then, then + Duration::seconds(61)));
        assert!(!may_undo(Role::Stamper, false, then, then));
        assert!(may_undo(Role::Manager, false, then, then + Duration::days(30)));
    }

    proptest! {
        /// No céntimo is lost: what was paid is what earned stamps plus what is carried.
        #[test]
        fn amounts_add_up(amounts in prop::collection::vec(0..=Cents::MAX, 1..20), per_stamp in 1..100_000_i64) {
            let per = Cents::new(per_stamp).unwrap();
            let (mut stamps, mut carried) = (0_i64, 0);
            for amount in &amounts {
                let (earned, rest) = earned_by_amount(Cents::new(*amount).unwrap(), carried, per);
                stamps += i64::from(earned);
                carried = rest;
            }
            prop_assert_eq!(amounts.iter().sum::<i64>(), stamps * per_stamp + carried);
            prop_assert!(carried < per_stamp);
        }
    }
}
