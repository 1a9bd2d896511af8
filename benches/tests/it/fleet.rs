//! The program `fleet`: a small fleet against the real server, which the workspace's build puts beside
//! it.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn fleet(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet"));
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn check_clean(arguments: &[&str]) -> Value {
    let size = ["--devices", "6", "--rate", "120", "--seconds", "2"];
    let output = fleet(&[&size, arguments].concat());
    assert!(output.status.success(), "{output:?}");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(line["sent"].as_u64().unwrap() >= 120, "{line}");
    assert_eq!((&line["acked"], &line["stored"]), (&line["sent"], &line["sent"]), "{line}");
    assert_eq!((&line["lost"], &line["duplicated"]), (&0.into(), &0.into()), "{line}");
    assert!(line["puback_p99_ms"].as_f64() >= line["puback_p50_ms"].as_f64(), "{line}");
    for figure in ["handshake_s", "server_rss_mb", "fixes_per_s"] {
        assert!(line[figure].as_f64().is_some_and(|value| value > 0.0), "{figure}: {line}");
    }
    // Linux counts in hundredths of a second, which so few fixes may not take.
    assert!(line["server_cpu_us_per_fix"].as_f64().is_some(), "{line}");
    line
}

#[test]
fn nothing_is_lost_over_mutual_tls() {
    assert_eq!(check_clean(&[])["transport"], "mtls");
}

#[test]
fn nothing_is_lost_in_batches_over_plain_tcp() {
    let line = check_clean(&["--plain", "--batch", "20"]);
    assert_eq!((&line["transport"], &line["batch"]), (&"tcp".into(), &20.into()));
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let output = fleet(&["--server", "/nowhere/logistics-server"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("fleet: no /nowhere/logistics-server: build it"), "{error}");
}
