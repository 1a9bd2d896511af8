//! What devices say of their link: themselves, and by their last will.

use std::sync::Arc;

use logistics_mqtt::Channel;
use logistics_mqtt::client::{ClientOptions, LastWill};
use logistics_mqtt::gateway::Presence::{Connected, Lost};

use super::connect;
use super::mosquitto::Mosquitto;
use crate::client::quick;
use crate::host::{Host, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_status_and_a_last_will_tell_who_is_there() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    let will = LastWill { channel: Channel::Status, payload: r#"{"state":"offline"}"#.into() };
    let options = ClientOptions { last_will: Some(will), ..quick() };
    let (device, _events) = broker.device_with("DP-1", options);
    for text in ["online", "on my way"] {
        device.publish(Channel::Status, text).await.unwrap().acknowledged().await.unwrap();
    }
    until("it is there", || host.presence_of("DP-1") == [Connected]).await;
    drop(device);
    until("it is lost", || host.presence_of("DP-1") == [Connected, Lost]).await;
    assert_eq!(host.payloads().len(), 3, "the host gets each as a message, too");
}
