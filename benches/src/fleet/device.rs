//! A phone's shift: what it gathered while away, then a fix or a batch at each turn, through storms in
//! which it loses its link; and what of it all was acknowledged.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use logistics_core::PartnerId;
use logistics_mqtt::client::ClientClosed;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::phone::Phone;

/// Longest wait for the acknowledgements still missing at the end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between the fixes gathered while away.
const BACKLOG_EVERY_MS: i64 = 1_000;

/// How a device publishes.
#[derive(Debug, Clone)]
pub(crate) struct Rhythm {
    pub(crate) first: Instant,
    pub(crate) every: Duration,
    pub(crate) end: Instant,
    /// Fixes in a message.
    pub(crate) batch: u32,
    /// Fixes gathered while away.
    pub(crate) backlog: u32,
    /// When it loses its link, in order.
    pub(crate) storms: Vec<Instant>,
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
    /// How long it took until the whole backlog was acknowledged.
    pub(crate) drained: Option<Duration>,
    /// How long each loss of the link lasted.
    pub(crate) away: Vec<Duration>,
}

struct Waiting {
    receipt: Pin<Box<dyn Future<Output = Result<(), ClientClosed>> + Send>>,
    since: Instant,
    times: Vec<i64>,
}

/// Publishes until the end of the rhythm and waits for what is still on its way.
pub(crate) async fn publish(phone: &mut Phone, rhythm: &Rhythm) -> Result<Seen> {
    let mut shift = Shift::new(phone);
    if rhythm.backlog > 0 {
        shift.drain(rhythm.backlog, rhythm.batch).await?;
    }
    let (mut next, mut storms) = (rhythm.first, rhythm.storms.iter());
    let mut storm = storms.next();
    while next < rhythm.end {
        let event = storm.copied().filter(|&storm| storm < next).unwrap_or(next);
        tokio::select! {
            biased;
            () = shift.settle(), if !shift.waiting.is_empty() => {}
            () = sleep_until(event) => {
                if event < next {
                    shift.lose_link().await?;
                    storm = storms.next();
                } else {
                    let times = shift.turn(rhythm.batch);
                    shift.send(times).await?;
                    next += rhythm.every;
                }
            }
        }
    }
    let patience = timeout_at(rhythm.end + PATIENCE, shift.settle_all()).await;
    ensure!(patience.is_ok(), "no acknowledgement in time");
    Ok(shift.seen)
}

struct Shift<'p> {
    phone: &'p mut Phone,
    waiting: VecDeque<Waiting>,
    last_ms: i64,
    seen: Seen,
}

impl<'p> Shift<'p> {
    fn new(phone: &'p mut Phone) -> Self {
        let seen = Seen {
            partner: phone.partner.clone(),
            sent: 0,
            acknowledged: Vec::new(),
            latencies_us: Vec::new(),
            drained: None,
            away: Vec::new(),
        };
        Self { phone, waiting: VecDeque::new(), last_ms: 0, seen }
    }

    /// Publishes what was gathered while away, as fast as it is taken.
    async fn drain(&mut self, count: u32, batch: u32) -> Result<()> {
        let begun = Instant::now();
        let first = now_ms() - i64::from(count) * BACKLOG_EVERY_MS;
        let times: Vec<i64> =
            (0..i64::from(count)).map(|number| first + number * BACKLOG_EVERY_MS).collect();
        for some in times.chunks(batch as usize) {
            self.send(some.to_vec()).await?;
        }
        self.settle_all().await;
        self.seen.drained = Some(begun.elapsed());
        Ok(())
    }

    /// The link is lost; what has no acknowledgement is sent again.
    async fn lose_link(&mut self) -> Result<()> {
        self.seen.away.push(self.phone.lose_link().await?);
        for mut lost in std::mem::take(&mut self.waiting) {
            match lost.receipt.as_mut().await {
                Ok(()) => self.seen.note(lost),
                Err(ClientClosed) => self.publish(lost.times, lost.since).await?,
            }
        }
        Ok(())
    }

    /// Now, and never a time twice: a fix is known by its time.
    fn turn(&mut self, count: u32) -> Vec<i64> {
        let first = now_ms().max(self.last_ms + 1);
        self.last_ms = first + i64::from(count) - 1;
        (first..=self.last_ms).collect()
    }

    async fn send(&mut self, times: Vec<i64>) -> Result<()> {
        self.seen.sent += u64::try_from(times.len())?;
        self.publish(times, Instant::now()).await
    }

    async fn publish(&mut self, times: Vec<i64>, since: Instant) -> Result<()> {
        let receipt = Box::pin(self.phone.publish(&times).await?.acknowledged());
        self.waiting.push_back(Waiting { receipt, since, times });
        Ok(())
    }

    /// Waits for the oldest acknowledgement: they come in order. Giving up waiting loses nothing.
    async fn settle(&mut self) {
        let Some(oldest) = self.waiting.front_mut() else { return };
        let is_acknowledged = oldest.receipt.as_mut().await.is_ok();
        if let Some(oldest) = self.waiting.pop_front()
            && is_acknowledged
        {
            self.seen.note(oldest);
        }
    }

    async fn settle_all(&mut self) {
        while !self.waiting.is_empty() {
            self.settle().await;
        }
    }
}

impl Seen {
    /// A message was acknowledged.
    fn note(&mut self, message: Waiting) {
        let latency = message.since.elapsed().as_micros();
        self.latencies_us.push(u64::try_from(latency).unwrap_or(u64::MAX));
        self.acknowledged.extend(message.times);
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
