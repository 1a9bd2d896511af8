//! See [`logistics_fuzz::traccar_payload`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::traccar_payload(data));
