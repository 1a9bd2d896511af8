//! How large the tests run: small where they run often, larger on demand.
//!
//! `LOGISTICS_TEST_SCALE=20 cargo nextest run -p logistics-core` tries twenty times as much.

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// How many times the usual size is asked for; 1 unless `LOGISTICS_TEST_SCALE` says otherwise.
#[allow(clippy::disallowed_methods, reason = "how much to test is no part of what is tested")]
pub(crate) fn scale() -> u32 {
    match std::env::var("LOGISTICS_TEST_SCALE") {
        Ok(text) => text.parse().expect("LOGISTICS_TEST_SCALE is a whole number"),
        Err(_) => 1,
    }
}

/// Says how much was tried.
#[allow(clippy::print_stdout, reason = "the count is what one wants to know of a long run")]
pub(crate) fn tried(what: &str, count: impl std::fmt::Display) {
    println!("{what}: {count}");
}

/// So many cases of a property, times the scale; told with the seed that gives the same again.
#[allow(clippy::disallowed_methods, reason = "each run tries something else")]
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let cases = usual.saturating_mul(scale());
    let mut config = ProptestConfig { cases, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        config.rng_seed = RngSeed::Fixed(age.subsec_nanos().into());
    }
    if let RngSeed::Fixed(seed) = config.rng_seed {
        tried("cases", format!("{cases}, PROPTEST_RNG_SEED={seed}"));
    }
    config
}
