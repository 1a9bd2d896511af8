//! Brokers that owe an answer: the client is made anew, whatever `rumqttc` waits for.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::broker::{BrokerClient, BrokerConfig};
use tokio::time::{sleep, timeout};

use super::connect_with;
use super::fake::{Answers, Fake};
use crate::host::{Host, manifest, partner, until};

fn impatient() -> BrokerConfig {
    BrokerConfig {
        keep_alive: Duration::from_secs(1),
        answer_timeout: Duration::from_millis(400),
        reconnect_min: Duration::from_millis(20),
        reconnect_max: Duration::from_millis(50),
        ..BrokerConfig::default()
    }
}

async fn begin(answers: Answers) -> (Fake, BrokerClient) {
    let fake = Fake::start(answers).await;
    let client = connect_with(fake.server(), impatient(), &Arc::new(Host::default()));
    (fake, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_accepts_and_never_answers_is_given_up() {
    let (fake, client) = begin(Answers::Nothing).await;
    until("both sessions are rebuilt", || client.stats().watchdog_rebuilds.get() >= 4).await;
    assert!(fake.connections() >= 4, "{}", fake.connections());
    assert_eq!(client.stats().connected.get(), 0);
    timeout(Duration::from_secs(2), client.shutdown()).await.expect("it stops all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_not_answered_is_tried_anew() {
    let (_fake, client) = begin(Answers::Connect).await;
    until("rebuilt", || client.stats().watchdog_rebuilds.get() >= 2).await;
    assert!(client.stats().connected.get() <= 1, "the receiving session is not ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_is_not_acknowledged_is_published_anew() {
    let (_fake, client) = begin(Answers::All).await;
    until("connected", || client.stats().connected.get() == 2).await;
    sleep(Duration::from_millis(600)).await;
    assert_eq!(client.stats().watchdog_rebuilds.get(), 0, "nothing is owed");
    client.publish_manifest(&partner("DP-1"), manifest(1, "stops"));
    until("rebuilt", || client.stats().watchdog_rebuilds.get() >= 2).await;
    assert_eq!(client.stats().manifests_published.get(), 0);
    assert!(client.stats().connected.get() >= 1, "the receiving session stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_answers_no_ping_is_given_up() {
    let (_fake, client) = begin(Answers::Subscribe).await;
    until("connected", || client.stats().connected.get() == 2).await;
    until("connected anew", || client.stats().reconnects.get() >= 2).await;
}
