//! The run itself: all connect, all publish in step with the rate, the server is measured.

use std::time::Duration;

use anyhow::{Result, bail};
use logistics_core::PartnerId;
use logistics_mqtt::client::Server;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::args::Args;
use crate::device::{self, Rhythm, Seen};
use crate::phone::Phone;
use crate::process::Usage;

/// Longest wait until all are connected.
const CONNECTING: Duration = Duration::from_secs(120);
/// After the last acknowledgement the server still evaluates: its time for that counts.
const SETTLING: Duration = Duration::from_millis(500);

/// What a run gave.
pub(crate) struct Driven {
    pub(crate) devices: Vec<Seen>,
    pub(crate) handshake_s: f64,
    pub(crate) seconds: f64,
    pub(crate) usage: Option<Usage>,
}

pub(crate) async fn run(
    targets: Vec<(PartnerId, Server)>,
    args: &Args,
    pid: Option<u32>,
) -> Result<Driven> {
    let begun = Instant::now();
    let phones = connect(targets).await?;
    let handshake_s = begun.elapsed().as_secs_f64();
    let before = pid.map(Usage::now).transpose()?;
    let begun = Instant::now();
    let devices = publish(phones, args).await?;
    let seconds = begun.elapsed().as_secs_f64();
    sleep(SETTLING).await;
    let after = pid.map(Usage::now).transpose()?;
    let usage = after.zip(before).map(|(after, before)| after.since(before));
    Ok(Driven { devices, handshake_s, seconds, usage })
}

/// Connects all at once, as at the start of a shift.
async fn connect(targets: Vec<(PartnerId, Server)>) -> Result<Vec<Phone>> {
    let mut phones: Vec<Phone> = (targets.into_iter().zip(0..))
        .map(|((partner, server), number)| Phone::new(partner, number, server))
        .collect();
    let connected = async {
        for phone in &mut phones {
            phone.connected().await?;
        }
        anyhow::Ok(())
    };
    match timeout(CONNECTING, connected).await {
        Ok(done) => done.map(|()| phones),
        Err(_) => bail!("not all devices are connected after {} s", CONNECTING.as_secs()),
    }
}

async fn publish(phones: Vec<Phone>, args: &Args) -> Result<Vec<Seen>> {
    let messages_per_s = args.rate / f64::from(args.batch);
    let every = Duration::from_secs_f64(f64::from(args.devices) / messages_per_s);
    let start = Instant::now();
    let length = Duration::from_secs(args.seconds.into());
    let storm =
        |number: u32| start + length.mul_f64(f64::from(number) / f64::from(args.storms + 1));
    let rhythm = Rhythm {
        first: start,
        every,
        end: start + length,
        batch: args.batch,
        backlog: args.backlog,
        storms: (1..=args.storms).map(storm).collect(),
    };
    let mut publishing = JoinSet::new();
    for (mut phone, number) in phones.into_iter().zip(0_u32..) {
        // Their turns are spread over the interval.
        let first = start + every.mul_f64(f64::from(number) / f64::from(args.devices));
        let rhythm = Rhythm { first, ..rhythm.clone() };
        publishing.spawn(async move {
            let seen = device::publish(&mut phone, &rhythm).await;
            (phone, seen)
        });
    }
    let mut devices = Vec::new();
    // Nobody hangs up before all are done: that is not part of the load.
    let mut phones = Vec::new();
    while let Some(done) = publishing.join_next().await {
        let (phone, seen) = done?;
        phones.push(phone);
        devices.push(seen?);
    }
    // Some had their last turn earlier: the time counts, for the rate and for the server's idling.
    sleep_until(rhythm.end).await;
    Ok(devices)
}
