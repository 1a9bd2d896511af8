//! The host of the gateway and of the client of a broker: who may connect, what becomes of messages, which manifest is current.

use std::sync::Arc;

use async_trait::async_trait;
use logistics_core::PartnerId;
use logistics_core::eventsourcing::StoreError;
use logistics_core::telemetry::{DeadLetter, Form, Inbound, Outcome};
use logistics_mqtt::gateway::{
    Access, ConnectionIdentity, DeviceHandler, DeviceMessage, Disposition, Hello, LookupFailed,
    Manifest, Presence, Refusal, Rejection, Topic,
};
use logistics_mqtt::topics::Channel;

use crate::app::App;
use crate::certificates::Guard;
use crate::http::chain;
use crate::manifests;

/// Longest payload kept of a message to no topic of ours.
const KEPT_BYTES_MAX: usize = 4_096;

/// Connects devices with the application.
pub(crate) struct Devices {
    app: Arc<App>,
    guard: Arc<Guard>,
}

impl Devices {
    pub(crate) fn new(app: Arc<App>, guard: Arc<Guard>) -> Self {
        Self { app, guard }
    }

    /// A certificate counts as long as the ledger says so, and for a registered partner.
    fn admit(&self, identity: &ConnectionIdentity) -> Result<Access, Refusal> {
        let ConnectionIdentity { partner, serial } = identity;
        let unknown =
            Some("the partner is not registered").filter(|_| !self.app.board.knows(partner));
        match self.guard.objection_to_newcomer(identity, self.app.now()).or(unknown) {
            None => Ok(Access::Partner(partner.clone())),
            Some(objection) => {
                tracing::info!(%partner, %serial, objection, "refused: a device's certificate");
                Err(Refusal::NotAuthorised)
            }
        }
    }

    /// Keeps messages that nobody can act on. False when they could not be kept.
    async fn bury(&self, letters: Vec<DeadLetter>) -> bool {
        if letters.is_empty() {
            return true;
        }
        match self.app.ports.dead_letters.bury(&letters).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(error = %chain(&error), "dead letters cannot be kept");
                false
            }
        }
    }
}

#[async_trait]
impl DeviceHandler for Devices {
    async fn connect(&self, hello: &Hello) -> Result<Access, Refusal> {
        if let Some(identity) = &hello.identity {
            return self.admit(identity);
        }
        // Plain TCP proves nothing; it is served on this machine only. A client that calls itself
        // by a partner's id is held to that partner's topics, any other is a tool of whoever sits
        // at this machine.
        match PartnerId::new(&hello.client_id) {
            Ok(partner) if self.app.board.knows(&partner) => Ok(Access::Partner(partner)),
            _ => Ok(Access::LocalTool),
        }
    }

    async fn messages(&self, batch: Vec<DeviceMessage>) -> Vec<Disposition> {
        let mut answers: Vec<Option<Disposition>> = vec![None; batch.len()];
        let (mut inbound, mut places) = (Vec::new(), Vec::new());
        let (mut letters, mut lettered) = (Vec::new(), Vec::new());
        for (place, message) in batch.into_iter().enumerate() {
            match sort(&message) {
                Kind::Fixes(partner, form) => {
                    places.push(place);
                    inbound.push(Inbound {
                        partner,
                        source: message.topic_name.to_string(),
                        form,
                        payload: message.payload.to_vec(),
                        received_at: self.app.now(),
                    });
                }
                Kind::Presence => answers[place] = Some(Disposition::Stored),
                Kind::Foreign { code, rejection } => {
                    let length = message.payload.len().min(KEPT_BYTES_MAX);
                    letters.push(DeadLetter {
                        id: 0,
                        received_at: self.app.now(),
                        source: message.topic_name.chars().take(256).collect(),
                        // Not the one whose topic it is: the sender has not proved to be that.
                        partner: None,
                        form: Form::Canonical,
                        code: code.to_owned(),
                        detail: match message.access {
                            Access::Broker => "sent through the broker".to_owned(),
                            _ => format!("sent by client {:?}", message.client_id),
                        },
                        payload: message.payload[..length].to_vec(),
                    });
                    lettered.push((place, rejection));
                }
            }
        }
        let kept = self.bury(letters).await;
        for (place, rejection) in lettered {
            let answer =
                if kept { Disposition::Rejected(rejection) } else { Disposition::Unavailable };
            answers[place] = Some(answer);
        }
        let ingested = self.app.gps.ingest(inbound, self.app.now()).await;
        for (place, outcome) in places.into_iter().zip(&ingested) {
            answers[place] = Some(match outcome {
                Outcome::Taken(_) => Disposition::Stored,
                Outcome::Rejected { .. } => Disposition::Rejected(Rejection::Malformed),
                Outcome::Unavailable => Disposition::Unavailable,
            });
        }
        answers.into_iter().map(|answer| answer.unwrap_or(Disposition::Unavailable)).collect()
    }

    async fn manifest(&self, partner: &PartnerId) -> Result<Option<Manifest>, LookupFailed> {
        let today = self.app.date_of(self.app.now());
        let document = manifests::current(&self.app, partner, today).await.map_err(unreadable)?;
        Ok(document.as_ref().and_then(manifests::retained))
    }

    async fn manifest_holders(&self) -> Result<Vec<PartnerId>, LookupFailed> {
        let today = self.app.date_of(self.app.now());
        let rows = manifests::rows_of_day(&self.app, today).await.map_err(unreadable)?;
        Ok(rows.into_iter().map(|row| row.round.partner).collect())
    }

    fn presence(&self, partner: &PartnerId, presence: Presence) {
        // A clean goodbye says nothing about the road: silence will tell.
        match presence {
            Presence::Connected => self.app.board.link(partner, true, self.app.now()),
            Presence::Lost => self.app.board.link(partner, false, self.app.now()),
            Presence::Disconnected => {}
        }
        self.app.gps.status_may_have_changed(partner.clone());
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn unreadable(error: StoreError) -> LookupFailed {
    tracing::error!(error = %chain(&error), "manifests cannot be read");
    LookupFailed
}

/// What kind of message it is.
enum Kind {
    Fixes(PartnerId, Form),
    Presence,
    Foreign { code: &'static str, rejection: Rejection },
}

fn sort(message: &DeviceMessage) -> Kind {
    let foreign = |code, rejection| Kind::Foreign { code, rejection };
    match &message.topic {
        Topic::Partner { partner, channel: Channel::Location | Channel::LocationBatch } => {
            Kind::Fixes(partner.clone(), Form::Canonical)
        }
        Topic::OwnTracks { partner } => Kind::Fixes(partner.clone(), Form::OwnTracks),
        // Says no more than the connection itself does.
        Topic::Partner { channel: Channel::Status, .. } => Kind::Presence,
        Topic::Forbidden { .. } => foreign("forbidden_topic", Rejection::NotAuthorised),
        Topic::Partner { .. } => foreign("unsupported_topic", Rejection::UnknownTopic),
        Topic::Unknown => foreign("unknown_topic", Rejection::UnknownTopic),
    }
}
