//! Mosquitto's command line clients against the gateway. They must be installed.

use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_mqtt::Channel;
use logistics_mqtt::gateway::{Gateway, Topic};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::host::{Host, manifest, partner, start, until};
use crate::pki::Files;

fn command(program: &str, gateway: &Gateway, arguments: &[&str]) -> Command {
    let address = gateway.local_addrs()[0];
    let mut command = Command::new(program);
    command
        .args(["-h", "127.0.0.1", "-p", &address.port().to_string()])
        .args(arguments)
        .kill_on_drop(true);
    command
}

async fn publish(gateway: &Gateway, arguments: &[&str]) -> Output {
    let run = command("mosquitto_pub", gateway, arguments).output();
    let output = timeout(Duration::from_secs(10), run).await.expect("mosquitto_pub hangs");
    output.expect("mosquitto_pub (Debian package mosquitto-clients) must be installed")
}

/// Publishes a fix of DP-1 over TLS with these files.
pub(crate) async fn publish_tls(gateway: &Gateway, files: &Files, version: &str) -> Output {
    let own = files.arguments();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    publish_fix(gateway, &[&["-V", version], &own[..]].concat()).await
}

pub(crate) async fn publish_without_certificate(gateway: &Gateway, files: &Files) -> Output {
    let authority = files.path("ca.pem").display().to_string();
    publish_fix(gateway, &["--cafile", &authority]).await
}

async fn publish_fix(gateway: &Gateway, arguments: &[&str]) -> Output {
    let fix = ["-i", "DP-1", "-q", "1", "-t", "logistics/dp/DP-1/location", "-m", "fix"];
    publish(gateway, &[arguments, &fix].concat()).await
}

fn subscribe(gateway: &Gateway, arguments: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = command("mosquitto_sub", gateway, arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("mosquitto_sub (Debian package mosquitto-clients) must be installed");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = timeout(Duration::from_secs(10), lines.next_line()).await;
    line.expect("mosquitto_sub prints nothing").unwrap().expect("mosquitto_sub ended")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_is_published_and_acknowledged_after_the_commit() {
    for (version, qos) in [("mqttv311", "1"), ("mqttv5", "1"), ("mqttv311", "0"), ("mqttv5", "0")] {
        let host = Host::slow(Duration::from_millis(200));
        let gateway = start(&host).await;
        let topic = "logistics/dp/DP-7/location";
        let started = Instant::now();
        let output = publish(&gateway, &["-V", version, "-q", qos, "-t", topic, "-m", "fix"]).await;
        assert!(output.status.success(), "{version}: {output:?}");
        if qos == "1" {
            assert!(started.elapsed() >= Duration::from_millis(200), "acknowledged too early");
        }
        until("the message is stored", || host.payloads() == ["fix"]).await;
        let messages = host.messages.lock().unwrap();
        let expected = Topic::Partner { partner: partner("DP-7"), channel: Channel::Location };
        assert_eq!(messages[0].topic, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_id_as_client_id_narrows_the_topics() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (version, topic) in [
        ("mqttv311", "logistics/dp/DP-2/location"),
        ("mqttv5", "logistics/dp/DP-2/location"),
        ("mqttv311", "logistics/dp/DP-1/manifest"),
        ("mqttv5", "logistics/dp/DP-1/manifest"),
    ] {
        let arguments = ["-V", version, "-i", "DP-1", "-q", "1", "-t", topic, "-m", "x"];
        publish(&gateway, &arguments).await;
        let last = host.messages.lock().unwrap().pop().expect("the host sees it");
        assert!(matches!(last.topic, Topic::Forbidden { .. }), "{last:?}");
    }
    assert_eq!(gateway.stats().forbidden.get(), 4);
    assert_eq!(gateway.stats().acks.get(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_retained_and_updates_are_pushed() {
    for version in ["mqttv311", "mqttv5"] {
        let host = Arc::new(Host::default());
        let gateway = start(&host).await;
        let first = manifest(1, r#"{"version":1}"#);
        host.store("DP-1", &first);
        // %r is the retain flag.
        let format = ["-V", version, "-q", "1", "-F", "%r %t %p"];
        let topic = "logistics/dp/DP-1/manifest";
        let (_own, mut own) =
            subscribe(&gateway, &[&format[..], &["-i", "DP-1", "-t", topic]].concat());
        assert_eq!(next(&mut own).await, format!(r#"1 {topic} {{"version":1}}"#));
        let (_all, mut all) =
            subscribe(&gateway, &[&format[..], &["-t", "logistics/dp/+/manifest"]].concat());
        assert_eq!(next(&mut all).await, format!(r#"1 {topic} {{"version":1}}"#));
        let second = manifest(2, r#"{"version":2}"#);
        host.store("DP-1", &second);
        assert_eq!(gateway.publish_manifest(&partner("DP-1"), &second), 2);
        assert_eq!(next(&mut own).await, format!(r#"0 {topic} {{"version":2}}"#));
        assert_eq!(next(&mut all).await, format!(r#"0 {topic} {{"version":2}}"#));
        until("both confirm both", || gateway.stats().manifests_acked.get() == 4).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_manifest_is_refused() {
    let host = Arc::new(Host::default());
    host.store("DP-2", &manifest(1, "secret"));
    let gateway = start(&host).await;
    for version in ["mqttv311", "mqttv5"] {
        let arguments =
            ["-V", version, "-i", "DP-1", "-t", "logistics/dp/DP-2/manifest", "-W", "2"];
        let run = command("mosquitto_sub", &gateway, &arguments).output().await.unwrap();
        let said = String::from_utf8_lossy(&run.stderr).to_lowercase();
        assert!(run.stdout.is_empty(), "{run:?}");
        assert!(said.contains("denied") || said.contains("rejected"), "{version}: {run:?}");
    }
    assert_eq!(gateway.stats().subscriptions_refused.get(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_of_a_long_day_arrives_whole() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let long = "0123456789".repeat(10_000);
    host.store("DP-1", &manifest(1, long.clone()));
    let topic = "logistics/dp/DP-1/manifest";
    let (_sub, mut lines) = subscribe(&gateway, &["-i", "DP-1", "-q", "1", "-t", topic]);
    assert_eq!(next(&mut lines).await, long);
}
