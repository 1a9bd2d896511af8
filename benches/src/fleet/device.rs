//! One phone: publishes in its turn, and remembers what was acknowledged.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use logistics_core::PartnerId;
use logistics_mqtt::Channel;
use logistics_mqtt::client::{ClientClosed, DeviceClient};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::enrol::CORNER;

/// Longest wait for the acknowledgements still missing at the end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a device publishes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    pub(crate) first: Instant,
    pub(crate) every: Duration,
    pub(crate) end: Instant,
    pub(crate) batch: u32,
}

/// What a device saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) partner: PartnerId,
    pub(crate) sent: u64,
    /// Times of the fixes that were acknowledged, in epoch milliseconds.
    pub(crate) acknowledged: Vec<i64>,
    /// From publishing to the PUBACK, one for each message.
    pub(crate) latencies_us: Vec<u64>,
}

struct Waiting {
    receipt: Pin<Box<dyn Future<Output = Result<(), ClientClosed>> + Send>>,
    since: Instant,
    times: Vec<i64>,
}

/// Publishes until the end of the rhythm and waits for what is still on its way.
pub(crate) async fn publish(
    client: &DeviceClient,
    partner: PartnerId,
    number: u32,
    rhythm: Rhythm,
) -> Result<Seen> {
    let mut seen = Seen { partner, sent: 0, acknowledged: Vec::new(), latencies_us: Vec::new() };
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    let (mut next, mut last_ms) = (rhythm.first, 0);
    while next < rhythm.end {
        tokio::select! {
            biased;
            () = settle(&mut waiting, &mut seen), if !waiting.is_empty() => {}
            () = sleep_until(next) => {
                let times = times(&mut last_ms, rhythm.batch);
                let (channel, payload) = message(&times, number);
                let since = Instant::now();
                let receipt = Box::pin(client.publish(channel, payload).await?.acknowledged());
                seen.sent += u64::from(rhythm.batch);
                waiting.push_back(Waiting { receipt, since, times });
                next += rhythm.every;
            }
        }
    }
    let rest = async {
        while !waiting.is_empty() {
            settle(&mut waiting, &mut seen).await;
        }
    };
    ensure!(timeout_at(rhythm.end + PATIENCE, rest).await.is_ok(), "no acknowledgement in time");
    Ok(seen)
}

/// Waits for the oldest acknowledgement: they come in order. Giving up waiting loses nothing.
async fn settle(waiting: &mut VecDeque<Waiting>, seen: &mut Seen) {
    let Some(oldest) = waiting.front_mut() else { return };
    let is_acknowledged = oldest.receipt.as_mut().await.is_ok();
    if let Some(Waiting { since, times, .. }) = waiting.pop_front()
        && is_acknowledged
    {
        let latency = since.elapsed().as_micros();
        seen.latencies_us.push(u64::try_from(latency).unwrap_or(u64::MAX));
        seen.acknowledged.extend(times);
    }
}

/// Now, and never a time twice: a fix is known by its time.
fn times(last_ms: &mut i64, count: u32) -> Vec<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let first = now.max(*last_ms + 1);
    *last_ms = first + i64::from(count) - 1;
    (first..=*last_ms).collect()
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
