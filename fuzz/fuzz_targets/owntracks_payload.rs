//! See [`logistics_fuzz::owntracks_payload`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::owntracks_payload(data));
