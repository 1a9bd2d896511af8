//! See [`logistics_fuzz::vroom`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::vroom(data));
