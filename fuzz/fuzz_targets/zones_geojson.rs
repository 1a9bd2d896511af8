//! See [`logistics_fuzz::zones_geojson`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| logistics_fuzz::zones_geojson(data));
