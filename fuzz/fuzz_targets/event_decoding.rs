//! See [`logistics_fuzz::event_decoding`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::event_decoding(data));
