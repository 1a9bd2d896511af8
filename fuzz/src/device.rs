//! What a courier's telephone sends.

use logistics_core::PartnerId;
use logistics_core::telemetry::{BATCH_FIXES_MAX, encode_fix, parse_payload};

const ASSUMED_ACCURACY_M: f64 = 20.0;

/// A message of a device. Every fix read from it, written again, is read as the same fix.
pub fn device_payload(data: &[u8]) {
    let Ok(partner) = PartnerId::new("DP-1") else { return };
    let Ok(message) = parse_payload(&partner, data, ASSUMED_ACCURACY_M) else { return };
    assert!(message.items.len() <= BATCH_FIXES_MAX);
    assert!(message.batch || message.items.len() == 1);
    for fix in message.items.iter().filter_map(|item| item.fix.as_ref().ok()) {
        let bytes = encode_fix(fix);
        let again = parse_payload(&partner, &bytes, ASSUMED_ACCURACY_M);
        let again = again.as_ref().map(|message| message.items[0].fix.as_ref());
        assert!(matches!(again, Ok(Ok(same)) if same == fix), "{fix:?} became {again:?}");
    }
}
