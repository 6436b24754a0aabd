//! A believable shop: who comes, when, and what the till does about it. Chance with a fixed seed, and no I/O.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use kernel::Zone;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// Days that the demonstration has behind it.
pub(crate) const DAYS: i64 = 60;
/// Customers who join over those days.
const CUSTOMERS: usize = 150;

const FIRST_NAMES: [&str; 40] = [
    "Rosa", "María", "Lucía", "Carmen", "Ana", "Julia", "Elena", "Milagros", "Flor", "Yesenia", "Karina",
    "Paola", "Diana", "Sofía", "Valeria", "Gabriela", "Fiorella", "Ximena", "Nelly", "Teresa", "José",
    "Luis", "Carlos", "Jorge", "Miguel", "Juan", "César", "Víctor", "Raúl", "Édgar", "Walter", "Percy",
    "Renzo", "Bruno", "Álvaro", "Diego", "Mateo", "Joaquín", "Hugo", "Iván",
];
const LAST_NAMES: [&str; 24] = [
    "Quispe",
    "Flores",
    "Sánchez",
    "García",
    "Rojas",
    "Mamani",
    "Díaz",
    "Torres",
    "Huamán",
    "Vásquez",
    "Ramos",
    "Chávez",
    "Condori",
    "Castillo",
    "Espinoza",
    "Mendoza",
    "Salazar",
    "Cárdenas",
    "Paredes",
    "Ñahui",
    "Zegarra",
    "Tello",
    "Luna",
    "Ponce",
];

/// One customer of the shop.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// First and last name.
    pub(crate) name: String,
    /// As she types it.
    pub(crate) phone: String,
    /// Whether she ticks the box for news.
    pub(crate) marketing: bool,
    /// When she joins.
    pub(crate) joins_at: DateTime<Utc>,
    /// Her visits after that, in order; the first is at the moment she joins.
    pub(crate) visits: Vec<DateTime<Utc>>,
    /// Whether she takes her rewards when they are open, or forgets.
    pub(crate) redeems: bool,
}

/// The customers of sixty days before `now`, in the order they join.
pub(crate) fn people(now: DateTime<Utc>, zone: Zone) -> Vec<Person> {
    let mut chance = StdRng::seed_from_u64(0x5e11_0001);
    let today = zone.day(now);
    let mut people: Vec<Person> = (0..CUSTOMERS).map(|n| person(&mut chance, n, today, now, zone)).collect();
    people.sort_by_key(|person| person.joins_at);
    people
}

fn person(chance: &mut StdRng, number: usize, today: NaiveDate, now: DateTime<Utc>, zone: Zone) -> Person {
    let first = FIRST_NAMES.choose(chance).copied().unwrap_or("Rosa");
    let last = LAST_NAMES.choose(chance).copied().unwrap_or("Quispe");
    // Most join in the first weeks, when the poster is new; the rest trickle in.
    let skew = chance.random::<f64>().powf(1.7);
    let joins_on = DAYS - (skew * (DAYS - 1) as f64) as i64;
    // Her own rhythm, in days: a few come almost daily, most weekly, some hardly ever.
    let rhythm = match chance.random_range(0..10) {
        0 | 1 => chance.random_range(1.2..3.0),
        2..=6 => chance.random_range(4.0..9.0),
        _ => chance.random_range(10.0..25.0),
    };
    // One in five stops coming at some point: the ones to win back.
    let stays_for = if chance.random_bool(0.2) { chance.random_range(10..30) } else { DAYS };
    let mut visits: Vec<DateTime<Utc>> = Vec::new();
    let mut days_ago = joins_on as f64;
    while days_ago >= 0.0 && joins_on as f64 - days_ago <= stays_for as f64 {
        let day = today - Duration::days(days_ago as i64);
        if let Some(at) = open_hour(chance, day, zone).filter(|at| *at < now - Duration::minutes(2)) {
            visits.push(at);
        }
        days_ago -= rhythm * chance.random_range(0.5..1.5_f64);
    }
    visits.dedup_by(|later, earlier| *later - *earlier < Duration::hours(2));
    let joins_at = visits.first().copied().unwrap_or(now - Duration::days(1));
    Person {
        name: format!("{first} {last}"),
        phone: format!("9{:02}{:06}", 10 + number % 80, 100_000 + number * 5_477 % 899_999),
        marketing: chance.random_bool(0.6),
        joins_at: joins_at - Duration::minutes(1),
        visits,
        redeems: chance.random_bool(0.8),
    }
}

/// A moment when the shop is open: mornings before work, after lunch, and the end of the afternoon; Sundays are quiet.
fn open_hour(chance: &mut StdRng, day: NaiveDate, zone: Zone) -> Option<DateTime<Utc>> {
    if day.weekday() == Weekday::Sun && chance.random_bool(0.6) {
        return None;
    }
    let peak: f64 = match chance.random_range(0..10) {
        0..=3 => 8.3,
        4..=6 => 13.6,
        _ => 17.8,
    };
    let hour =
        (peak + chance.random_range(-1.4..1.4_f64) + chance.random_range(-0.8..0.8_f64)).clamp(7.2, 20.8);
    let after_midnight = Duration::seconds((hour * 3_600.0) as i64);
    debug_assert!(NaiveTime::MIN.overflowing_add_signed(after_midnight).1 == 0);
    Some(zone.start_of(day) + after_midnight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_the_same_each_time_and_lies_in_the_past() {
        let now: DateTime<Utc> = "2026-11-23T20:00:00Z".parse().unwrap();
        let people = super::people(now, Zone::LIMA);
        let again = super::people(now, Zone::LIMA);
        assert_eq!(people.len(), CUSTOMERS);
        assert!(people.iter().zip(&again).all(|(a, b)| a.visits == b.visits && a.phone == b.phone));
        assert!(people.iter().flat_map(|person| &person.visits).all(|at| *at < now));
        let visits: usize = people.iter().map(|person| person.visits.len()).sum();
        assert!((800..4_000).contains(&visits), "{visits} visits");
    }

    #[test]
    fn no_two_customers_share_a_phone() {
        let people = super::people("2026-11-23T20:00:00Z".parse().unwrap(), Zone::LIMA);
        let phones: std::collections::HashSet<_> = people.iter().map(|person| &person.phone).collect();
        assert_eq!(phones.len(), people.len());
    }
}
