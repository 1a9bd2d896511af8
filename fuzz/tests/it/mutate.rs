//! Makes new inputs from old ones: small changes to bytes, lines and numbers. Deterministic.

/// Longest input made.
const BYTES_MAX: usize = 8 << 10;

/// What formats and arithmetic are known to stumble over.
const TOKENS: [&str; 28] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "0.1",
    "-0.0",
    "5e-324",
    "1e308",
    "1e999",
    "NaN",
    "180",
    "-180",
    "90",
    "\"\"",
    "null",
    "true",
    "[]",
    "{}",
    "\\u0000",
    "\n",
    " ",
    "é",
    "\u{feff}",
];

/// An endless source of inputs.
pub(crate) struct Mutator<'a> {
    seeds: &'a [&'a [u8]],
    state: u64,
}

impl<'a> Mutator<'a> {
    pub(crate) fn new(seeds: &'a [&'a [u8]], seed: u64) -> Self {
        Self { seeds, state: seed }
    }

    /// The next input: a seed after a few changes, half of the time of its numbers alone, so that
    /// many inputs are accepted and the code behind the reader is reached.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.pick(self.seeds).to_vec();
        let change = [Self::change_number, Self::change][self.below(2)];
        for _ in 0..=self.below(3) {
            change(self, &mut bytes);
        }
        bytes.truncate(BYTES_MAX);
        bytes
    }

    /// A number becomes a little different, or one that stands elsewhere.
    fn change_number(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let (start, end) = number(bytes, at);
        if self.below(2) == 0 {
            let elsewhere = self.below(bytes.len() + 1);
            let (from, to) = number(bytes, elsewhere);
            let other = bytes[from..to].to_vec();
            bytes.splice(start..end, other);
        } else if start < end {
            let place = start + self.below(end - start);
            bytes[place] = b"0123456789"[self.below(10)];
        }
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let (at, end) = self.range(bytes.len());
        match self.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => {
                let other = self.pick(self.seeds);
                let (from, to) = self.range(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            4 => {
                let byte = self.random().to_le_bytes()[0];
                bytes.insert(at, byte);
            }
            5 => {
                let bit = 1 << self.below(8);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= bit);
            }
            6 => {
                let (at, end) = line(bytes, at);
                bytes.drain(at..end);
            }
            // Twice as often: most of what is checked is a number.
            _ => {
                let (at, end) = number(bytes, at);
                let token = self.pick(&TOKENS);
                bytes.splice(at..end, token.bytes());
            }
        }
    }

    /// A range of positions, mostly short.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let at = self.below(length + 1);
        let longest = if self.below(4) == 0 { length } else { 12 };
        (at, (at + self.below(longest + 1)).min(length))
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a length");
        usize::try_from(self.random() % limit).expect("less than a length")
    }

    /// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The line around a position, with its end.
fn line(bytes: &[u8], at: usize) -> (usize, usize) {
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |k| k + 1);
    let end =
        bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |k| at + k + 1);
    (start, end)
}

/// The first number at or after a position; nothing there when none follows.
fn number(bytes: &[u8], at: usize) -> (usize, usize) {
    let of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.".contains(byte);
    let Some(start) = bytes[at..].iter().position(of_number).map(|k| at + k) else {
        return (at, at);
    };
    let end =
        bytes[start..].iter().position(|byte| !of_number(byte)).map_or(bytes.len(), |k| start + k);
    (start, end)
}
