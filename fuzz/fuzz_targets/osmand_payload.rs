//! See [`logistics_fuzz::osmand_payload`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::osmand_payload(data));
