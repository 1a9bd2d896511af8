//! See [`logistics_fuzz::device_payload`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::device_payload(data));
