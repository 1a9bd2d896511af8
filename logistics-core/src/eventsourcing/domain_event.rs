//! The events of one aggregate: their names, the schemas of their payloads, and how payloads of
//! older schemas are read.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A closed set of events of one aggregate, with their names and payload schemas.
///
/// Implemented by [`domain_events!`](crate::domain_events).
pub trait DomainEvent: Clone + fmt::Debug + PartialEq + Send + Sync + Sized + 'static {
    /// The event's name as it is stored, such as `ShipmentCreated`.
    fn event_type(&self) -> &'static str;

    /// The revision of the payload's shape.
    fn schema(&self) -> u16;

    /// The payload as JSON.
    ///
    /// # Errors
    /// [`serde_json::Error`] when a field cannot be written as JSON.
    fn encode(&self) -> Result<Vec<u8>, serde_json::Error>;

    /// The event that `payload` holds.
    ///
    /// # Errors
    /// [`DecodeError`] when the name or schema is not of this set, or the payload does not fit.
    fn decode(event_type: &str, schema: u16, payload: &[u8]) -> Result<Self, DecodeError>;
}

/// Why a stored event could not be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The name is not of this aggregate: a newer program wrote it. Do not skip it.
    #[error("unknown event type {event_type:?}")]
    UnknownType {
        /// The stored name.
        event_type: String,
    },
    /// The payload has a shape that this program does not know: a newer program wrote it.
    #[error("event {event_type} has schema {schema}, which is not known here")]
    UnknownSchema {
        /// The stored name.
        event_type: String,
        /// The stored schema.
        schema: u16,
    },
    /// An older payload could not be brought to the shape that is known here.
    #[error("event {event_type} of schema {schema} cannot be upcast")]
    Upcast {
        /// The stored name.
        event_type: String,
        /// The schema at which it failed.
        schema: u16,
        /// What the upcaster met.
        #[source]
        source: UpcastError,
    },
    /// The payload's bytes do not fit the event: the store is damaged.
    #[error("payload of {event_type} cannot be read")]
    Payload {
        /// The stored name.
        event_type: String,
        /// What the JSON reader met.
        #[source]
        source: serde_json::Error,
    },
}

/// Defines the events of one aggregate: an enum over payload structs of the same names, each with
/// the revision of its shape, and its [`DomainEvent`] implementation.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// /// A bag was sealed.
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// pub struct BagSealed {
///     /// Seal number.
///     pub seal: u32,
/// }
///
/// logistics_core::domain_events! {
///     /// What can happen to a bag.
///     pub enum BagEvent { BagSealed = 1 }
/// }
///
/// use logistics_core::eventsourcing::DomainEvent;
/// let event = BagEvent::from(BagSealed { seal: 7 });
/// assert_eq!(event.event_type(), "BagSealed");
/// let bytes = event.encode()?;
/// assert_eq!(BagEvent::decode("BagSealed", 1, &bytes)?, event);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// When the shape of a payload changes, its schema goes up by one and says how the older shapes
/// are read. A stored payload is never rewritten.
///
/// ```
/// use logistics_core::eventsourcing::{DomainEvent, UpcastError};
/// use serde::{Deserialize, Serialize};
/// use serde_json::{Value, json};
///
/// /// A bag was sealed. Schema 1 knew one seal.
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// pub struct BagSealed {
///     /// Seal numbers.
///     pub seals: Vec<u32>,
/// }
///
/// fn one_seal(old: Value) -> Result<Value, UpcastError> {
///     let seal = old.get("seal").ok_or_else(|| UpcastError("no seal".to_owned()))?;
///     Ok(json!({ "seals": [seal] }))
/// }
///
/// logistics_core::domain_events! {
///     /// What can happen to a bag.
///     pub enum BagEvent { BagSealed = 2 from { 1 => one_seal } }
/// }
///
/// let old = BagEvent::decode("BagSealed", 1, br#"{"seal":7}"#)?;
/// assert_eq!(old, BagSealed { seals: vec![7] }.into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A step that is missing is found when the program is compiled:
///
/// ```compile_fail
/// # use logistics_core::eventsourcing::UpcastError;
/// # use serde_json::Value;
/// # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
/// # pub struct BagSealed { pub seals: Vec<u32> }
/// # fn step(old: Value) -> Result<Value, UpcastError> { Ok(old) }
/// logistics_core::domain_events! {
///     /// What can happen to a bag.
///     pub enum BagEvent { BagSealed = 3 from { 1 => step } }
/// }
/// ```
#[macro_export]
macro_rules! domain_events {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($event:ident = $schema:literal $(from { $($from:literal => $step:path),+ $(,)? })?),+ $(,)?
    }) => {
        // An event whose older schemas cannot all be read does not compile.
        $(const _: () = assert!(
            $crate::eventsourcing::steps_lead_to($schema, &[$($($from),+)?]),
            concat!(stringify!($event), ": give a step from each older schema, from 1 on")
        );)+

        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis enum $name {
            $(
                #[doc = concat!("See [`", stringify!($event), "`].")]
                $event($event),
            )+
        }

        impl $crate::eventsourcing::DomainEvent for $name {
            fn event_type(&self) -> &'static str {
                match self { $(Self::$event(_) => stringify!($event),)+ }
            }

            fn schema(&self) -> u16 {
                match self { $(Self::$event(_) => $schema,)+ }
            }

            fn encode(&self) -> Result<Vec<u8>, $crate::eventsourcing::JsonError> {
                match self { $(Self::$event(payload) => $crate::eventsourcing::to_json(payload),)+ }
            }

            fn decode(
                event_type: &str,
                schema: u16,
                payload: &[u8],
            ) -> Result<Self, $crate::eventsourcing::DecodeError> {
                match event_type {
                    $(stringify!($event) => {
                        $crate::eventsourcing::from_json(
                            event_type,
                            schema,
                            &[$($($step as $crate::eventsourcing::Upcast),+)?],
                            payload,
                        )
                        .map(Self::$event)
                    })+
                    _ => Err($crate::eventsourcing::DecodeError::UnknownType {
                        event_type: event_type.to_owned(),
                    }),
                }
            }
        }

        $(
            impl From<$event> for $name {
                fn from(payload: $event) -> Self {
                    Self::$event(payload)
                }
            }
        )+
    };
}

/// The JSON error of [`DomainEvent::encode`], named here for [`domain_events!`](crate::domain_events).
pub type JsonError = serde_json::Error;

/// Writes a payload; called by [`domain_events!`](crate::domain_events).
///
/// # Errors
/// [`JsonError`] when a field cannot be written as JSON.
pub fn to_json(payload: &impl Serialize) -> Result<Vec<u8>, JsonError> {
    serde_json::to_vec(payload)
}

/// Brings a payload from one schema to the next.
pub type Upcast = fn(Value) -> Result<Value, UpcastError>;

/// Why an older payload has no newer form: what is missing or cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UpcastError(pub String);

/// Whether steps from these schemas lead from the first one to `schema`, one by one; called by
/// [`domain_events!`](crate::domain_events) when it is compiled.
#[must_use]
pub const fn steps_lead_to(schema: u16, from: &[u16]) -> bool {
    let mut next = 1;
    let mut at = 0;
    while at < from.len() {
        if from[at] != next {
            return false;
        }
        next += 1;
        at += 1;
    }
    next == schema
}

/// Reads a payload of `schema`, upcast by the step from each schema on, the first of `steps` being
/// that from 1 to 2; called by [`domain_events!`](crate::domain_events).
///
/// # Errors
/// [`DecodeError`] when the schema is newer than the last step leads to, or 0; when a step gives
/// up; when the bytes do not fit.
pub fn from_json<T: DeserializeOwned>(
    event_type: &str,
    schema: u16,
    steps: &[Upcast],
    payload: &[u8],
) -> Result<T, DecodeError> {
    let event_type = || event_type.to_owned();
    let damaged = |source| DecodeError::Payload { event_type: event_type(), source };
    let passed = schema.checked_sub(1).map(usize::from);
    match passed.and_then(|passed| steps.get(passed..)) {
        None => Err(DecodeError::UnknownSchema { event_type: event_type(), schema }),
        // The common case: no detour over a tree of values.
        Some([]) => serde_json::from_slice(payload).map_err(damaged),
        Some(steps) => {
            let mut value: Value = serde_json::from_slice(payload).map_err(damaged)?;
            for (schema, step) in (schema..).zip(steps) {
                value = step(value).map_err(|source| DecodeError::Upcast {
                    event_type: event_type(),
                    schema,
                    source,
                })?;
            }
            serde_json::from_value(value).map_err(damaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Weighed {
        grams: u64,
        scale: String,
    }

    fn grams(mut old: Value) -> Result<Value, UpcastError> {
        let kilograms = old["kg"].take().as_u64();
        let kilograms = kilograms.ok_or_else(|| UpcastError("kg is no number".to_owned()))?;
        Ok(json!({ "grams": kilograms * 1_000 }))
    }

    fn scale(mut old: Value) -> Result<Value, UpcastError> {
        old["scale"] = json!("unknown");
        Ok(old)
    }

    crate::domain_events! {
        enum ScaleEvent { Weighed = 3 from { 1 => grams, 2 => scale } }
    }

    #[test]
    fn each_older_schema_is_brought_to_the_newest() {
        let newest: ScaleEvent = Weighed { grams: 2_000, scale: "unknown".to_owned() }.into();
        for (schema, payload) in [
            (1, r#"{"kg":2}"#),
            (2, r#"{"grams":2000}"#),
            (3, r#"{"grams":2000,"scale":"unknown"}"#),
        ] {
            let read = ScaleEvent::decode("Weighed", schema, payload.as_bytes());
            assert_eq!(read.expect("readable"), newest, "schema {schema}");
        }
        assert_eq!(newest.schema(), 3);
    }

    #[test]
    fn what_cannot_be_upcast_says_at_which_schema() {
        let read = |schema, payload: &str| {
            ScaleEvent::decode("Weighed", schema, payload.as_bytes()).expect_err("unreadable")
        };
        assert!(matches!(read(1, r#"{"kg":"two"}"#), DecodeError::Upcast { schema: 1, .. }));
        for schema in [0, 4, u16::MAX] {
            let error = read(schema, "{}");
            assert!(matches!(error, DecodeError::UnknownSchema { schema: s, .. } if s == schema));
        }
        assert!(matches!(read(2, "{"), DecodeError::Payload { .. }));
        assert!(matches!(read(2, "{}"), DecodeError::Payload { .. }));
    }

    #[test]
    fn steps_must_lead_from_the_first_schema_to_the_newest() {
        assert!(steps_lead_to(1, &[]));
        assert!(steps_lead_to(3, &[1, 2]));
        for (schema, from) in [(2, &[][..]), (3, &[1]), (3, &[2]), (3, &[2, 1]), (2, &[1, 2])] {
            assert!(!steps_lead_to(schema, from), "{schema} {from:?}");
        }
    }
}
