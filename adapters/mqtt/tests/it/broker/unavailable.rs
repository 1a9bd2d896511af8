//! A host that cannot store: nothing is acknowledged, everything comes again; a slow one holds the
//! broker back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::broker::BrokerConfig;
use logistics_mqtt::gateway::{Disposition, Rejection};
use tokio::time::sleep;

use super::mosquitto::Mosquitto;
use super::{connect, connect_with, quick, stored};
use crate::host::{Host, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_stored_comes_again_until_it_can() {
    let broker = Mosquitto::start().await;
    let failures = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&failures);
    let host = Host::answering(move |message| {
        // The first hundred times, every third message.
        let third = message.payload.last().is_some_and(|byte| byte % 3 == 0);
        if third && count.fetch_add(1, Ordering::Relaxed) < 100 {
            Disposition::Unavailable
        } else if message.payload.starts_with(b"bad") {
            Disposition::Rejected(Rejection::Malformed)
        } else {
            Disposition::Stored
        }
    });
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let (device, _events) = broker.device("DP-1");
    for at in 0..100 {
        device.publish(Channel::Location, at.to_string()).await.unwrap();
    }
    device.publish(Channel::Event, "bad").await.unwrap().acknowledged().await.unwrap();
    let stats = client.stats();
    until("all are stored", || stats.stored.get() >= 100 && stored(&host).len() == 101).await;
    until("nothing is left", || stats.acked.get() == stats.stored.get() + 1).await;
    assert_eq!(stats.unavailable.get(), 100);
    assert_eq!(stats.rejected_malformed.get(), 1);
    assert!(stats.reconnects.get() > 0 && stats.redelivered.get() > 0);
    // All is acknowledged: nothing comes to the next process.
    client.shutdown().await;
    let before = host.payloads().len();
    let again = connect(broker.server(), &host);
    until("connected", || again.stats().connected.get() == 2).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(host.payloads().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_host_gets_no_more_than_it_can_take() {
    // A broker that sends without waiting for acknowledgements.
    let broker = Mosquitto::start_with(|text| {
        text.replace("max_inflight_messages 200", "max_inflight_messages 0")
    })
    .await;
    let host = Host::slow(Duration::from_millis(20));
    let config = BrokerConfig { in_flight_max: 10, ..quick() };
    let client = connect_with(broker.server(), config, &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let (device, _events) = broker.device("DP-1");
    let mut receipts = Vec::new();
    for at in 0..400 {
        receipts.push(device.publish(Channel::Location, at.to_string()).await.unwrap());
    }
    for receipt in receipts {
        receipt.acknowledged().await.unwrap();
    }
    until("all are stored", || stored(&host).len() == 400).await;
    let largest = host.batches.lock().unwrap().iter().copied().max().unwrap();
    assert!(largest <= 10, "{largest} were in flight");
    assert_eq!(client.stats().reconnects.get(), 0);
    assert_eq!(host.payloads().len(), 400, "none twice");
}
