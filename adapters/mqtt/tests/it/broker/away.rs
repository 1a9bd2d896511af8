//! The platform goes and comes back: what was published meanwhile arrives, and nothing twice.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;

use super::mosquitto::Mosquitto;
use super::{connect, stored};
use crate::host::{Host, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_meanwhile_arrives() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let (device, _events) = broker.device("DP-1");
    device.publish(Channel::Location, "before").await.unwrap().acknowledged().await.unwrap();
    until("stored", || stored(&host).len() == 1).await;
    client.shutdown().await;
    for at in 0..1_500 {
        device.publish(Channel::Location, at.to_string()).await.unwrap();
    }
    device.publish(Channel::Location, "after").await.unwrap().acknowledged().await.unwrap();
    assert_eq!(stored(&host).len(), 1);
    let again = connect(broker.server(), &host);
    // More than Mosquitto keeps of itself.
    until("all are stored", || stored(&host).len() == 1_502).await;
    let stats = again.stats();
    until("all are acknowledged", || stats.acked.get() == stats.stored.get()).await;
    assert_eq!(again.stats().sessions_lost.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_twice_after_an_orderly_end_under_load() {
    let broker = Mosquitto::start().await;
    let host = Host::slow(Duration::from_millis(5));
    let mut client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let (device, _events) = broker.device("DP-1");
    let mut receipts = Vec::new();
    for at in 0..900 {
        receipts.push(device.publish(Channel::Location, at.to_string()).await.unwrap());
        if at % 300 == 299 {
            // Drain, acknowledge, say goodbye; then a new process.
            client.shutdown().await;
            assert_eq!(client.stats().acked.get(), client.stats().stored.get());
            client = connect(broker.server(), &host);
        }
    }
    for receipt in receipts {
        receipt.acknowledged().await.unwrap();
    }
    until("all are stored", || stored(&host).len() == 900).await;
    assert_eq!(host.payloads().len(), 900, "none twice");
}
