//! The rules of the documented Mosquitto configuration: who may publish and read what.

use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::broker::{BrokerConfig, Topic};
use tokio::time::timeout;

use super::mosquitto::Mosquitto;
use super::{connect, connect_with, quick, stored};
use crate::host::{Host, partner, until};
use crate::pki::{Authority, Credential};

async fn run(broker: &Mosquitto, program: &str, own: &Credential, arguments: &[&str]) -> Output {
    let (mut command, _files) = broker.tool(program, own);
    let output = command.args(["-q", "1", "-V", "mqttv5"]).args(arguments).output();
    timeout(Duration::from_secs(20), output).await.expect("it hangs").expect("mosquitto-clients")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_publishes_under_its_own_id_only() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let own = broker.authority.named("DP-1");
    for channel in Channel::ALL {
        for partner in ["DP-1", "DP-2", "logistics-platform", "+"] {
            let topic = format!("logistics/dp/{partner}/{}", channel.as_str());
            let output = run(&broker, "mosquitto_pub", &own, &["-t", &topic, "-m", &topic]).await;
            let is_own = partner == "DP-1" && channel.is_written_by_devices();
            let is_refused = !output.status.success() || said(&output).contains("not authorized");
            assert_eq!(is_refused, !is_own, "{topic}: {output:?}");
        }
    }
    let own_topics = Channel::ALL.into_iter().filter(|channel| channel.is_written_by_devices());
    let expected = own_topics.map(|channel| format!("logistics/dp/DP-1/{}", channel.as_str()));
    let expected = expected.collect();
    until("its own messages are stored", || stored(&host).len() >= 5).await;
    assert_eq!(stored(&host), expected);
    client.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_with_own_tracks_is_the_user_of_its_topic() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let config = BrokerConfig { own_tracks: true, ..quick() };
    let client = connect_with(broker.server(), config, &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let own = broker.authority.named("DP-1");
    for (topic, is_let) in [
        ("owntracks/DP-2/phone", false),
        ("owntracks/DP-1/phone/event", false),
        ("owntracks/DP-1/phone", true),
    ] {
        let output = run(&broker, "mosquitto_pub", &own, &["-t", topic, "-m", topic]).await;
        let is_refused = !output.status.success() || said(&output).contains("not authorized");
        assert_eq!(is_refused, !is_let, "{topic}: {output:?}");
    }
    until("stored", || stored(&host).len() == 1).await;
    let topic = host.messages.lock().unwrap()[0].topic.clone();
    assert_eq!(topic, Topic::OwnTracks { partner: partner("DP-1") });
    client.shutdown().await;
    // Not wanted, it is not subscribed to: in another session nothing comes.
    let other = BrokerConfig { client_id: "other".to_owned(), ..quick() };
    let client = connect_with(broker.server(), other, &host);
    until("connected", || client.stats().connected.get() == 2).await;
    for topic in ["owntracks/DP-1/phone", "logistics/dp/DP-1/location"] {
        run(&broker, "mosquitto_pub", &own, &["-t", topic, "-m", "later"]).await;
    }
    until("what is wanted is stored", || host.payloads().len() == 2).await;
    assert_eq!(client.stats().received.get(), 1);
    client.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_reads_its_own_manifest_only() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    for id in ["DP-1", "DP-2"] {
        host.store(id, &crate::host::manifest(1, format!("stops of {id}")));
    }
    let client = connect(broker.server(), &host);
    until("both are out", || client.stats().manifests_published.get() == 2).await;
    let own = broker.authority.named("DP-1");
    let read = ["-W", "2", "-t", "logistics/dp/+/manifest", "-t", "logistics/dp/+/location"];
    let output = run(&broker, "mosquitto_sub", &own, &read).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "stops of DP-1\n", "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_name_does_not_help_a_device() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let own = broker.authority.named("DP-1");
    let arguments =
        ["-i", "logistics-platform", "-t", "logistics/dp/DP-1/location", "-m", "still DP-1's"];
    let output = run(&broker, "mosquitto_pub", &own, &arguments).await;
    assert!(output.status.success(), "{output:?}");
    until("stored", || stored(&host).len() == 1).await;
    assert_eq!(client.stats().reconnects.get(), 0, "the platform's session was taken over");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_not_let_in() {
    let broker = Mosquitto::start().await;
    let arguments = ["-t", "logistics/dp/DP-1/location", "-m", "x"];
    let foreign = Authority::new("devices").named("DP-1");
    let output = run(&broker, "mosquitto_pub", &foreign, &arguments).await;
    assert!(!output.status.success(), "a foreign authority: {output:?}");
    let own = broker.authority.named("DP-1");
    let (_, files) = broker.tool("mosquitto_pub", &own);
    let bare = tokio::process::Command::new("mosquitto_pub")
        .args(["-h", "localhost", "-p", &broker.devices.to_string(), "-q", "1", "--cafile"])
        .arg(files.path("ca.pem"))
        .args(arguments)
        .output();
    let output = bare.await.unwrap();
    assert!(!output.status.success(), "no certificate: {output:?}");
}
