//! What the customers of R3 want next, drawn from a seed: they come, they write, they ask. No I/O.

use std::ops::RangeInclusive;

use rand::Rng;
use rand::rngs::StdRng;

/// After so many visits some stay away: no later stamp makes up for what their phones were not told.
const FEW_VISITS: RangeInclusive<u32> = 1..=12;
/// Questions of one customer: the platform answers an address three times a day by itself, and the first is that her number is hers.
const MOST_QUESTIONS: u32 = 2;

/// One thing that a customer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// A stamp on her card.
    Visit,
    /// A person's answer to what she writes.
    Letter,
    /// The platform's own answer: how many stamps she has.
    Question,
}

/// A customer, as far as it is settled before she comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// She keeps her card on an iPhone.
    pub(crate) has_iphone: bool,
    /// Visits that are left to her, after which she is heard of no more; none comes to the end.
    visits: Option<u32>,
    questions: u32,
}

/// So many customers: one in two has an iPhone, and of those with one and of those without, one in two stays away early.
pub(crate) fn crowd(dice: &mut StdRng, count: usize) -> Vec<Habits> {
    let customer = |place: usize| Habits {
        has_iphone: place.is_multiple_of(2),
        visits: (place / 2).is_multiple_of(2).then(|| dice.random_range(FEW_VISITS)),
        questions: MOST_QUESTIONS,
    };
    (0..count).map(customer).collect()
}

/// The next errand and whose it is, by her place; none once everybody stays away.
pub(crate) fn draw(dice: &mut StdRng, crowd: &mut [Habits]) -> Option<(usize, Errand)> {
    let there: Vec<usize> = (0..crowd.len()).filter(|place| crowd[*place].visits != Some(0)).collect();
    if there.is_empty() {
        return None;
    }
    let place = there[dice.random_range(0..there.len())];
    let habits = &mut crowd[place];
    let chance = dice.random_range(0..100);
    if chance < 8 && habits.questions > 0 {
        habits.questions -= 1;
        return Some((place, Errand::Question));
    }
    if chance < 28 {
        return Some((place, Errand::Letter));
    }
    habits.visits = habits.visits.map(|left| left - 1);
    Some((place, Errand::Visit))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn drawn(seed: u64, customers: usize) -> Vec<(usize, Errand)> {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut crowd = crowd(&mut dice, customers);
        std::iter::from_fn(|| draw(&mut dice, &mut crowd)).take(2_000).collect()
    }

    fn count(drawn: &[(usize, Errand)], place: usize, errand: Errand) -> u32 {
        drawn.iter().filter(|one| **one == (place, errand)).count() as u32
    }

    #[test]
    fn the_same_seed_wants_the_same_and_another_something_else() {
        assert_eq!(drawn(1, 20), drawn(1, 20));
        assert_ne!(drawn(1, 20), drawn(2, 20));
    }

    #[test]
    fn one_in_two_stays_away_early_whatever_phone_she_has_and_the_others_come_to_the_end() {
        let (drawn, late) = (drawn(3, 20), 1_000);
        let comes = |place: usize| drawn[late..].iter().any(|(at, _)| *at == place);
        for place in 0..20 {
            let visits = count(&drawn, place, Errand::Visit);
            let is_few = FEW_VISITS.contains(&visits);
            assert_eq!(
                (is_few, comes(place)),
                if (place / 2).is_multiple_of(2) { (true, false) } else { (false, true) }
            );
        }
        let crowd = crowd(&mut StdRng::seed_from_u64(3), 20);
        assert_eq!(crowd.iter().filter(|habits| habits.has_iphone).count(), 10);
    }

    #[test]
    fn nobody_asks_more_often_than_she_is_answered() {
        let drawn = drawn(4, 12);
        let asked: Vec<u32> = (0..12).map(|place| count(&drawn, place, Errand::Question)).collect();
        assert!(asked.iter().all(|asked| *asked <= MOST_QUESTIONS) && asked.contains(&MOST_QUESTIONS));
    }

    #[test]
    fn where_everybody_stays_away_nothing_is_wanted_any_more() {
        let drawn = drawn(5, 1);
        assert!(FEW_VISITS.contains(&count(&drawn, 0, Errand::Visit)) && drawn.len() < 2_000);
    }
}
