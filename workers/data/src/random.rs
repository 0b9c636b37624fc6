//! Random numbers that depend on nothing but what they are for: the same keys give the same numbers on any thread.

/// SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state, and a stream for every key.
pub struct Random(u64);

impl Random {
    /// `keys` say what the numbers are for, such as `[seed, epoch, sample]`.
    pub fn new(keys: &[u64]) -> Self {
        let mut random = Random(0x5452_4149_4e59_4152);
        for &key in keys {
            random.0 = random.draw() ^ key;
        }
        random.draw();
        random
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// From 0 up to, not including, `count`, which is at least 1.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.draw()) * count as u128) >> 64) as usize
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_decide_everything() {
        let draw = |keys: &[u64]| Random::new(keys).draw();
        assert_eq!(draw(&[1, 2, 3]), draw(&[1, 2, 3]));
        let others = [&[1u64, 2, 4][..], &[1, 3, 3], &[2, 2, 3], &[2, 1, 3], &[1, 2], &[0, 1, 2, 3]];
        assert!(others.iter().all(|keys| draw(keys) != draw(&[1, 2, 3])));
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_spreads() {
        let mut first_places = [0; 10];
        for seed in 0..2_000 {
            let mut items: Vec<usize> = (0..10).collect();
            Random::new(&[seed]).shuffle(&mut items);
            first_places[items[0]] += 1;
            items.sort_unstable();
            assert_eq!(items, (0..10).collect::<Vec<_>>());
        }
        assert!(first_places.iter().all(|&count| (140..260).contains(&count)), "{first_places:?}");
    }
}
