//! The broker restarts, the link is cut, the platform crashes, all under load: whatever a device had
//! acknowledged is stored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::client::DeviceClient;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::link::Link;
use super::mosquitto::Mosquitto;
use super::{connect, stored};
use crate::host::{Host, until};

const DEVICES: usize = 6;

/// Devices that publish without pause until told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    devices: JoinSet<BTreeSet<String>>,
}

impl Load {
    fn begin(broker: &Mosquitto) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut devices = JoinSet::new();
        for at in 0..DEVICES {
            let (device, _events) = broker.device(&format!("DP-{at}"));
            devices.spawn(drive(device, at, Arc::clone(&stop)));
        }
        Self { stop, devices }
    }

    /// What was acknowledged to the devices.
    async fn end(self) -> BTreeSet<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.devices.join_all().await.into_iter().flatten().collect()
    }
}

async fn drive(device: DeviceClient, number: usize, stop: Arc<AtomicBool>) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut receipts = Vec::new();
        for at in 0..10 {
            let text = format!("{number}/{round}/{at}");
            receipts.push((device.publish(Channel::Location, text.clone()).await.unwrap(), text));
        }
        for (receipt, text) in receipts {
            receipt.acknowledged().await.unwrap();
            acknowledged.insert(text);
        }
        sleep(Duration::from_millis(5)).await;
    }
    acknowledged
}

#[allow(clippy::print_stdout, reason = "the counts are what one wants to know of it")]
async fn all_are_stored(host: &Host, acknowledged: &BTreeSet<String>) {
    assert!(acknowledged.len() > 200, "only {} messages", acknowledged.len());
    until("all that was acknowledged is stored", || acknowledged.is_subset(&stored(host))).await;
    let (stored, received) = (stored(host).len(), host.payloads().len());
    println!("{} acknowledged, {stored} stored, {} twice", acknowledged.len(), received - stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn orderly_restarts_of_the_broker_lose_nothing() {
    let mut broker = Mosquitto::start().await;
    let host = Host::slow(Duration::from_millis(2));
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let load = Load::begin(&broker);
    for _ in 0..3 {
        sleep(Duration::from_millis(700)).await;
        broker.stop().await;
        broker.start_again().await;
    }
    sleep(Duration::from_millis(700)).await;
    all_are_stored(&host, &load.end().await).await;
    assert!(client.stats().reconnects.get() >= 3);
    assert_eq!(client.stats().sessions_lost.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_links_lose_nothing() {
    let broker = Mosquitto::start().await;
    let link = Link::to(broker.platform).await;
    let host = Host::slow(Duration::from_millis(2));
    let client = connect(broker.server_at(link.port), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let load = Load::begin(&broker);
    for _ in 0..20 {
        sleep(Duration::from_millis(120)).await;
        link.cut();
    }
    all_are_stored(&host, &load.end().await).await;
    assert!(client.stats().reconnects.get() >= 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn crashes_of_the_platform_lose_nothing() {
    let broker = Mosquitto::start().await;
    let host = Host::slow(Duration::from_millis(2));
    let first = connect(broker.server(), &host);
    until("connected", || first.stats().connected.get() == 2).await;
    first.shutdown().await;
    let load = Load::begin(&broker);
    for _ in 0..4 {
        // A process of its own, as far as tasks and sockets go; it ends in the middle of things.
        let process = tokio::runtime::Runtime::new().unwrap();
        let _client = {
            let _inside = process.enter();
            connect(broker.server(), &host)
        };
        sleep(Duration::from_millis(500)).await;
        process.shutdown_background();
    }
    let acknowledged = load.end().await;
    let last = connect(broker.server(), &host);
    all_are_stored(&host, &acknowledged).await;
    drop(last);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_what_it_had_not_saved_and_nothing_of_ours() {
    let mut broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let load = Load::begin(&broker);
    sleep(Duration::from_millis(500)).await;
    // Before its first save: it comes back without sessions and without subscriptions.
    broker.kill().await;
    broker.start_again().await;
    until("the sessions are made anew", || client.stats().sessions_lost.get() == 2).await;
    sleep(Duration::from_millis(300)).await;
    load.end().await;
    let (device, _events) = broker.device("DP-last");
    device.publish(Channel::Location, "last").await.unwrap().acknowledged().await.unwrap();
    until("it goes on", || stored(&host).contains("last")).await;
}
