//! Device messages: what is read, what is refused, and how the refusal names its cause.

use logistics_core::telemetry::{
    Fix, MESSAGE_BYTES_MAX, PayloadError, encode_batch, encode_fix, parse_payload,
};
use proptest::prelude::*;

use super::{NOON_MS, at, partner};

fn one(json: &str) -> Result<Fix, PayloadError> {
    let mut message = parse_payload(&partner("DP-1"), json.as_bytes(), 20.0)?;
    assert_eq!((message.batch, message.items.len()), (false, 1));
    message.items.remove(0).fix
}

fn with(field: &str) -> Result<Fix, PayloadError> {
    one(&format!(r#"{{"lat":18.52,"lon":73.85,"ts":{NOON_MS},{field}}}"#))
}

#[test]
fn every_field_is_read_in_its_unit() {
    let fix = with(r#""acc":7.5,"spd":4.25,"brg":271,"bat":0.5,"extra":{"a":[1,"]"]}"#).unwrap();
    assert_eq!(fix.partner, partner("DP-1"));
    assert_eq!((fix.position.x(), fix.position.y()), (73.85, 18.52));
    assert_eq!(fix.ts, at(0));
    assert_eq!((fix.accuracy_m, fix.accuracy_assumed), (7.5, false));
    assert_eq!((fix.speed_mps, fix.bearing_deg, fix.battery), (Some(4.25), Some(271.0), Some(0.5)));
}

#[test]
fn what_is_absent_null_or_negative_is_unknown() {
    for field in [r#""spd":null,"brg":null,"bat":null,"acc":null"#, r#""spd":-1,"brg":-1"#] {
        let fix = with(field).unwrap();
        assert_eq!((fix.accuracy_m, fix.accuracy_assumed), (20.0, true), "{field}");
        assert_eq!((fix.speed_mps, fix.bearing_deg, fix.battery), (None, None, None), "{field}");
    }
    assert_eq!(with(r#""brg":360"#).unwrap().bearing_deg, Some(0.0));
    assert_eq!(with(r#""brg":725.5"#).unwrap().bearing_deg, Some(5.5));
}

#[test]
fn time_is_epoch_milliseconds_or_rfc_3339_cut_to_milliseconds() {
    let ts = |ts: &str| one(&format!(r#"{{"lat":1,"lon":2,"ts":{ts}}}"#)).map(|fix| fix.ts);
    for same in [
        "1793601000250",
        "1793601000250.9",
        "1.79360100025e12",
        r#""2026-11-02T06:30:00.250Z""#,
        r#""2026-11-02T12:00:00.250999+05:30""#,
    ] {
        assert_eq!(ts(same), Ok(at(250)), "{same}");
    }
    // Seconds, and figures that no clock shows.
    for refused in ["1793601000", "-1", "1e300", "253402300800000", "9223372036854775807"] {
        let error = ts(refused).unwrap_err();
        assert_eq!((error.code(), error.field()), ("out_of_range", Some("ts")), "{refused}");
    }
    for text in [r#""""#, r#""2026-11-02T06:30:00""#, r#""1793601000250""#, r#""yesterday""#] {
        assert_eq!(ts(text).unwrap_err().code(), "bad_timestamp", "{text}");
    }
    assert_eq!(ts("true").unwrap_err().code(), "wrong_type");
}

#[test]
fn refusals_name_the_field_and_bear_a_stable_code() {
    for (json, code, field) in [
        (r#"{}"#, "missing_field", Some("lat")),
        (r#"{"lat":1}"#, "missing_field", Some("lon")),
        (r#"{"lat":1,"lon":null}"#, "missing_field", Some("lon")),
        (r#"{"lat":1,"lon":2}"#, "missing_field", Some("ts")),
        (r#"{"lat":"1","lon":2,"ts":1}"#, "wrong_type", Some("lat")),
        (r#"{"lat":1,"lon":[],"ts":1}"#, "wrong_type", Some("lon")),
        (r#"{"lat":1,"latitude":1,"lon":2,"ts":1}"#, "duplicate_field", None),
        (r#"{"v":2,"fixes":[]}"#, "unknown_version", Some("v")),
        (r#"{"v":1,"fixes":{}}"#, "wrong_type", Some("fixes")),
        ("[1,2]", "not_an_object", None),
        ("7", "not_an_object", None),
        ("", "bad_json", None),
        (r#"{"lat":NaN}"#, "bad_json", None),
        (r#"{"lat":1} x"#, "bad_json", None),
    ] {
        let error = one(json).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, field), "{json}: {error}");
    }
    for (field, name) in [
        (r#""acc":-1"#, "acc"),
        (r#""acc":1e999"#, "acc"),
        (r#""spd":1e999"#, "spd"),
        (r#""brg":-1e999"#, "brg"),
        (r#""bat":1.01"#, "bat"),
        (r#""bat":-0.1"#, "bat"),
    ] {
        let error = with(field).unwrap_err();
        assert_eq!((error.code(), error.field()), ("out_of_range", Some(name)), "{field}");
    }
    for lat_lon in [r#""lat":90.1,"lon":0"#, r#""lat":-1e999,"lon":0"#, r#""lat":0,"lon":180.5"#] {
        let error = one(&format!(r#"{{{lat_lon},"ts":{NOON_MS}}}"#)).unwrap_err();
        assert_eq!(error.code(), "out_of_range", "{lat_lon}");
    }
}

#[test]
fn broken_json_is_located_in_bytes() {
    for (json, expected) in [("{\"lat\":1,\n \"lon\":é}", 17), ("{\"é\":\n\n@}", 8), ("@", 0)] {
        let Err(PayloadError::BadJson { at, .. }) = one(json) else { panic!("{json} was read") };
        assert_eq!(at, expected, "{json}");
    }
}

#[test]
fn size_and_count_are_limited() {
    let huge = vec![b' '; MESSAGE_BYTES_MAX + 1];
    let error = parse_payload(&partner("DP-1"), &huge, 20.0).unwrap_err();
    assert_eq!(error.code(), "too_large");
    let batch = |count: usize| {
        let json = format!(r#"{{"v":1,"fixes":[{}]}}"#, vec!["{}"; count].join(","));
        parse_payload(&partner("DP-1"), json.as_bytes(), 20.0).map(|message| message.items.len())
    };
    assert_eq!(batch(0), Ok(0));
    assert_eq!(batch(200), Ok(200));
    assert_eq!(batch(201), Err(PayloadError::TooManyFixes { count: 201, count_max: 200 }));
    let deep = format!(r#"{{"a":{}"#, "[".repeat(60_000));
    assert_eq!(one(&deep).unwrap_err().code(), "bad_json");
}

#[test]
fn one_bad_fix_leaves_the_others_of_its_batch() {
    let good = format!(r#"{{"lat":1,"lon":2,"ts":{NOON_MS}}}"#);
    let bad = [
        r#"{"lat":1e999,"lon":2,"ts":1}"#,
        r#"{"lat":1}"#,
        "7",
        r#"{"\ud800":1}"#,
        "null",
        r#"{"lat":1,"lat":1}"#,
    ];
    let items = bad.map(|bad| format!("{good} , {bad}")).join(",");
    let json = format!(r#"{{"v":1,"fixes":[{items}]}}"#);
    let message = parse_payload(&partner("DP-1"), json.as_bytes(), 20.0).unwrap();
    assert!(message.batch);
    assert_eq!(message.items.len(), 2 * bad.len());
    for (pair, bad) in message.items.chunks(2).zip(bad) {
        assert!(pair[0].fix.is_ok());
        assert!(pair[1].fix.is_err(), "{bad} was read");
        assert_eq!(pair[1].raw, bad.as_bytes());
        if let Err(PayloadError::BadJson { at, .. } | PayloadError::DuplicateField { at }) =
            pair[1].fix
        {
            let start = json.find(bad).unwrap();
            assert!((start..start + bad.len()).contains(&at), "{at} for {bad} at {start}");
        }
    }
}

#[test]
fn a_fix_of_a_batch_says_the_same_by_itself() {
    let fix = format!(r#""lat":1,"lon":2,"ts":{NOON_MS}"#);
    for (more, code) in [
        (String::from(r#","v":1,"fixes":null"#), None),
        (String::from(r#","v":2"#), Some("unknown_version")),
        (format!(r#","fixes":[{{{fix}}}]"#), Some("batch_in_batch")),
        (String::from(r#","fixes":7"#), Some("batch_in_batch")),
    ] {
        let json = format!(r#"{{"v":1,"fixes":[{{{fix}{more}}},{{{fix}}}]}}"#);
        let message = parse_payload(&partner("DP-1"), json.as_bytes(), 20.0).unwrap();
        let [item, next] = &message.items[..] else { panic!("{json} has two fixes") };
        assert!(next.fix.is_ok());
        assert_eq!(item.fix.as_ref().err().map(PayloadError::code), code, "{json}");
        if let Ok(fix) = &item.fix {
            let again = parse_payload(&partner("DP-1"), item.raw, 20.0).unwrap();
            assert_eq!(again.items[0].fix.as_ref(), Ok(fix));
        }
    }
}

/// A fix that a device could send.
fn fixes() -> impl Strategy<Value = Fix> {
    let unknown_or = |range| proptest::option::of(range);
    (
        (-90.0..=90.0, -180.0..=180.0),
        unknown_or(0.0..500.0),
        unknown_or(0.0..60.0),
        unknown_or(0.0..360.0),
        unknown_or(0.0..1.0),
        -100_000_000_000i64..100_000_000,
        any::<bool>(),
    )
        .prop_map(|((lat, lon), acc, speed_mps, bearing_deg, battery, ts, mocked)| Fix {
            partner: partner("DP-1"),
            ts: at(ts),
            position: geo_types::Point::new(lon, lat),
            accuracy_m: acc.unwrap_or(20.0),
            accuracy_assumed: acc.is_none(),
            speed_mps,
            bearing_deg,
            battery,
            mocked,
        })
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let message = parse_payload(&partner("DP-1"), &bytes, 20.0);
        let has_object = bytes.contains(&b'{');
        prop_assert!(message.is_err() || has_object);
    }

    #[test]
    fn no_json_like_text_makes_the_parser_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\n", "\\", "\\u", "null", "1", "-", "1e999", "é",
            r#""v":1"#, r#""fixes":["#, r#""lat":"#, r#""lon":2"#, r#""ts":"#, r#"{"lat":1}"#,
        ]), 0..30),
    ) {
        let json = parts.concat();
        match parse_payload(&partner("DP-1"), json.as_bytes(), 20.0) {
            Ok(message) => {
                let is_object = json.trim_start().starts_with('{');
                prop_assert!(is_object && message.items.len() <= 200);
            }
            Err(PayloadError::BadJson { at, .. }) => prop_assert!(at <= json.len()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn what_is_written_is_read_back(fix in fixes()) {
        let json = encode_fix(&fix);
        prop_assert_eq!(one(std::str::from_utf8(&json).unwrap()), Ok(fix));
    }

    #[test]
    fn a_batch_is_read_as_its_fixes_one_by_one(fixes in proptest::collection::vec(fixes(), 0..20)) {
        let json = encode_batch(&fixes);
        let message = parse_payload(&partner("DP-1"), &json, 20.0).unwrap();
        let read: Result<Vec<_>, _> = message.items.into_iter().map(|item| item.fix).collect();
        prop_assert_eq!(read, Ok(fixes));
    }

    #[test]
    fn long_names_and_rfc_3339_mean_the_same(fix in fixes()) {
        let mut json = String::from_utf8(encode_fix(&fix)).unwrap();
        for (short, long) in [
            ("lat", "latitude"), ("lon", "longitude"), ("acc", "accuracy"), ("spd", "speed"),
            ("brg", "bearing"), ("bat", "battery"), ("ts", "timestamp"),
        ] {
            json = json.replace(&format!("\"{short}\""), &format!("\"{long}\""));
        }
        let epoch = fix.ts.timestamp_millis().to_string();
        let json = json.replace(&epoch, &format!("\"{}\"", fix.ts.to_rfc3339()));
        prop_assert_eq!(one(&json), Ok(fix));
    }
}
