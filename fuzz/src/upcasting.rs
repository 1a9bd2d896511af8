//! Stored payloads of every schema that an event ever had, damaged or not.

use logistics_core::eventsourcing::{DecodeError, DomainEvent, UpcastError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something was weighed. Schema 1 had kilograms as a number, 2 grams as text, 3 a nested amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Weighed {
    amount: Amount,
    scale: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Amount {
    grams: u64,
}

/// Something was counted; its shape never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Counted {
    pieces: u32,
}

logistics_core::domain_events! {
    enum GoodsEvent {
        Weighed = 4 from { 1 => grams_as_text, 2 => nested, 3 => with_scale },
        Counted = 1,
    }
}

fn object(value: Value) -> Result<Map<String, Value>, UpcastError> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(UpcastError(format!("{other} is no object"))),
    }
}

fn grams_as_text(old: Value) -> Result<Value, UpcastError> {
    let mut object = object(old)?;
    let kilograms = object.remove("kg").as_ref().and_then(Value::as_f64);
    let grams = kilograms.map(|kg| kg * 1_000.0).filter(|grams| grams.is_finite());
    let grams = grams.ok_or_else(|| UpcastError("kg is no number".to_owned()))?;
    object.insert("grams".to_owned(), format!("{grams:.0}").into());
    Ok(object.into())
}

fn nested(old: Value) -> Result<Value, UpcastError> {
    let mut object = object(old)?;
    let grams = object.remove("grams");
    let grams = grams.as_ref().and_then(Value::as_str).and_then(|text| text.parse::<u64>().ok());
    let grams = grams.ok_or_else(|| UpcastError("grams is no whole number".to_owned()))?;
    let mut amount = Map::new();
    amount.insert("grams".to_owned(), grams.into());
    object.insert("amount".to_owned(), amount.into());
    Ok(object.into())
}

fn with_scale(old: Value) -> Result<Value, UpcastError> {
    let mut object = object(old)?;
    object.entry("scale").or_insert_with(|| "unknown".into());
    Ok(object.into())
}

/// The first byte is the schema, the second chooses the event, the rest is the payload. What is
/// read is the newest shape; what is not says why, and newer schemas are never read as older ones.
pub fn upcasting(data: &[u8]) {
    let [schema, kind, payload @ ..] = data else { return };
    let (schema, event_type) = (u16::from(*schema), ["Weighed", "Counted"][usize::from(kind & 1)]);
    match GoodsEvent::decode(event_type, schema, payload) {
        Ok(event) => {
            assert!((1..=event.schema()).contains(&schema), "schema {schema} was read");
            let written = event.encode().expect("what was read can be written");
            let again = GoodsEvent::decode(event_type, event.schema(), &written);
            assert!(matches!(&again, Ok(same) if *same == event), "{event:?} became {again:?}");
        }
        Err(DecodeError::UnknownSchema { schema: named, .. }) => assert_eq!(named, schema),
        Err(DecodeError::Upcast { schema: at, .. }) => assert!(at >= schema, "{at} < {schema}"),
        Err(DecodeError::Payload { .. }) => {}
        Err(other) => panic!("{other:?} for an event that is known"),
    }
}
