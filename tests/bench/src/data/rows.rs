//! The rows of businesses, as PostgreSQL's COPY reads them.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use uuid::Uuid;

use super::Model;
use super::life::{Life, REQUIRED, cycle_of, year_begin};

/// The tables, in the order in which they are filled, with the columns that are.
pub(super) const TABLES: [(&str, &str); 13] = [
    ("enrollment.business", "business_id, slug, name, time_zone, language, version, created_at"),
    ("enrollment.member", "member_id, business_id, name, email, password_hash, role, created_at"),
    (
        "enrollment.customer",
        "customer_id, business_id, name, search_name, phone, adult_declared, language, source, referral_code, created_at",
    ),
    ("enrollment.customer_card", "card_id, business_id, customer_id, made_at"),
    (
        "enrollment.consent",
        "consent_id, business_id, customer_id, purpose, version, state, text_version, language, via, recorded_at",
    ),
    ("stamping.business", "business_id, time_zone, version"),
    ("stamping.program", "program_id, business_id, version, active, created_at"),
    ("stamping.program_version", "program_id, version, business_id, definition, created_at"),
    (
        "stamping.card",
        "card_id, business_id, customer_id, program_id, program_version, stamps_required, cycle, stamps, total, version, \
         carried_cents, code_generation, opened_at, last_earn_at, earn_day, earn_day_stamps",
    ),
    ("stamping.cycle", "card_id, cycle, program_version, stamps_required"),
    (
        "stamping.stamp",
        "stamp_id, business_id, card_id, kind, via, count, cycle, member_id, operation_id, occurred_at, recorded_at",
    ),
    (
        "stamping.reward",
        "reward_id, business_id, card_id, customer_id, program_id, cycle, at, title, cost_cents, state, unlocked_at, \
         redeemed_at, redeemed_by",
    ),
    // A card's version as figures keep it is written here, where it is known, and not added up later.
    ("analytics.card", "business_id, card_id, customer_id, card_version, visits"),
];

/// The first customer's number, as it is dialled in Peru.
const FIRST_PHONE: u64 = 980_000_000;

/// The text of each table.
pub(super) type Text = [String; TABLES.len()];

/// What all businesses have in common.
pub(super) struct Common {
    /// The owner's password, as it is kept.
    pub(super) password_hash: String,
    /// The program's rules, as they are kept.
    pub(super) definition: String,
    /// The last moment of the year.
    pub(super) end: DateTime<Utc>,
    /// How customers behave.
    pub(super) model: Model,
}

/// One business with everything that happened at it; the number says which, and the same number is the same business again.
pub(super) fn business(to: &mut Text, common: &Common, number: u64) -> u64 {
    let mut dice = StdRng::seed_from_u64(number);
    let created =
        year_begin(common.end) - chrono::Duration::days(1) + chrono::Duration::seconds(number as i64);
    let at = moment(created);
    let [business, owner, program] = [(); 3].map(|()| id(&mut dice, created));
    let [businesses, members, customers, customer_cards, consents, known, programs, versions, ..] = to;
    row(businesses, format_args!("{business}\ttienda-{number}\tTienda {number}\tAmerica/Lima\tes\t1\t{at}"));
    let hash = &common.password_hash;
    row(
        members,
        format_args!("{owner}\t{business}\tDueña {number}\ttienda-{number}@example.com\t{hash}\towner\t{at}"),
    );
    row(known, format_args!("{business}\tAmerica/Lima\t1"));
    row(programs, format_args!("{program}\t{business}\t1\tt\t{at}"));
    row(versions, format_args!("{program}\t1\t{business}\t{}\t{at}", common.definition));
    let mut lives = Vec::new();
    for place in 0..common.model.customers {
        let life = Life::draw(&mut dice, common.end, common.model.active, common.model.visits);
        let (customer, card) = (id(&mut dice, life.joined), id(&mut dice, life.joined));
        let joined = moment(life.joined);
        // A number of her own: nobody's messages wait for those of a neighbour at another shop.
        let phone = FIRST_PHONE + number * common.model.customers + place;
        row(
            customers,
            format_args!(
                "{customer}\t{business}\tClienta {place}\tclienta {place}\t+51{phone}\tt\tes\tjoin\tC{place:07}\t{joined}"
            ),
        );
        row(customer_cards, format_args!("{card}\t{business}\t{customer}\t{joined}"));
        let consent = id(&mut dice, life.joined);
        row(
            consents,
            format_args!("{consent}\t{business}\t{customer}\tprogram\t1\tgranted\t1\tes\tjoin\t{joined}"),
        );
        lives.push((life, customer, card));
    }
    let shop = Shop { business, owner, program, redeemed: common.model.redeemed };
    lives.iter().map(|(life, customer, card)| shop.card(to, &mut dice, life, *customer, *card)).sum()
}

struct Shop {
    business: Uuid,
    owner: Uuid,
    program: Uuid,
    redeemed: f64,
}

impl Shop {
    /// A card, its ledger and its rewards; how many stamps.
    fn card(&self, to: &mut Text, dice: &mut StdRng, life: &Life, customer: Uuid, card: Uuid) -> u64 {
        let [.., cards, cycles, stamps, rewards, figures] = to;
        let Self { business, owner, program, redeemed } = self;
        let (won, total, (cycle, in_cycle)) = (life.won(dice, *redeemed), life.visits.len(), life.stands());
        let handed_over = won.iter().filter(|one| one.redeemed.is_some()).count();
        let version = 1 + total + handed_over;
        let (last, day, that_day) = match life.visits.last() {
            Some(last) => {
                let day_of = |at: &DateTime<Utc>| (*at - chrono::Duration::hours(5)).date_naive();
                let that_day = life.visits.iter().filter(|at| day_of(at) == day_of(last)).count();
                (moment(*last), day_of(last).to_string(), that_day)
            }
            None => ("\\N".to_owned(), "\\N".to_owned(), 0),
        };
        row(
            cards,
            format_args!(
                "{card}\t{business}\t{customer}\t{program}\t1\t{REQUIRED}\t{cycle}\t{in_cycle}\t{total}\t{version}\t0\t0\t{}\t{last}\t{day}\t{that_day}",
                moment(life.joined)
            ),
        );
        for cycle in 1..=cycle {
            row(cycles, format_args!("{card}\t{cycle}\t1\t{REQUIRED}"));
        }
        for (place, at) in life.visits.iter().enumerate() {
            let (stamp, operation, cycle, at) =
                (id(dice, *at), id(dice, *at), cycle_of(place + 1), moment(*at));
            row(
                stamps,
                format_args!(
                    "{stamp}\t{business}\t{card}\tearn\tscan\t1\t{cycle}\t{owner}\t{operation}\t{at}\t{at}"
                ),
            );
        }
        for one in won {
            let (reward, unlocked) = (id(dice, one.unlocked), moment(one.unlocked));
            let (state, at, by) = match one.redeemed {
                Some(at) => ("redeemed", moment(at), owner.to_string()),
                None => ("open", "\\N".to_owned(), "\\N".to_owned()),
            };
            let cycle = one.cycle;
            row(
                rewards,
                format_args!(
                    "{reward}\t{business}\t{card}\t{customer}\t{program}\t{cycle}\t{REQUIRED}\tUn café\t\\N\t{state}\t{unlocked}\t{at}\t{by}"
                ),
            );
        }
        if total > 0 {
            row(figures, format_args!("{business}\t{card}\t{customer}\t{version}\t0"));
        }
        total as u64
    }
}

fn row(to: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a text does not fail.
    let _ = to.write_fmt(text);
    to.push('\n');
}

/// An id that tells its moment, as all ids here do.
fn id(dice: &mut StdRng, at: DateTime<Utc>) -> Uuid {
    let mut random = [0; 10];
    dice.fill_bytes(&mut random);
    uuid::Builder::from_unix_timestamp_millis(at.timestamp_millis().unsigned_abs(), &random).into_uuid()
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%F %T%.3f+00").to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn common() -> Common {
        let model = Model { customers: 20, active: 0.5, visits: 36.0, redeemed: 0.1 };
        let end = "2026-11-26T04:59:59Z".parse().unwrap();
        Common { password_hash: "$argon2id$x".into(), definition: "{}".into(), end, model }
    }

    #[test]
    fn every_row_has_its_columns_and_every_stamp_is_in_its_cards_total() {
        let mut text = Text::default();
        let stamps = business(&mut text, &common(), 7);
        for ((table, columns), text) in TABLES.iter().zip(&text) {
            let wanted = columns.split(',').count();
            assert!(text.lines().all(|line| line.split('\t').count() == wanted), "{table}");
        }
        let totals: u64 =
            text[8].lines().map(|line| line.split('\t').nth(8).unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!((totals, text[10].lines().count() as u64), (stamps, stamps));
        assert!(stamps > 100, "{stamps}");
    }

    #[test]
    fn every_customer_has_a_number_of_her_own() {
        let mut text = Text::default();
        business(&mut text, &common(), 7);
        business(&mut text, &common(), 8);
        let phones: HashSet<&str> = text[2].lines().filter_map(|line| line.split('\t').nth(4)).collect();
        assert_eq!(phones.len(), 40);
        assert!(phones.iter().all(|phone| phone.starts_with("+519") && phone.len() == 12), "{phones:?}");
    }

    #[test]
    fn the_same_number_is_the_same_business() {
        let (mut one, mut again, mut other) = (Text::default(), Text::default(), Text::default());
        business(&mut one, &common(), 7);
        business(&mut again, &common(), 7);
        business(&mut other, &common(), 8);
        assert!(one == again && one != other);
    }
}
