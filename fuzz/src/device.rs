//! What devices send: the platform's own form, and those of other people's apps.

use logistics_core::PartnerId;
use logistics_core::telemetry::{BATCH_FIXES_MAX, Form, encode_fix, parse_payload};

const ASSUMED_ACCURACY_M: f64 = 20.0;

/// A message in the platform's own form.
pub fn device_payload(data: &[u8]) {
    message(Form::Canonical, data);
}

/// A message of OwnTracks.
pub fn owntracks_payload(data: &[u8]) {
    message(Form::OwnTracks, data);
}

/// A message of the OsmAnd protocol.
pub fn osmand_payload(data: &[u8]) {
    message(Form::OsmAnd, data);
}

/// A message of Traccar Client.
pub fn traccar_payload(data: &[u8]) {
    message(Form::Traccar, data);
}

/// Every fix read from a message is read again from its own bytes, and as the same fix from what is
/// written of it in the platform's own form.
fn message(form: Form, data: &[u8]) {
    let Ok(partner) = PartnerId::new("DP-1") else { return };
    let _ = form.named_partner(data);
    let Ok(message) = form.parse(&partner, data, ASSUMED_ACCURACY_M) else { return };
    assert!(message.items.len() + message.ignored.len() <= BATCH_FIXES_MAX);
    assert!(message.batch || message.items.len() + message.ignored.len() == 1);
    for item in &message.items {
        let Ok(fix) = &item.fix else { continue };
        let bytes = encode_fix(fix);
        let written = parse_payload(&partner, &bytes, ASSUMED_ACCURACY_M);
        let alone = form.parse(&partner, item.raw, ASSUMED_ACCURACY_M);
        for again in [written, alone] {
            let again = again.as_ref().map(|message| message.items[0].fix.as_ref());
            assert!(matches!(again, Ok(Ok(same)) if same == fix), "{fix:?} became {again:?}");
        }
    }
}
