//! See [`logistics_fuzz::planar_classify`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::planar_classify(data));
