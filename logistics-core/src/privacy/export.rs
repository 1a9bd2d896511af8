//! Everything that is held of a subject, opened: what the person can ask for.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

use super::keys::{KeyState, KeyStore};
use super::subject_streams::{FoundSealed, sealed_in, subject_streams};
use super::vault::{Binding, OpenError, Opened, Vault};
use crate::eventsourcing::{
    EventStore, Occurred, RecordedEvent, StoreError, StreamId, StreamIndex, Version, load_all,
};
use crate::ids::SubjectId;

/// What is held of a subject in streams of events. Read models and snapshots are made of these and
/// hold nothing else.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectExport {
    /// The subject.
    pub subject: SubjectId,
    /// When this was put together.
    pub exported_at: DateTime<Utc>,
    /// Set if the subject was erased: what was sealed cannot be known any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
    /// The streams that hold data of the subject.
    pub streams: Vec<ExportedStream>,
}

/// One stream with data of a subject.
#[derive(Debug, Clone, Serialize)]
pub struct ExportedStream {
    /// The stream.
    pub stream: StreamId,
    /// All its events, oldest first.
    pub events: Vec<ExportedEvent>,
}

/// One event of a stream with data of a subject.
#[derive(Debug, Clone, Serialize)]
pub struct ExportedEvent {
    /// Its version.
    pub version: Version,
    /// Its name.
    pub event_type: String,
    /// When it happened.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// What it holds, as it is stored; what is sealed is sealed here too. `None` where that is not
    /// JSON.
    pub payload: Option<Box<RawValue>>,
    /// What is sealed in it under the subject's key.
    pub personal: Vec<ExportedField>,
}

/// Something that is sealed under the subject's key.
#[derive(Debug, Clone, Serialize)]
pub struct ExportedField {
    /// Where in the payload: a JSON Pointer (RFC 6901).
    pub path: String,
    /// What it is.
    #[serde(flatten)]
    pub content: ExportedContent,
}

/// What something sealed is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportedContent {
    /// This, as it was given; text that is not JSON stands as a JSON text.
    Value(Box<RawValue>),
    /// Not to be known any more.
    Erased {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// Not to be opened, for this reason: look for tampering.
    Unopened(String),
}

/// Puts together what is held of `subject`: finds its streams, loads their events, opens what is
/// sealed under its key. What belongs to other subjects stays sealed.
///
/// Opens what is bound with [`Binding::of_stream`] to its stream and to the name of the JSON member
/// that holds it. The payloads name partners and clients by their ids; who hands the export out
/// decides what of that the person may see.
///
/// # Errors
/// [`StoreError`] when a store cannot answer.
pub async fn export(
    index: &dyn StreamIndex,
    events: &dyn EventStore,
    keys: &dyn KeyStore,
    subject: &SubjectId,
    now: DateTime<Utc>,
) -> Result<SubjectExport, StoreError> {
    let erased_at = match keys.key(subject).await? {
        KeyState::Destroyed { at } => Some(at),
        KeyState::Absent | KeyState::Present(_) => None,
    };
    let mut streams = Vec::new();
    for stream in subject_streams(index, subject).await? {
        streams.push(export_stream(events, keys, subject, stream).await?);
    }
    Ok(SubjectExport { subject: subject.clone(), exported_at: now, erased_at, streams })
}

/// The part of [`export`] that one stream makes up, for a subject with more streams than fit in
/// memory.
///
/// # Errors
/// [`StoreError`] when a store cannot answer.
pub async fn export_stream(
    events: &dyn EventStore,
    keys: &dyn KeyStore,
    subject: &SubjectId,
    stream: StreamId,
) -> Result<ExportedStream, StoreError> {
    let vault = Vault::new(keys);
    let mut exported = Vec::new();
    for event in load_all(events, &stream).await? {
        exported.push(export_event(&vault, subject, event).await?);
    }
    Ok(ExportedStream { stream, events: exported })
}

async fn export_event(
    vault: &Vault<'_>,
    subject: &SubjectId,
    recorded: RecordedEvent,
) -> Result<ExportedEvent, StoreError> {
    let event = recorded.event;
    let mut personal = Vec::new();
    if let Ok(document) = serde_json::from_slice(&event.payload) {
        let found = sealed_in(&document);
        for found in found.into_iter().filter(|found| found.subject == *subject) {
            let content = content(vault, &recorded.stream, &found).await?;
            personal.push(ExportedField { path: found.path, content });
        }
    }
    Ok(ExportedEvent {
        version: recorded.version,
        event_type: event.event_type,
        occurred: event.occurred,
        recorded_at: event.recorded_at,
        payload: json(event.payload),
        personal,
    })
}

async fn content(
    vault: &Vault<'_>,
    stream: &StreamId,
    found: &FoundSealed,
) -> Result<ExportedContent, StoreError> {
    let sealed = match &found.sealed {
        Ok(sealed) => sealed,
        Err(error) => return Ok(ExportedContent::Unopened(error.to_string())),
    };
    match vault.open(sealed, Binding::of_stream(stream, &found.field)).await {
        Ok(Opened::Plain(plaintext)) => Ok(value(plaintext)),
        Ok(Opened::Erased { at }) => Ok(ExportedContent::Erased { at }),
        Err(OpenError::Store(error)) => Err(error),
        Err(error) => Ok(ExportedContent::Unopened(error.to_string())),
    }
}

fn value(plaintext: Vec<u8>) -> ExportedContent {
    let text = String::from_utf8_lossy(&plaintext).into_owned();
    json(plaintext).or_else(|| serde_json::value::to_raw_value(&text).ok()).map_or_else(
        || ExportedContent::Unopened("it is no text".to_owned()),
        ExportedContent::Value,
    )
}

fn json(bytes: Vec<u8>) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from_utf8(bytes).ok()?).ok()
}
