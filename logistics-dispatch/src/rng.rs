//! The search's own random numbers: small, seeded, the same everywhere.

/// `xorshift64*` seeded through `SplitMix64` (Vigna 2016, doi:10.1145/2845077).
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self((z ^ (z >> 31)) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Uniform in `0..bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let high = (u128::from(self.next()) * bound as u128) >> 64;
        usize::try_from(high).unwrap_or(0)
    }

    /// Uniform in `[0, 1)`, in steps of 2⁻³².
    pub(crate) fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or(0);
        f64::from(high) / 4_294_967_296.0
    }

    /// True once in `one_in` (a power of two) draws, on average.
    pub(crate) fn once_in(&mut self, one_in: u64) -> bool {
        (self.next() >> 32) & (one_in - 1) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream_and_fills_the_range() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        let mut seen = [0_usize; 10];
        for _ in 0..10_000 {
            let draw = a.below(10);
            assert_eq!(draw, b.below(10));
            seen[draw] += 1;
        }
        assert!(seen.iter().all(|&count| (900..1100).contains(&count)), "{seen:?}");
        assert_ne!(Rng::new(7).next(), Rng::new(8).next());
    }
}
