//! Messages of other people's apps: what each form means in ours, and what is not taken.

use chrono::TimeDelta;
use logistics_core::telemetry::{Fix, Form, Ignored, MESSAGE_BYTES_MAX, OwnTracksTopic};
use proptest::prelude::*;

use super::{at, partner};

/// The one fix of a message.
fn one(form: Form, payload: &str) -> Result<Fix, String> {
    let message = form.parse(&partner("DP-1"), payload.as_bytes(), 20.0);
    let message = message.map_err(|error| error.code().to_owned())?;
    assert_eq!((message.batch, message.items.len(), message.ignored.len()), (false, 1, 0));
    message.items[0].fix.clone().map_err(|error| error.to_string())
}

/// Why a message is passed over.
fn ignored(form: Form, payload: &str) -> Vec<Ignored> {
    let message = form.parse(&partner("DP-1"), payload.as_bytes(), 20.0).unwrap();
    assert!(message.items.is_empty(), "{payload}");
    message.ignored
}

fn fix(speed_mps: f64, bearing_deg: f64, battery: f64) -> Fix {
    Fix {
        partner: partner("DP-1"),
        ts: at(0),
        position: geo_types::Point::new(73.856_743_2, 18.520_430_1),
        accuracy_m: 12.0,
        accuracy_assumed: false,
        speed_mps: Some(speed_mps),
        bearing_deg: Some(bearing_deg),
        battery: Some(battery),
        mocked: false,
    }
}

/// As OwnTracks for Android writes it.
const OWNTRACKS: &str = r#"{"_type":"location","BSSID":"02:00:00:00:01:00","SSID":"depot","acc":12,
    "alt":561,"batt":83,"bs":1,"cog":271,"conn":"w","created_at":1793601002,"lat":18.5204301,
    "lon":73.8567432,"m":1,"t":"u","tid":"ph","topic":"owntracks/asha/phone","tst":1793601000,
    "vac":3,"vel":36}"#;

/// As Traccar Client 9 writes it.
const TRACCAR: &str = r#"{"device_id":"DP-1","location":{"event":"motionchange","is_moving":true,
    "uuid":"3c1f","timestamp":"2026-11-02T06:30:00.000Z","odometer":1520.5,
    "coords":{"latitude":18.5204301,"longitude":73.8567432,"accuracy":12,"speed":10,
    "speed_accuracy":1.5,"heading":271,"heading_accuracy":8,"altitude":561.2},
    "activity":{"type":"in_vehicle","confidence":92},
    "battery":{"is_charging":false,"level":0.83},"extras":{}}}"#;

/// As OsmAnd and Traccar Client 8 write it.
const OSMAND: &str = "id=DP-1&timestamp=1793601000&lat=18.5204301&lon=73.8567432&speed=10.0\
    &bearing=271.0&altitude=561.2&accuracy=12.0&batt=83.0&hdop=1.1";

#[test]
fn every_field_is_read_in_its_unit() {
    assert_eq!(one(Form::OwnTracks, OWNTRACKS).unwrap(), fix(10.0, 271.0, 0.83));
    assert_eq!(one(Form::Traccar, TRACCAR).unwrap(), fix(10.0, 271.0, 0.83));
    assert_eq!(one(Form::OsmAnd, OSMAND).unwrap(), fix(5.144_44, 271.0, 0.83));
}

#[test]
fn a_message_says_whose_it_is() {
    let named = |form: Form, payload: &str| form.named_partner(payload.as_bytes());
    assert_eq!(named(Form::OwnTracks, OWNTRACKS).as_deref(), Some("asha.phone"));
    assert_eq!(named(Form::Traccar, TRACCAR).as_deref(), Some("DP-1"));
    assert_eq!(named(Form::OsmAnd, OSMAND).as_deref(), Some("DP-1"));
    assert_eq!(named(Form::OsmAnd, "deviceid=DP%207").as_deref(), Some("DP 7"));
    for (form, silent) in [
        (Form::OwnTracks, r#"{"_type":"location"}"#),
        (Form::OwnTracks, r#"{"topic":"owntracks/asha"}"#),
        (Form::OwnTracks, "topic"),
        (Form::Traccar, r#"{"device_id":7}"#),
        (Form::OsmAnd, "lat=1&id="),
        (Form::Canonical, r#"{"partner":"DP-1"}"#),
    ] {
        assert_eq!(named(form, silent), None, "{silent}");
    }
}

#[test]
fn a_phones_topic_has_a_user_and_a_device() {
    for name in ["owntracks/asha/phone", "owntracks/asha/phone/event"] {
        let topic = OwnTracksTopic::parse(name).unwrap();
        assert_eq!((topic.user, topic.device), ("asha", "phone"));
        assert_eq!(topic.partner(), Ok(partner("asha.phone")));
    }
    for name in [
        "owntracks",
        "owntracks/asha",
        "owntracks//phone",
        "owntracks/asha/",
        "/a/b",
        "owntracks/asha/phone/a/b",
        "OwnTracks/asha/phone",
        "logistics/dp/DP-1/location",
    ] {
        assert_eq!(OwnTracksTopic::parse(name), None, "{name}");
    }
    assert!(OwnTracksTopic { user: "a+b", device: "c" }.partner().is_err());
}

#[test]
fn what_is_absent_or_negative_is_unknown() {
    for (form, payload) in [
        (Form::OwnTracks, r#"{"_type":"location","lat":1,"lon":2,"tst":1793601000}"#),
        (
            Form::OwnTracks,
            r#"{"_type":"location","lat":1,"lon":2,"tst":1793601000,
            "vel":-1,"cog":-1,"batt":-1,"acc":-1}"#,
        ),
        (
            Form::Traccar,
            r#"{"location":{"timestamp":"2026-11-02T12:00:00+05:30","battery":null,
            "coords":{"latitude":1,"longitude":2}}}"#,
        ),
        (
            Form::Traccar,
            r#"{"location":{"timestamp":1793601000,"battery":{"level":-1},
            "coords":{"latitude":1,"longitude":2,"accuracy":-1,"speed":-1,"heading":-1}}}"#,
        ),
        (Form::OsmAnd, "lat=1&lon=2&timestamp=1793601000"),
        (Form::OsmAnd, "location=1,2&timestamp=1793601000&accuracy=-1&speed=-1&bearing=-1&batt=-1"),
        (Form::OsmAnd, "lat=1&lon=2&timestamp=1793601000&accuracy=&speed=&heading=&batt="),
    ] {
        let fix = one(form, payload).unwrap();
        assert_eq!((fix.position.y(), fix.position.x(), fix.ts), (1.0, 2.0, at(0)), "{payload}");
        assert_eq!((fix.accuracy_m, fix.accuracy_assumed), (20.0, true), "{payload}");
        assert_eq!((fix.speed_mps, fix.bearing_deg, fix.battery), (None, None, None), "{payload}");
    }
}

#[test]
fn a_query_may_write_its_time_in_five_ways() {
    let ts = |time: &str| one(Form::OsmAnd, &format!("lat=1&lon=2&timestamp={time}"));
    for noon in [
        "1793601000",
        "1793601000000",
        "2026-11-02T06:30:00Z",
        "2026-11-02+06:30:00",
        "2026-11-02%2006:30:00",
        "2026-11-02T12:00:00%2B05:30",
    ] {
        assert_eq!(ts(noon).map(|fix| fix.ts), Ok(at(0)), "{noon}");
    }
    // 2^31 - 1 is the last second, 2^31 the first that is too early as milliseconds.
    assert_eq!(ts("2147483647").map(|fix| fix.ts.timestamp()), Ok(2_147_483_647));
    assert!(ts("2147483648").unwrap_err().contains("ts is 2147483648"));
    for bad in ["yesterday", "2026-11-02", "1793601000.5", "-9223372036854775808"] {
        assert!(ts(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_no_position_is_passed_over() {
    for kind in ["lwt", "transition", "waypoint", "waypoints", "cmd", "status", "card", "beacon"] {
        let payload = format!(r#"{{"_type":"{kind}","lat":1,"lon":2,"tst":1793601000}}"#);
        assert_eq!(ignored(Form::OwnTracks, &payload), [Ignored::NotALocation], "{kind}");
    }
    let sealed = r#"{"_type":"encrypted","data":"kUPh9wd0"}"#;
    assert_eq!(ignored(Form::OwnTracks, sealed), [Ignored::Encrypted]);
    for payload in [r#"{"device_id":"DP-1"}"#, r#"{"location":{"event":"heartbeat"}}"#] {
        assert_eq!(ignored(Form::Traccar, payload), [Ignored::NoPosition], "{payload}");
    }
    for valid in ["false", "0", "no"] {
        let payload = format!("{OSMAND}&valid={valid}");
        assert_eq!(ignored(Form::OsmAnd, &payload), [Ignored::NotValid], "{valid}");
    }
    for valid in ["true", "TRUE", "1", ""] {
        assert!(one(Form::OsmAnd, &format!("{OSMAND}&valid={valid}")).is_ok(), "{valid}");
    }
}

#[test]
fn a_list_is_a_batch_whose_elements_stand_for_themselves() {
    let good = r#"{"coords":{"latitude":1,"longitude":2},"timestamp":"2026-11-02T06:30:00Z"}"#;
    let mock = good.replace("{\"coords\"", "{\"mock\":true,\"coords\"");
    let payload = format!(r#"{{"location":[{good}, {mock}, {{}}, 7, {{"coords":[]}}]}}"#);
    let who = partner("DP-1");
    let message = Form::Traccar.parse(&who, payload.as_bytes(), 20.0).unwrap();
    assert!(message.batch);
    let mocks: Vec<_> = message.items.iter().map(|item| item.mock).collect();
    assert_eq!(mocks, [false, true, false, false]);
    let marks: Vec<_> = message
        .items
        .iter()
        .filter_map(|item| item.fix.as_ref().ok())
        .map(|fix| fix.mocked)
        .collect();
    assert_eq!(marks, [false, true]);
    assert_eq!(message.ignored, [Ignored::NoPosition]);
    for item in &message.items[..2] {
        let alone = Form::Traccar.parse(&who, item.raw, 20.0).unwrap();
        assert_eq!(alone.items[0].fix, item.fix);
        assert!(item.fix.is_ok());
    }
    assert!(message.items[2..].iter().all(|item| item.fix.is_err()));
    let many = |count: usize| {
        let payload = format!(r#"{{"location":[{}]}}"#, vec![good; count].join(","));
        Form::Traccar.parse(&who, payload.as_bytes(), 20.0).map(|message| message.items.len())
    };
    assert_eq!(many(200), Ok(200));
    assert_eq!(many(201).unwrap_err().code(), "too_many_fixes");
}

#[test]
fn refusals_name_the_field_as_the_form_spells_it() {
    for (form, payload, says) in [
        (Form::OwnTracks, r#"{"lat":1}"#, "_type is missing"),
        (Form::OwnTracks, r#"{"_type":7}"#, "_type is not a text"),
        (Form::OwnTracks, r#"{"_type":"location","lat":1,"lon":2}"#, "tst is missing"),
        (Form::OwnTracks, r#"{"_type":"location","lat":"1"}"#, "lat is not a number"),
        (Form::OwnTracks, "[]", "expected a JSON object"),
        (Form::Traccar, r#"{"location":{"coords":{}}}"#, "latitude is missing"),
        (Form::Traccar, r#"{"location":{"coords":7}}"#, "expected a JSON object"),
        (
            Form::Traccar,
            r#"{"location":{"coords":{"latitude":1,"longitude":2}}}"#,
            "timestamp is missing",
        ),
        (Form::OsmAnd, "", "lat is missing"),
        (Form::OsmAnd, "lat=1", "lon is missing"),
        (Form::OsmAnd, "location=1", "lon is not a number"),
        (Form::OsmAnd, "lat=1&lon=2", "timestamp is missing"),
        (Form::OsmAnd, "lat=north&lon=2&timestamp=1", "lat is not a number"),
        (Form::OsmAnd, "lat=NaN&lon=2&timestamp=1793601000", "lat is NaN"),
        (Form::OsmAnd, "lat=1&lon=2&timestamp=1793601000&batt=250", "bat is 2.5"),
        (Form::OsmAnd, "lat=1&lon=2&timestamp=1793601000&speed=inf", "spd is inf"),
        (Form::OwnTracks, r#"{"_type":"location","lat":91,"lon":2,"tst":1793601000}"#, "lat is 91"),
    ] {
        let error = match form.parse(&partner("DP-1"), payload.as_bytes(), 20.0) {
            Err(error) => error,
            Ok(message) => message.items[0].fix.clone().unwrap_err(),
        };
        assert!(error.to_string().starts_with(says), "{payload}: {error}");
    }
    let huge = " ".repeat(MESSAGE_BYTES_MAX + 1);
    for form in Form::ALL {
        let error = form.parse(&partner("DP-1"), huge.as_bytes(), 20.0).unwrap_err();
        assert_eq!(error.code(), "too_large", "{form:?}");
        assert_eq!(form.named_partner(huge.as_bytes()), None);
        assert_eq!(Form::from_name(form.name()), Some(form));
    }
}

/// `fix` as each app would write it.
fn written(form: Form, fix: &Fix) -> String {
    let (lat, lon, acc) = (fix.position.y(), fix.position.x(), fix.accuracy_m);
    let (ms, s) = (fix.ts.timestamp_millis(), fix.ts.timestamp());
    match form {
        Form::OwnTracks => {
            format!(r#"{{"_type":"location","lat":{lat:?},"lon":{lon:?},"acc":{acc:?},"tst":{s}}}"#)
        }
        Form::Traccar => format!(
            r#"{{"location":{{"timestamp":"{}","coords":
                {{"latitude":{lat:?},"longitude":{lon:?},"accuracy":{acc:?}}}}}}}"#,
            fix.ts.to_rfc3339()
        ),
        _ => format!("lat={lat}&lon={lon}&accuracy={acc}&timestamp={ms}"),
    }
}

fn fixes() -> impl Strategy<Value = Fix> {
    let any_ms = -100_000_000_000i64..100_000_000;
    (-90.0..=90.0, -180.0..=180.0, 0.0..500.0, any_ms).prop_map(|(lat, lon, acc, ms)| Fix {
        ts: at(ms),
        position: geo_types::Point::new(lon, lat),
        accuracy_m: acc,
        speed_mps: None,
        bearing_deg: None,
        battery: None,
        ..fix(0.0, 0.0, 0.0)
    })
}

proptest! {
    #[test]
    fn the_position_survives_every_form(fix in fixes(), which in 1..Form::ALL.len()) {
        let form = Form::ALL[which];
        // OwnTracks counts seconds.
        let below_s = TimeDelta::milliseconds(fix.ts.timestamp_millis().rem_euclid(1_000));
        let fix = match form {
            Form::OwnTracks => Fix { ts: fix.ts - below_s, ..fix },
            _ => fix,
        };
        prop_assert_eq!(one(form, &written(form, &fix)), Ok(fix));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "\"", "é", "%", "&", "=", "+", "lat=",
            r#""_type":"location""#, r#""coords":{"#, r#""location":"#, r#""location":["#,
            r#""battery":"#, r#""tst":"#, "timestamp=9", "id=",
        ]), 0..30),
    ) {
        for form in Form::ALL {
            for payload in [&bytes[..], parts.concat().as_bytes()] {
                let read = form.parse(&partner("DP-1"), payload, 20.0);
                for item in read.iter().flat_map(|read| &read.items) {
                    prop_assert!(item.fix.as_ref().is_err() || item.raw.len() <= payload.len());
                }
                let _ = form.named_partner(payload);
            }
        }
    }
}
