//! One dashboard session: snapshot, then changes, as fast as the session can take them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use logistics_core::ZoneId;
use serde::Deserialize;
use tokio::sync::broadcast;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::hub::{Hub, Messages, Numbered};
use super::message::Scope;

/// How long a new session may take to say what it wants.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one message may take to leave; longer, and the session is too slow.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Positions are sent at most so often for each partner.
const POSITION_INTERVAL: Duration = Duration::from_secs(1);
/// Silence after which the other side is asked whether it is there.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const ZONES_MAX: usize = 1_000;

const CLOSE_GOING_AWAY: u16 = 1001;
const CLOSE_POLICY: u16 = 1008;
const CLOSE_TRY_LATER: u16 = 1013;

/// The first message of a session.
#[derive(Debug, Default, Deserialize)]
struct Hello {
    /// The zones to watch; `["*"]`, or nothing, for all.
    #[serde(default)]
    zones: Option<Vec<String>>,
    /// Go on after this revision instead of beginning with a snapshot.
    #[serde(default)]
    from_rev: Option<u64>,
}

/// What a session may see.
#[derive(Debug, PartialEq, Eq)]
enum Filter {
    Everything,
    Zones(BTreeSet<ZoneId>),
}

impl Filter {
    fn parse(zones: Option<Vec<String>>) -> Result<Self, String> {
        let zones = zones.unwrap_or_default();
        if zones.is_empty() || zones.iter().any(|zone| zone == "*") {
            return Ok(Self::Everything);
        }
        if zones.len() > ZONES_MAX {
            return Err(format!("{} zones, more than {ZONES_MAX}", zones.len()));
        }
        let zones: Result<_, _> = zones.into_iter().map(ZoneId::new).collect();
        zones.map(Self::Zones).map_err(|error| error.to_string())
    }

    fn admits(&self, scope: &Scope) -> bool {
        match (self, scope) {
            (Self::Everything, _) | (_, Scope::Everyone) => true,
            (Self::Zones(watched), Scope::Zones(zones)) => {
                zones.iter().any(|zone| watched.contains(zone))
            }
        }
    }
}

/// Serves one session until either side closes it. `snapshot` writes the state of things as JSON
/// for the given revision.
pub(crate) async fn connect<F, S>(mut socket: WebSocket, hub: Arc<Hub>, snapshot: F)
where
    F: FnOnce(u64, Option<BTreeSet<ZoneId>>) -> S,
    S: Future<Output = Result<String, serde_json::Error>>,
{
    let (hello, filter) = match read_hello(&mut socket).await {
        Ok(read) => read,
        Err(reason) => return close(socket, CLOSE_POLICY, &reason).await,
    };
    let resumed = hello.from_rev.and_then(|rev| hub.resume(rev));
    let (backlog, receiver) = match resumed {
        Some((missed, receiver)) => (missed, receiver),
        None => {
            // Subscribed before the snapshot is taken: what happens meanwhile is sent again, and
            // every message states a new value, so seeing one twice does no harm.
            let (rev, receiver) = hub.subscribe();
            let watched = match &filter {
                Filter::Everything => None,
                Filter::Zones(zones) => Some(zones.clone()),
            };
            match snapshot(rev, watched).await {
                Ok(json) => match send(&mut socket, json.into()).await {
                    Ok(()) => (Vec::new(), receiver),
                    Err(_) => return,
                },
                Err(error) => {
                    tracing::error!(%error, "the live snapshot cannot be written as JSON");
                    return close(socket, CLOSE_TRY_LATER, "snapshot failed").await;
                }
            }
        }
    };
    for message in backlog.iter().filter(|message| filter.admits(&message.scope)) {
        if send(&mut socket, message.json.as_str().into()).await.is_err() {
            return;
        }
    }
    let followed = tokio::select! {
        followed = follow(&mut socket, receiver, &filter) => followed,
        () = hub.closed() => return close(socket, CLOSE_GOING_AWAY, "the server stops").await,
    };
    if let Err(End::TooSlow) = followed {
        close(socket, CLOSE_TRY_LATER, "too slow: reconnect").await;
    }
}

async fn read_hello(socket: &mut WebSocket) -> Result<(Hello, Filter), String> {
    let message = timeout(HELLO_TIMEOUT, socket.recv())
        .await
        .map_err(|_| "no first message in time".to_owned())?;
    let Some(Ok(Message::Text(text))) = message else {
        return Err("the first message must be JSON text".to_owned());
    };
    let mut hello: Hello = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let filter = Filter::parse(hello.zones.take())?;
    Ok((hello, filter))
}

/// Why a session ended.
enum End {
    /// The other side closed it or went away.
    Gone,
    /// It could not keep up.
    TooSlow,
}

async fn follow(
    socket: &mut WebSocket,
    mut receiver: Messages,
    filter: &Filter,
) -> Result<(), End> {
    let mut positions: BTreeMap<String, Arc<Numbered>> = BTreeMap::new();
    let mut flush = interval(POSITION_INTERVAL);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            message = receiver.recv() => match message {
                Ok(message) if !filter.admits(&message.scope) => {}
                Ok(message) => match &message.coalesce {
                    Some(key) => drop(positions.insert(key.clone(), message)),
                    None => send(socket, message.json.as_str().into()).await?,
                },
                Err(broadcast::error::RecvError::Lagged(_)) => return Err(End::TooSlow),
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
            _ = flush.tick() => {
                for message in std::mem::take(&mut positions).into_values() {
                    send(socket, message.json.as_str().into()).await?;
                }
                if heard.elapsed() > 3 * PING_INTERVAL {
                    return Err(End::Gone);
                }
                if heard.elapsed() > PING_INTERVAL {
                    let ping = socket.send(Message::Ping(Vec::new().into()));
                    timeout(SEND_TIMEOUT, ping).await.map_err(|_| End::TooSlow)?.map_err(|_| End::Gone)?;
                }
            }
            incoming = socket.recv() => match incoming {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
                Some(Ok(_)) => heard = Instant::now(),
            },
        }
    }
}

async fn send(socket: &mut WebSocket, json: Utf8Bytes) -> Result<(), End> {
    let sent = timeout(SEND_TIMEOUT, socket.send(Message::Text(json)));
    sent.await.map_err(|_| End::TooSlow)?.map_err(|_| End::Gone)
}

async fn close(mut socket: WebSocket, code: u16, reason: &str) {
    // The reason of a close frame has at most 123 bytes (RFC 6455, 5.5).
    let reason: String = reason.chars().take(100).filter(char::is_ascii).collect();
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = timeout(SEND_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_sees_its_zones_and_what_concerns_everyone() {
        let zone = |id: &str| ZoneId::new(id).expect("legal");
        let filter = Filter::parse(Some(vec!["a".to_owned()])).expect("legal");
        assert!(filter.admits(&Scope::Everyone));
        assert!(filter.admits(&Scope::Zones(vec![zone("b"), zone("a")])));
        assert!(!filter.admits(&Scope::Zones(vec![zone("b")])));
        assert!(!filter.admits(&Scope::Zones(vec![])));
        assert_eq!(Filter::parse(Some(vec![])), Ok(Filter::Everything));
        assert!(Filter::parse(Some(vec!["a#b".to_owned()])).is_err());
    }
}
