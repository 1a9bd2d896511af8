//! The program `zones`: its forms of input and output, its errors.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const WARDS: &str = r#"{"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": 7, "properties": {"@id": "relation/1"}, "geometry":
        {"type": "Polygon", "coordinates": [[[0, 0], [0.3, 0], [0.3, 0.1], [0, 0.1], [0, 0]]]}},
    {"type": "Feature", "properties": {"@id": "relation/2"}, "geometry":
        {"type": "MultiPolygon", "coordinates": [[[[0.1, 0], [0.2, 0], [0.2, 0.2], [0.1, 0.2], [0.1, 0]]]]}}
]}"#;

const BOW_TIE: &str = r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry":
    {"type": "Polygon", "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]}}]}"#;

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn zones() -> Command {
    Command::new(env!("CARGO_BIN_EXE_zones"))
}

/// The output lines as JSON.
fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(output.status.success(), "{output:?}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn with_input(command: &mut Command, input: &str) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// No output, one line on standard error that holds `text`, exit code 2.
fn check_refused(command: &mut Command, text: &str) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty());
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(text), "{error}");
}

#[test]
fn locate_gives_the_zones_of_each_point() {
    let files = Files::new();
    let wards = files.with("wards.geojson", WARDS);
    let points =
        files.with("points.csv", "lon,lat\n0.15,0.05\n0.1,0.1\n0.30000000000000004,0\n5,5\n");
    let output =
        zones().args(["locate", "--id-property", "@id"]).args([&wards, &points]).output().unwrap();
    let at = |zone: &str, at: &str| json!({"zone": zone, "at": at});
    assert_eq!(
        lines(&output),
        [
            json!({"lon": 0.15, "lat": 0.05, "zones": [at("relation/1", "interior"), at("relation/2", "interior")]}),
            json!({"lon": 0.1, "lat": 0.1, "zones": [at("relation/1", "boundary"), at("relation/2", "boundary")]}),
            // One ulp beyond 0.3.
            json!({"lon": 0.30000000000000004, "lat": 0.0, "zones": []}),
            json!({"lon": 5.0, "lat": 5.0, "zones": []}),
        ]
    );
    let output = zones().arg("locate").args([&wards, &points]).output().unwrap();
    assert_eq!(lines(&output)[0]["zones"][0]["zone"], "7");
    assert_eq!(lines(&output)[0]["zones"][1]["zone"], "#1");
}

#[test]
fn half_open_gives_a_shared_border_to_one_side() {
    let halves = r#"{"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": "west", "properties": {}, "geometry":
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}},
        {"type": "Feature", "id": "east", "properties": {}, "geometry":
            {"type": "Polygon", "coordinates": [[[1, 0], [2, 0], [2, 1], [1, 1], [1, 0]]]}}
    ]}"#;
    let files = Files::new();
    let wards = files.with("halves.geojson", halves);
    let points = files.with("points.csv", "lon,lat\n1,0.5\n1,0\n0,0\n2,0.5\n");
    let located = |flags: &[&str]| {
        let output = zones().arg("locate").args(flags).args([&wards, &points]).output().unwrap();
        let of = |line: &Value| {
            let zones = line["zones"].as_array().unwrap();
            assert!(zones.iter().all(|zone| zone["at"] == "boundary"), "{line}");
            zones.iter().map(|zone| zone["zone"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        lines(&output).iter().map(of).collect::<Vec<_>>()
    };
    let both = ["west", "east"];
    assert_eq!(located(&[]), [&both[..], &both, &["west"], &["east"]]);
    assert_eq!(located(&["--half-open"]), [&["east"][..], &["east"], &["west"], &[]]);
    let trace =
        files.with("trace.csv", "device_id,timestamp_utc,lat,lon\nd,2026-01-05T04:00:00Z,0.5,1\n");
    let entered = |flags: &[&str]| {
        let mut command = zones();
        command.arg("crossings").args(flags).args([&wards, &trace]);
        lines(&command.output().unwrap()).len()
    };
    assert_eq!((entered(&[]), entered(&["--half-open"])), (2, 1));
}

#[test]
fn bad_files_are_one_line_and_exit_code_2() {
    let files = Files::new();
    let wards = files.with("wards.geojson", WARDS);
    let points = files.with("points.csv", "lon,lat\n1,1\n");
    let locate = |zones_file: &PathBuf, points_file: &PathBuf| {
        let mut command = zones();
        command.arg("locate").args([zones_file, points_file]);
        command
    };
    let missing = files.0.path().join("none.geojson");
    check_refused(&mut locate(&missing, &points), "none.geojson");
    let cut = files.with("cut.geojson", &WARDS[..200]);
    check_refused(&mut locate(&cut, &points), "broken JSON at byte 199");
    let double = files.with("double.geojson", &format!("{WARDS}\n{WARDS}"));
    check_refused(&mut locate(&double, &points), "trailing_data");
    let bow_tie = files.with("bow_tie.geojson", BOW_TIE);
    check_refused(&mut locate(&bow_tie, &points), "feature 0 (#0): self_intersection");
    let headless = files.with("headless.csv", "1,1\n");
    check_refused(&mut locate(&wards, &headless), "no column \"lon\"");
    let words = files.with("words.csv", "lon,lat\n1,1\n1,north\n");
    check_refused(&mut locate(&wards, &words), "line 3");
    let swapped = files.with("swapped.csv", "lon,lat\n18.5,173.8\n");
    check_refused(&mut locate(&wards, &swapped), "lat 173.8 is not a place on earth");
    let output = zones().arg("no-such-command").output().unwrap();
    assert_eq!(output.status.code(), Some(2));

    let output = locate(&bow_tie, &points).args(["--policy", "even-odd"]).output().unwrap();
    assert_eq!(lines(&output).len(), 1);
    assert!(String::from_utf8(output.stderr).unwrap().contains("warning: feature 0"));
}

#[test]
fn classify_answers_every_line_in_order() {
    let square =
        json!({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]});
    let bow_tie =
        json!({"type": "Polygon", "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]});
    let far = json!({"type": "MultiPolygon", "coordinates": [[[[-1e308, 0], [1e308, -1e308], [1e308, 1e308], [-1e308, 0]]]]});
    let open = json!({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4]]]});
    let question = |name: &str, geometry: &Value, x: &str| {
        format!(r#"{{"name": "{name}", "extra": [1], "geometry": {geometry}, "point": [{x}, 2]}}"#)
    };
    let input = [
        question("in", &square, "2"),
        question("on", &square, "4.0"),
        question("one ulp out", &square, "4.000000000000001"),
        String::new(),
        question("even-odd", &bow_tie, "1"),
        question("far", &far, "-1e308"),
        question("tiny", &square, "5e-324"),
        question("open", &open, "3"),
        question("closed by an edge", &open, "2"),
        question("outside of it", &open, "1"),
        "{".to_owned(),
        r#"{"name": 9, "point": [1, 2]}"#.to_owned(),
        r#"{"name": 9, "geometry": null, "point": "here"}"#.to_owned(),
        question("no area to ask for", &json!({"type": "Point", "coordinates": [1, 2]}), "1"),
        question("no numbers", &json!({"type": "Polygon", "coordinates": [[["1", "2"]]]}), "1"),
    ];
    let answers = lines(&with_input(zones().arg("classify"), &input.join("\n")));
    let known = |name: &str, position: &str| json!({"name": name, "position": position});
    assert_eq!(
        answers[..9],
        [
            known("in", "interior"),
            known("on", "boundary"),
            known("one ulp out", "exterior"),
            known("even-odd", "interior"),
            known("far", "exterior"),
            known("tiny", "interior"),
            known("open", "interior"),
            known("closed by an edge", "boundary"),
            known("outside of it", "exterior"),
        ]
    );
    let errors: Vec<_> = answers[9..].iter().map(|a| (&a["name"], &a["error"]["code"])).collect();
    assert_eq!(
        errors,
        [
            (&json!(null), &json!("broken_json")),
            (&json!(9), &json!("null_geometry")),
            (&json!(9), &json!("null_geometry")),
            (&json!("no area to ask for"), &json!("wrong_type")),
            (&json!("no numbers"), &json!("not_a_number")),
        ]
    );
}

#[test]
fn segments_answers_every_line_in_order() {
    let geometry = json!({"type": "Polygon", "coordinates": [
        [[0, 0], [8, 0], [8, 8], [0, 8], [0, 0]], [[4, 4], [6, 6], [2, 6], [4, 4]]]});
    let question = |from: [f64; 2], to: [f64; 2]| {
        json!({"name": [1], "geometry": geometry, "from": from, "to": to}).to_string()
    };
    let input = [
        question([1.0, 4.0], [8.0, 4.0]),
        question([-1.0, 0.0], [9.0, 0.0]),
        question([1.0, 1.0], [1.0, 1.0]),
    ];
    let answers = lines(&with_input(zones().arg("segments"), &input.join("\n")));
    let answer = |start, end, interior, boundary, runs: usize| {
        json!({"name": [1], "start": start, "end": end, "meets_interior": interior,
            "meets_boundary": boundary, "interior_runs": runs})
    };
    assert_eq!(
        answers,
        [
            answer("interior", "boundary", true, true, 2),
            answer("exterior", "exterior", false, true, 0),
            answer("interior", "interior", true, false, 0),
        ]
    );
    let drawn = json!({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4]]]},
        "from": [0, 1], "to": [4, 1]});
    let open = lines(&with_input(zones().arg("segments"), &drawn.to_string()));
    let expected = json!({"name": null, "start": "exterior", "end": "boundary",
        "meets_interior": true, "meets_boundary": true, "interior_runs": 1});
    assert_eq!(open, [expected]);
    let broken = lines(&with_input(zones().arg("segments"), r#"{"name": 1, "from": [0, 0]}"#));
    assert_eq!(broken[0]["error"]["code"], "wrong_type");
}

#[test]
fn crossings_follow_each_device() {
    let files = Files::new();
    let wards = files.with("wards.geojson", WARDS);
    let trace = files.with(
        "trace.csv",
        "device_id,timestamp_utc,lat,lon,accuracy,speed\n\
         a,2026-01-05T04:00:00.000Z,0.15,0.095,,\n\
         b,2026-01-05T04:00:00Z,0.05,0.05,90,\n\
         b,2026-01-05T04:00:01Z,0.05,0.05,5,\n\
         a,2026-01-05T04:08:00.000Z,0.15,0.205,,\n",
    );
    let run = |flags: &[&str]| {
        let mut command = zones();
        command.args(["crossings", "--id-property", "@id", "--zone-set-version", "4"]);
        lines(&command.args(flags).args([&wards, &trace]).output().unwrap())
    };
    let events = run(&[]);
    let of = |e: &Value| {
        [&e["device"], &e["type"], &e["zone"], &e["cause"]].map(|v| v.as_str().unwrap().to_owned())
    };
    assert_eq!(
        events.iter().map(of).collect::<Vec<_>>(),
        [["b", "enter", "relation/1", "first_fix"], ["a", "cross", "relation/2", "movement"]]
    );
    let cross = &events[1];
    assert_eq!(cross["decided_at"], "2026-01-05T04:08:00Z");
    assert_eq!(cross["at"], "2026-01-05T04:00:21.818Z");
    assert_eq!(cross["left_at"], "2026-01-05T04:07:38.182Z");
    assert_eq!(cross["zone_set_version"], 4);
    assert!(cross["confidence"].as_f64().unwrap() > 0.99);

    let naive = run(&["--naive"]);
    assert_eq!(
        naive.iter().map(of).collect::<Vec<_>>(),
        [["b", "enter", "relation/1", "first_fix"]]
    );
    assert_eq!(naive[0]["at"], "2026-01-05T04:00:00Z");
    assert!(run(&["--max-accuracy", "100"]).len() == 2);
}
