//! See [`logistics_fuzz::vrplib`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::vrplib(data));
