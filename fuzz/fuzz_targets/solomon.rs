//! See [`logistics_fuzz::solomon`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::solomon(data));
