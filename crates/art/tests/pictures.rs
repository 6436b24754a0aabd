//! Claims about the pictures of passes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use art::{Figure, Look, Scale, artwork, hero, icon, square_logo, strip};
use proptest::prelude::*;

/// A picture's width and height in dots, as a reader finds them.
fn size(png: &[u8]) -> (u32, u32) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut dots).unwrap();
    (frame.width, frame.height)
}

fn cafe() -> Look {
    Look::read("#a03a1c", "#fbf6ea", "cup")
}

#[test]
fn every_picture_has_exactly_the_size_that_wallets_ask_for() {
    for (scale, times) in Scale::ALL.into_iter().zip(1..) {
        assert_eq!(scale.dots(), times);
        assert_eq!(size(&strip(&cafe(), 4, 10, &[10], scale)), (375 * times, 144 * times));
        assert_eq!(size(&artwork(&cafe(), 4, 10, &[10], scale)), (358 * times, 448 * times));
        assert_eq!(size(&icon(&cafe(), None, scale)), (38 * times, 38 * times));
    }
    assert_eq!(size(&hero(&cafe(), 4, 10, &[10])), (1032, 336));
    assert_eq!(size(&square_logo(&cafe(), None)), (660, 660));
}

#[test]
fn a_picture_is_small_enough_to_be_sent_on_every_stamp() {
    for (stamps, required) in [(10, 10), (30, 30)] {
        let strip = strip(&cafe(), stamps, required, &[required], Scale::Three);
        assert!(strip.len() < 90_000, "{required}: {}", strip.len());
    }
}

#[test]
fn a_reward_looks_unlike_other_places_before_it_is_won_and_after() {
    let at = |stamps, rewards: &[i32]| strip(&cafe(), stamps, 10, rewards, Scale::One);
    for stamps in [0, 10] {
        assert_ne!(at(stamps, &[]), at(stamps, &[10]));
        assert_ne!(at(stamps, &[5, 10]), at(stamps, &[10]));
    }
}

#[test]
fn what_no_card_can_be_is_drawn_as_the_nearest_that_one_can() {
    let at = |stamps, required| strip(&cafe(), stamps, required, &[-1, i32::MAX], Scale::One);
    assert_eq!(at(i32::MIN, i32::MIN), at(0, 1));
    assert_eq!(at(i32::MAX, i32::MAX), at(30, 30));
}

fn any_look() -> impl Strategy<Value = Look> {
    let figure = (0..Figure::ALL.len()).prop_map(|at| Figure::ALL[at].as_str().to_owned());
    let figure = prop_oneof![4 => figure, 1 => "\\PC{0,8}"];
    let colour = || prop_oneof![4 => "#[0-9a-f]{6}", 1 => "\\PC{0,8}"];
    (colour(), colour(), figure).prop_map(|(ink, paper, figure)| Look::read(&ink, &paper, &figure))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a design and a count, there is a strip of the right size, always the same, and a stamp more is seen.
    #[test]
    fn a_strip_is_the_same_for_the_same_card_and_another_for_one_stamp_more(
        look in any_look(),
        required in 1..=30,
        stamps in 0..=30,
        rewards in prop::collection::vec(-3..=33, 0..4),
    ) {
        let at = |stamps| strip(&look, stamps, required, &rewards, Scale::One);
        let drawn = at(stamps);
        prop_assert_eq!(size(&drawn), (375, 144));
        prop_assert_eq!(&drawn, &at(stamps));
        prop_assert_eq!(drawn == at(stamps + 1), stamps >= required);
    }

    /// So it is with the whole front of a pass.
    #[test]
    fn any_card_has_its_front(look in any_look(), required in 1..=30, stamps in 0..=30) {
        prop_assert_eq!(size(&artwork(&look, stamps, required, &[required], Scale::One)), (358, 448));
    }
}
