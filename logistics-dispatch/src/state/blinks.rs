//! Blinks: places that an insertion passes over at random.

use crate::rng::Rng;

/// Draws which places are passed over: one in 128.
#[derive(Debug, Default)]
pub(super) struct Blinks {
    word: u64,
    left: u32,
}

impl Blinks {
    /// Whether the place after a job is seen, and that before it.
    #[inline]
    pub(super) fn next(&mut self, rng: &mut Rng) -> (bool, bool) {
        // One random word decides for four jobs.
        if self.left == 0 {
            (self.word, self.left) = (rng.next(), 4);
        }
        self.left -= 1;
        let bits = self.word;
        self.word >>= 16;
        (bits & 0x7f00 != 0, bits & 0x7f != 0)
    }
}
