//! What a broker lets through and nobody can use: it is acknowledged, and the rest goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logistics_mqtt::gateway::{Disposition, Rejection, Topic};
use rumqttc::{AsyncClient, MqttOptions, QoS};

use super::mosquitto::Mosquitto;
use super::{connect, stored};
use crate::host::{Host, until};

/// Anybody may publish anything of any size, in plain.
fn lawless(text: &str) -> String {
    let devices = text.find("# Devices.").unwrap();
    let platform = text.find("# The platform").unwrap();
    let listener = text[devices..].lines().find(|line| line.starts_with("listener")).unwrap();
    let open = text.replace("message_size_limit 131072", "");
    let open = open.replace(&text[devices..platform], &format!("{listener}\n\n"));
    let open = open.replace("allow_anonymous false", "allow_anonymous true");
    open.lines().filter(|line| !line.starts_with("acl_file")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_never_wedges_the_session() {
    let broker = Mosquitto::start_with(lawless).await;
    let host = Host::answering(|message| match message.topic {
        Topic::Partner { .. } if message.payload.is_ascii() => Disposition::Stored,
        Topic::Partner { .. } => Disposition::Rejected(Rejection::Malformed),
        _ => Disposition::Rejected(Rejection::UnknownTopic),
    });
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let mut options = MqttOptions::new("stranger", "127.0.0.1", broker.devices);
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (stranger, mut events) = AsyncClient::new(options, 100);
    tokio::spawn(async move { while events.poll().await.is_ok() {} });
    let long_id = format!("logistics/dp/{}/location", "x".repeat(500));
    let own = "logistics/dp/DP-1/location";
    let messages: [(&str, QoS, Vec<u8>); 9] = [
        (own, QoS::AtLeastOnce, vec![b'x'; 300_000]),
        (own, QoS::AtLeastOnce, vec![0xFF; 1_000]),
        (own, QoS::AtLeastOnce, Vec::new()),
        (&long_id, QoS::AtLeastOnce, b"whose?".to_vec()),
        ("logistics/dp//location", QoS::AtLeastOnce, b"nobody's".to_vec()),
        ("logistics/dp/DP-1/location/batch/2", QoS::AtLeastOnce, b"foreign".to_vec()),
        ("elsewhere", QoS::AtLeastOnce, b"foreign".to_vec()),
        (own, QoS::AtMostOnce, b"unconfirmed".to_vec()),
        (own, QoS::ExactlyOnce, b"exactly once".to_vec()),
    ];
    for (topic, qos, payload) in messages {
        stranger.publish(topic, qos, false, payload).await.unwrap();
    }
    stranger.publish(own, QoS::AtLeastOnce, true, "good").await.unwrap();
    until("the last one is stored", || stored(&host).contains("good")).await;
    let stats = client.stats();
    until("all is acknowledged", || stats.acked.get() == 7).await;
    assert_eq!(stats.rejected_oversized.get(), 1);
    assert_eq!(stats.rejected_malformed.get(), 1);
    assert_eq!(stats.rejected_unknown_topic.get(), 2);
    assert_eq!(stats.stored.get(), 4);
    assert_eq!(stats.received.get(), 8, "one wants no acknowledgement");
    assert_eq!(stats.reconnects.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_panics_is_asked_again() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let panicked = AtomicBool::new(false);
    *host.answer.lock().unwrap() = Some(Box::new(move |_| {
        assert!(panicked.swap(true, Ordering::Relaxed), "the host fails");
        Disposition::Stored
    }));
    let client = connect(broker.server(), &host);
    let (device, _events) = broker.device("DP-1");
    until("connected", || client.stats().connected.get() == 2).await;
    let receipt = device.publish(logistics_mqtt::Channel::Location, "fix").await.unwrap();
    receipt.acknowledged().await.unwrap();
    until("it comes again", || stored(&host).contains("fix")).await;
    assert_eq!(client.stats().unavailable.get(), 1);
}
