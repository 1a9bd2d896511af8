//! Several sessions share the messages of a group.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::broker::{BrokerClient, BrokerConfig, Share};
use logistics_mqtt::client::DeviceClient;

use super::mosquitto::Mosquitto;
use super::{connect_with, quick, stored};
use crate::host::{Host, until};

fn member(broker: &Mosquitto, name: &str, sessions: u16, host: &Arc<Host>) -> BrokerClient {
    let share = Some(Share { group: "platform".to_owned(), sessions });
    let config = BrokerConfig { client_id: name.to_owned(), share, ..quick() };
    connect_with(broker.server(), config, host)
}

async fn publish(device: &DeviceClient, from: u32, to: u32) {
    let mut receipts = Vec::new();
    for at in from..to {
        receipts.push(device.publish(Channel::Location, at.to_string()).await.unwrap());
    }
    for receipt in receipts {
        receipt.acknowledged().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_split_the_messages_and_one_may_end() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let first = member(&broker, "first", 1, &host);
    let second = member(&broker, "second", 1, &host);
    until("the first is there", || first.stats().connected.get() == 2).await;
    until("the second is there", || second.stats().connected.get() == 2).await;
    let (device, _events) = broker.device("DP-1");
    publish(&device, 0, 400).await;
    until("all are stored", || stored(&host).len() == 400).await;
    assert_eq!(host.payloads().len(), 400, "each goes to one of them");
    for stats in [first.stats(), second.stats()] {
        assert!(stats.stored.get() > 50, "{} of 400", stats.stored.get());
    }
    first.shutdown().await;
    publish(&device, 400, 800).await;
    let while_alone = stored(&host).len();
    assert!(while_alone > 400, "the other one goes on");
    // What the broker kept for the one that was away comes when it is back.
    let back = member(&broker, "first", 1, &host);
    until("all are stored", || stored(&host).len() == 800).await;
    println!("{while_alone} of 800 before it came back, {} by it", back.stats().stored.get());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_may_have_several_sessions() {
    let broker = Mosquitto::start().await;
    let host = Host::slow(Duration::from_millis(1));
    let client = member(&broker, "many", 4, &host);
    until("all are there", || client.stats().connected.get() == 5).await;
    let (device, _events) = broker.device("DP-1");
    publish(&device, 0, 500).await;
    until("all are stored", || stored(&host).len() == 500).await;
    assert_eq!(host.payloads().len(), 500, "each goes to one of them");
    let by: std::collections::BTreeSet<_> =
        host.messages.lock().unwrap().iter().map(|m| m.client_id.to_string()).collect();
    assert_eq!(by.len(), 4, "{by:?}");
}
