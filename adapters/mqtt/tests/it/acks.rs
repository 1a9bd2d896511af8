//! PUBACK: when it leaves, in which order, and what it says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::host::{Host, start, until};
use crate::wire::{Hello, V5, V311, Wire};

const DELAY: Duration = Duration::from_millis(200);
const LOCATION: &str = "logistics/dp/DP-1/location";

#[tokio::test]
async fn rumqttc_4_waits_for_the_commit() {
    use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
    let host = Host::slow(DELAY);
    let gateway = start(&host).await;
    let options = MqttOptions::new("DP-1", "127.0.0.1", gateway.local_addrs()[0].port());
    let (client, mut events) = AsyncClient::new(options, 10);
    let started = Instant::now();
    client.publish(LOCATION, QoS::AtLeastOnce, false, "fix").await.unwrap();
    let acknowledged = async {
        while !matches!(events.poll().await.unwrap(), Event::Incoming(Incoming::PubAck(_))) {}
    };
    timeout(Duration::from_secs(10), acknowledged).await.unwrap();
    assert!(started.elapsed() >= DELAY, "acknowledged after {:?}", started.elapsed());
    assert_eq!(host.payloads(), ["fix"]);
}

#[tokio::test]
async fn rumqttc_5_waits_for_the_commit() {
    use rumqttc::v5::mqttbytes::QoS;
    use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
    let host = Host::slow(DELAY);
    let gateway = start(&host).await;
    let options = MqttOptions::new("DP-1", "127.0.0.1", gateway.local_addrs()[0].port());
    let (client, mut events) = AsyncClient::new(options, 10);
    let started = Instant::now();
    client.publish(LOCATION, QoS::AtLeastOnce, false, "fix").await.unwrap();
    let acknowledged = async {
        loop {
            match events.poll().await.unwrap() {
                Event::Incoming(Incoming::PubAck(ack)) => return ack,
                Event::Incoming(Incoming::ConnAck(ack)) => {
                    let limits = ack.properties.unwrap();
                    assert_eq!(limits.receive_max, Some(20));
                    assert_eq!(limits.max_packet_size, Some(128 * 1024));
                    assert_eq!(limits.max_qos, Some(1));
                }
                _ => {}
            }
        }
    };
    timeout(Duration::from_secs(10), acknowledged).await.unwrap();
    assert!(started.elapsed() >= DELAY, "acknowledged after {:?}", started.elapsed());
    assert_eq!(host.payloads(), ["fix"]);
}

#[tokio::test]
async fn messages_and_acknowledgements_keep_their_order() {
    let host = Host::slow(Duration::from_millis(20));
    let gateway = start(&host).await;
    for level in [V311, V5] {
        host.messages.lock().unwrap().clear();
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        let bytes: Vec<u8> = (1..=10)
            .flat_map(|id| wire.publish_bytes(Some(id), LOCATION, id.to_string().as_bytes()))
            .collect();
        wire.send(&bytes).await;
        for id in 1..=10 {
            assert_eq!(wire.next().await, Some((0x40, vec![0, id])));
        }
        assert_eq!(host.payloads(), (1..=10).map(|id| id.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn quality_of_service_0_is_stored_and_not_acknowledged() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for level in [V311, V5] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        wire.publish(None, LOCATION, b"x").await;
        wire.send(&[0xC0, 0]).await;
        assert_eq!(wire.next().await, Some((0xD0, vec![])), "nothing but the PINGRESP");
        until("stored", || host.payloads().len() == usize::from(level - 3)).await;
        assert!(wire.is_silent(Duration::from_millis(50)).await);
    }
}
