//! How long things took, as percentiles.

/// Times in microseconds, in their order.
pub(crate) struct Latencies(Vec<u32>);

impl Latencies {
    /// Of these, in any order.
    pub(crate) fn of(micros: impl IntoIterator<Item = u32>) -> Self {
        let mut micros: Vec<u32> = micros.into_iter().collect();
        micros.sort_unstable();
        Self(micros)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds within which this share of them was done; 0 where there is none.
    pub(crate) fn ms(&self, share: f64) -> f64 {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    }

    /// How many took up to each of these milliseconds, and how many took longer than the last.
    pub(crate) fn within(&self, ends_ms: &[u32]) -> Vec<usize> {
        let mut before = 0;
        let mut counts: Vec<usize> = ends_ms
            .iter()
            .map(|end| {
                let upto = self.0.partition_point(|micros| *micros <= end.saturating_mul(1_000));
                let count = upto - before;
                before = upto;
                count
            })
            .collect();
        counts.push(self.0.len() - before);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let all = Latencies::of((1..=100).rev().map(|ms| ms * 1_000));
        let some = [0.5, 0.95, 0.99, 1.0].map(|share| all.ms(share));
        assert!(
            some.iter().zip([50.0, 95.0, 99.0, 100.0]).all(|(is, wanted)| (is - wanted).abs() < 1e-9),
            "{some:?}"
        );
        let one = Latencies::of([7_000]);
        assert!((one.ms(0.01) - 7.0).abs() < 1e-9 && (one.ms(0.99) - 7.0).abs() < 1e-9);
        assert!(Latencies::of([]).ms(0.99).abs() < 1e-9);
    }

    #[test]
    fn each_time_is_counted_in_one_range() {
        let all = Latencies::of([500, 1_000, 1_001, 9_000]);
        assert_eq!(all.within(&[1, 2, 5]), [2, 1, 0, 1]);
    }
}
