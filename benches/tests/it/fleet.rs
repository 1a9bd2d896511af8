//! The program `fleet`: a small fleet against the real server, which the workspace's build puts beside
//! it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

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
fn storms_and_backlogs_lose_nothing() {
    let line = check_clean(&["--storms", "3", "--backlog", "50", "--batch", "10"]);
    // Six devices with fifty fixes each, before their turns.
    assert!(line["sent"].as_u64().unwrap() >= 300 + 120, "{line}");
    for figure in ["backlog_s", "reconnect_s"] {
        assert!(line[figure].as_f64().is_some_and(|value| value > 0.0), "{figure}: {line}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let output = fleet(&["--server", "/nowhere/logistics-server"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("fleet: no /nowhere/logistics-server: build it"), "{error}");
}

/// The server that this process has started: its process, and its folder.
fn server_of(fleet: u32) -> Option<(u32, PathBuf)> {
    let read = |pid: u32, file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
    let pids = fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find_map(|pid: u32| {
        let is_child = read(pid, "status")?.lines().any(|line| line == format!("PPid:\t{fleet}"));
        let words = read(pid, "cmdline").filter(|_| is_child)?;
        let mut words = words.split('\0').skip_while(|word| *word != "--data");
        let is_server = read(pid, "cmdline")?.contains("\0serve\0");
        words.nth(1).filter(|_| is_server).map(|folder| (pid, folder.into()))
    })
}

fn runs(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

#[track_caller]
fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_signal_leaves_the_server_behind() {
    for signal in ["TERM", "INT", "KILL"] {
        let mut fleet = Command::new(env!("CARGO_BIN_EXE_fleet"))
            .args(["--devices", "2", "--rate", "20", "--seconds", "60"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let (server, folder) = eventually("a server", || server_of(fleet.id()));
        // Far enough that devices are enrolled, or about to be.
        eventually("its data", || folder.join("certificates").is_dir().then_some(()));
        let pid = fleet.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert!(!fleet.wait().unwrap().success());
        eventually(signal, || (!runs(server) && !folder.exists()).then_some(()));
    }
}
