//! How large the tests run: small where they run often, larger on demand.
//!
//! `LOGISTICS_TEST_SCALE=20 cargo nextest run -p logistics-core` tries twenty times as much.

use proptest::prelude::ProptestConfig;

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

/// So many cases of a property, times the scale.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    ProptestConfig { cases: usual.saturating_mul(scale()), ..ProptestConfig::default() }
}
