//! See [`logistics_fuzz::upcasting`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::upcasting(data));
