//! One connection, from its first packet to its end: what `rumqttc` tells, what this side wants, and
//! the watch over both.

use std::ops::ControlFlow;
use std::pin::pin;
use std::time::{Duration, Instant};

use rumqttc::{ConnectionError, Event, EventLoop};
use tokio::time::{sleep_until, timeout};

/// How long the other side may take to close after our goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

/// What is said on a connection.
pub(crate) trait Talk: Send {
    /// How the connection may end in order.
    type End;

    /// Waits until this side wants something, and does it. Given up and called again whenever the
    /// other side says something, so it must bear that.
    fn attend(&mut self) -> impl Future<Output = ()> + Send;

    /// Whether to read no further for now: what the other side sends stays in the network.
    fn is_full(&self) -> bool {
        false
    }

    /// When to give the connection up if nothing happens.
    fn deadline(&self) -> Instant;

    /// Takes what the other side says, or what was said to it. Ends the talk only after the goodbye:
    /// what comes then is read and not taken.
    fn take(&mut self, event: Event) -> ControlFlow<Self::End>;
}

/// Why a connection is over that should not be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The deadline passed. `rumqttc` may be waiting for what never comes.
    #[error("no answer in time")]
    Overdue,
    /// This side gave it up, for this reason.
    #[cfg(feature = "broker")]
    #[error("{0}")]
    Given(&'static str),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
}

/// Talks until the talk ends in order, or the connection breaks.
pub(crate) async fn serve<T: Talk>(talk: &mut T, mut events: EventLoop) -> Result<T::End, Broken> {
    loop {
        while talk.is_full() {
            talk.attend().await;
        }
        let event = next_event(talk, &mut events).await?;
        if let ControlFlow::Break(end) = talk.take(event) {
            hear_out(events).await;
            return Ok(end);
        }
    }
}

/// What comes next. The poll goes to its end: given up half-way, it may lose what it was writing.
async fn next_event<T: Talk>(talk: &mut T, events: &mut EventLoop) -> Result<Event, Broken> {
    let mut poll = pin!(events.poll());
    loop {
        let deadline = talk.deadline();
        tokio::select! {
            event = &mut poll => return Ok(event?),
            () = talk.attend() => {}
            () = sleep_until(deadline.into()) => return Err(Broken::Overdue),
        }
    }
}

/// Reads on until the other side has closed. A socket that is closed with unread bytes in it resets
/// the connection, and the other side may lose what was said last: acknowledgements, and the goodbye.
async fn hear_out(mut events: EventLoop) {
    let reading = async { while events.poll().await.is_ok() {} };
    let _ = timeout(GOODBYE_MAX, reading).await;
}
