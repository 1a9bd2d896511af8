//! A phone of the fleet and its connection.

use std::time::Duration;

use anyhow::{Context as _, Result};
use logistics_core::PartnerId;
use logistics_mqtt::Channel;
use logistics_mqtt::client::{
    ClientClosed, ClientOptions, DeviceClient, DeviceEvent, DeviceEvents, Receipt, Server,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::enrol::CORNER;

/// A phone and its connection.
pub(crate) struct Phone {
    pub(crate) partner: PartnerId,
    /// Which of the fleet it is, which says where it drives.
    number: u32,
    server: Server,
    client: DeviceClient,
    events: DeviceEvents,
}

impl Phone {
    /// Begins to connect.
    pub(crate) fn new(partner: PartnerId, number: u32, server: Server) -> Self {
        let (client, events) = connect(&server, &partner);
        Self { partner, number, server, client, events }
    }

    /// Waits until it is connected.
    pub(crate) async fn connected(&mut self) -> Result<()> {
        while self.events.next().await.context("a device gave up")? != DeviceEvent::Connected {}
        Ok(())
    }

    /// Loses its link without a goodbye and connects again: how long it was away. The receipts of
    /// what had no acknowledgement fail.
    pub(crate) async fn lose_link(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        (self.client, self.events) = connect(&self.server, &self.partner);
        self.connected().await?;
        Ok(begun.elapsed())
    }

    /// Publishes fixes of these times, in epoch milliseconds: the same time, the same fix.
    pub(crate) async fn publish(&self, times: &[i64]) -> Result<Receipt, ClientClosed> {
        let (channel, payload) = message(times, self.number);
        self.client.publish(channel, payload).await
    }
}

fn connect(server: &Server, partner: &PartnerId) -> (DeviceClient, DeviceEvents) {
    DeviceClient::connect(server.clone(), partner, ClientOptions::default())
}

fn message(times: &[i64], number: u32) -> (Channel, String) {
    match times {
        [one] => (Channel::Location, fix(*one, number).to_string()),
        many => {
            let fixes: Vec<Value> = many.iter().map(|&ms| fix(ms, number)).collect();
            (Channel::LocationBatch, json!({ "v": 1, "fixes": fixes }).to_string())
        }
    }
}

/// Each device goes round a circle of its own at some 30 km/h, through several zones.
fn fix(ms: i64, number: u32) -> Value {
    const ROUND_MS: i64 = 20 * 60 * 1_000;
    let start = f64::from(number % 100);
    let part = f64::from(u32::try_from(ms % ROUND_MS).unwrap_or_default()) / 1_200_000.0;
    let (sin, cos) = (std::f64::consts::TAU * (part + start / 100.0)).sin_cos();
    let (lon, lat) = (CORNER.0 + 0.02 + start * 0.0007, CORNER.1 + 0.055);
    json!({
        "lat": lat + 0.015 * sin, "lon": lon + 0.015 * cos,
        "acc": 8.0, "spd": 8.3, "brg": 90, "bat": 0.8, "ts": ms,
    })
}
