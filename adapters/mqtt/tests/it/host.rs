//! A host in memory: records what the gateway hands it, and answers as told.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use logistics_core::PartnerId;
use logistics_mqtt::gateway::{
    Access, ConnectionIdentity, DeviceHandler, DeviceMessage, Disposition, Endpoint, Gateway,
    GatewayConfig, Hello, LookupFailed, Manifest, Presence, Refusal,
};
use tokio::time::{sleep, timeout};

pub(crate) type Answer = Box<dyn Fn(&DeviceMessage) -> Disposition + Send + Sync>;

#[derive(Default)]
pub(crate) struct Host {
    pub(crate) messages: Mutex<Vec<DeviceMessage>>,
    pub(crate) batches: Mutex<Vec<usize>>,
    pub(crate) presence: Mutex<Vec<(PartnerId, Presence)>>,
    pub(crate) manifests: Mutex<BTreeMap<PartnerId, Manifest>>,
    /// What the transport proved of each client.
    pub(crate) identities: Mutex<Vec<Option<ConnectionIdentity>>>,
    pub(crate) delay: Mutex<Duration>,
    pub(crate) answer: Mutex<Option<Answer>>,
    /// How the next lookups of manifests go wrong.
    pub(crate) trouble: Mutex<VecDeque<Trouble>>,
}

/// What may become of a lookup.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    /// It fails.
    Fails,
    /// It never ends.
    Hangs,
}

#[async_trait]
impl DeviceHandler for Host {
    /// `DP-…` are partners, `banned-…` and `nobody-…` are refused, all others are local tools.
    async fn connect(&self, hello: &Hello) -> Result<Access, Refusal> {
        self.identities.lock().unwrap().push(hello.identity.clone());
        match &*hello.client_id {
            id if id.starts_with("DP-") => Ok(Access::Partner(partner(id))),
            id if id.starts_with("banned-") => Err(Refusal::NotAuthorised),
            id if id.starts_with("nobody-") => Err(Refusal::UnknownClient),
            _ => Ok(Access::LocalTool),
        }
    }

    async fn messages(&self, batch: Vec<DeviceMessage>) -> Vec<Disposition> {
        let delay = *self.delay.lock().unwrap();
        sleep(delay).await;
        self.batches.lock().unwrap().push(batch.len());
        // A host may have panicked before.
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = batch
            .iter()
            .map(|message| answer.as_ref().map_or(Disposition::Stored, |answer| answer(message)))
            .collect();
        self.messages.lock().unwrap().extend(batch);
        answers
    }

    async fn manifest(&self, partner: &PartnerId) -> Result<Option<Manifest>, LookupFailed> {
        self.look_up().await?;
        Ok(self.manifests.lock().unwrap().get(partner).cloned())
    }

    async fn manifest_holders(&self) -> Result<Vec<PartnerId>, LookupFailed> {
        self.look_up().await?;
        Ok(self.manifests.lock().unwrap().keys().cloned().collect())
    }

    fn presence(&self, partner: &PartnerId, presence: Presence) {
        self.presence.lock().unwrap().push((partner.clone(), presence));
    }
}

pub(crate) fn partner(id: &str) -> PartnerId {
    PartnerId::new(id).unwrap()
}

impl Host {
    pub(crate) fn slow(delay: Duration) -> Arc<Self> {
        let host = Self::default();
        *host.delay.lock().unwrap() = delay;
        Arc::new(host)
    }

    pub(crate) fn answering(
        answer: impl Fn(&DeviceMessage) -> Disposition + Send + Sync + 'static,
    ) -> Arc<Self> {
        let host = Self::default();
        *host.answer.lock().unwrap() = Some(Box::new(answer));
        Arc::new(host)
    }

    pub(crate) fn store(&self, id: &str, manifest: &Manifest) {
        self.manifests.lock().unwrap().insert(partner(id), manifest.clone());
    }

    async fn look_up(&self) -> Result<(), LookupFailed> {
        let trouble = self.trouble.lock().unwrap().pop_front();
        match trouble {
            None => Ok(()),
            Some(Trouble::Fails) => Err(LookupFailed),
            Some(Trouble::Hangs) => std::future::pending().await,
        }
    }

    pub(crate) fn payloads(&self) -> Vec<String> {
        let text = |message: &DeviceMessage| String::from_utf8_lossy(&message.payload).into_owned();
        self.messages.lock().unwrap().iter().map(text).collect()
    }

    pub(crate) fn presence_of(&self, id: &str) -> Vec<Presence> {
        let presence = self.presence.lock().unwrap();
        presence.iter().filter(|(who, _)| *who == partner(id)).map(|(_, p)| *p).collect()
    }
}

pub(crate) fn manifest(version: u64, payload: impl Into<Bytes>) -> Manifest {
    Manifest { version, payload: payload.into() }
}

pub(crate) async fn start(host: &Arc<Host>) -> Gateway {
    start_with(host, GatewayConfig::default()).await
}

pub(crate) async fn start_with(host: &Arc<Host>, config: GatewayConfig) -> Gateway {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    start_at(Endpoint::Plain(any), host, config).await
}

pub(crate) async fn start_at(
    endpoint: Endpoint,
    host: &Arc<Host>,
    config: GatewayConfig,
) -> Gateway {
    Gateway::bind([endpoint], config, Arc::clone(host) as Arc<dyn DeviceHandler>).await.unwrap()
}

/// Waits until the condition holds, at most ten seconds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), reached).await.unwrap_or_else(|_| panic!("never: {what}"));
}
