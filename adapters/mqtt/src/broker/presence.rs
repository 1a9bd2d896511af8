//! What a device's `status` message says about its link.

use crate::host::Presence;

/// Longest status that is looked at, in bytes.
const BYTES_MAX: usize = 1_024;

/// `online` or `offline`, bare or as the `state` of a JSON object. A last will says `offline`; so
/// that counts as a lost link, whoever says it. Any other text says nothing.
pub(super) fn told_by(payload: &[u8]) -> Option<Presence> {
    if payload.len() > BYTES_MAX {
        return None;
    }
    let text = std::str::from_utf8(payload).ok()?.trim();
    let object: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let state = object.as_ref().and_then(|object| object.get("state")?.as_str());
    match state.unwrap_or(text) {
        "online" => Some(Presence::Connected),
        "offline" => Some(Presence::Lost),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_objects_are_understood_and_the_rest_is_not() {
        for text in ["online", " online\n", r#"{"state":"online","battery":3}"#] {
            assert_eq!(told_by(text.as_bytes()), Some(Presence::Connected), "{text}");
        }
        for text in ["offline", r#"{"state":"offline"}"#] {
            assert_eq!(told_by(text.as_bytes()), Some(Presence::Lost), "{text}");
        }
        let long = format!("online{}", " ".repeat(2_000));
        for text in ["", "ONLINE", r#"{"state":1}"#, r#"{"state":"on"}"#, "[1]", "{", &long] {
            assert_eq!(told_by(text.as_bytes()), None, "{text}");
        }
        assert_eq!(told_by(&[0xFF]), None);
    }
}
