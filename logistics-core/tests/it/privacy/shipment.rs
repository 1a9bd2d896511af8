//! A consignee's data in a shipment: sealed, shown, held by a court, erased.

use futures::executor::block_on;
use logistics_core::audit::verify_store;
use logistics_core::eventsourcing::{
    Actor, CommandEnvelope, EventStore, ExecuteError, Position, ReadModels, execute, load,
    model_name, project,
};
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{
    AggregateEraser, Binding, EraseError, Erasure, Opened, StreamEraser, SubjectKey, Vault, erase,
    export,
};
use logistics_core::readmodel::{ShipmentOperations, ShipmentTracking};
use logistics_core::shipment::{
    CreateShipment, Destination, EraseSubject, LiftLegalHold, PlaceLegalHold, Shipment,
    ShipmentCommand, ShipmentPolicy, shipment_stream,
};
use logistics_core::values::Sha256Digest;
use logistics_core::{ClientId, CommandId, SubjectId};
use serde_json::json;

use super::letter::subject;
use crate::fixtures::{minute, place, shipment};

fn run(store: &MemoryStore, id: &str, command_id: &str, command: ShipmentCommand) {
    let command = CommandEnvelope::new(CommandId::new(command_id).unwrap(), minute(0), command);
    let stream = shipment_stream(&shipment(id));
    let executed: Result<_, ExecuteError<_>> = block_on(execute::<Shipment>(
        store,
        &stream,
        &command,
        minute(0),
        &ShipmentPolicy::default(),
    ));
    executed.unwrap();
}

/// The order of `id` for person-1, sealed and digested as a server would.
fn order(store: &MemoryStore, id: &str) -> CreateShipment {
    let (stream, command) = (shipment_stream(&shipment(id)), CommandId::new("create").unwrap());
    let (person, fresh) = (subject("person-1"), SubjectKey::from_bytes([7; 32]));
    let vault = Vault::new(store);
    let at = |field| Binding::of_stream(&stream, field);
    let consignee = json!({ "name": "Asha", "phone": "+91 98 1234 5678" });
    let sealed = vault.seal_json(&person, at("consignee"), &command, &consignee, &fresh);
    let digest = vault.digest(&person, at("otp_digest"), b"4711", &fresh);
    let client = ClientId::new("acme").unwrap();
    CreateShipment {
        consignee: Some(block_on(sealed).unwrap()),
        otp_digest: Some(block_on(digest).unwrap()),
        ..CreateShipment::new(shipment(id), client, Destination::new(place()))
    }
}

fn erase_person(store: &MemoryStore) -> Result<Erasure, EraseError> {
    let policy = ShipmentPolicy::default();
    let eraser = AggregateEraser::<Shipment> {
        store,
        policy: &policy,
        actor: Actor::System,
        command: |subject: &SubjectId| EraseSubject { subject: subject.clone() }.into(),
    };
    let erasers: [&dyn StreamEraser; 1] = [&eraser];
    block_on(erase(store, store, &erasers, &subject("person-1"), minute(5)))
}

/// What is stored of the first shipment and the events of both, as texts; `state` is the snapshot.
fn stored(store: &MemoryStore, state: Vec<u8>) -> Vec<String> {
    let mut all = vec![state];
    block_on(project::<ShipmentTracking>(store, store, 100)).unwrap();
    block_on(project::<ShipmentOperations>(store, store, 100)).unwrap();
    for model in [model_name::<ShipmentTracking>(), model_name::<ShipmentOperations>()] {
        let rows = block_on(store.rows(&model, &["S-1".to_owned()])).unwrap();
        all.extend(rows.into_iter().map(|row| row.body));
    }
    let events = block_on(store.feed(Position::START, 100)).unwrap();
    all.extend(events.into_iter().map(|event| event.event.payload));
    all.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn a_consignee_is_sealed_exported_and_erased() {
    let store = MemoryStore::new();
    let (one, two) = (shipment_stream(&shipment("S-1")), shipment_stream(&shipment("S-2")));
    for id in ["S-1", "S-2"] {
        run(&store, id, "create", order(&store, id).into());
        // Sent again, and sealed again for it.
        run(&store, id, "create", order(&store, id).into());
    }
    let state = block_on(load::<Shipment>(&store, &one)).unwrap().state;
    let sealed = state.order.as_ref().unwrap().consignee.clone().unwrap();
    let at = Binding::of_stream(&one, "consignee");
    let opened: Opened<serde_json::Value> =
        block_on(Vault::new(&store).open_json(&sealed, at)).unwrap();
    assert_eq!(opened.plain().unwrap()["name"], "Asha");

    let texts = stored(&store, serde_json::to_vec(&state).unwrap());
    assert!(texts.len() == 5 && texts.iter().any(|text| text.contains(r#""sealed":""#)));
    assert!(texts.iter().all(|text| !text.contains("Asha") && !text.contains("1234")), "{texts:?}");

    let held = block_on(export(&store, &store, &store, &subject("person-1"), minute(1))).unwrap();
    let streams: Vec<_> = held.streams.iter().map(|held| &held.stream).collect();
    assert_eq!(streams, [&one, &two]);
    assert!(serde_json::to_string(&held).unwrap().contains("+91 98 1234 5678"));

    let anchor = block_on(verify_store(&store, &[])).unwrap().mark.anchor();
    let erasure = erase_person(&store).unwrap();
    assert_eq!((erasure.streams, erasure.at), (vec![one.clone(), two], minute(5)));
    let state = block_on(load::<Shipment>(&store, &one)).unwrap().state;
    assert_eq!(state.order.unwrap().consignee, None);
    let opened: Opened<serde_json::Value> =
        block_on(Vault::new(&store).open_json(&sealed, at)).unwrap();
    assert_eq!(opened, Opened::Erased { at: minute(5) });
    let otp = block_on(Vault::new(&store).matches(
        &subject("person-1"),
        Binding::of_stream(&one, "otp_digest"),
        b"4711",
        &Sha256Digest::ZERO,
    ));
    assert_eq!(otp.unwrap(), Opened::Erased { at: minute(5) });
    block_on(verify_store(&store, &[anchor])).expect("what is sealed is still there");

    let again = erase_person(&store).unwrap();
    assert_eq!(again.at, minute(5), "a shipment no longer lists who is erased");
}

#[test]
fn a_legal_hold_on_one_shipment_keeps_all_of_the_subject() {
    let store = MemoryStore::new();
    for id in ["S-1", "S-2"] {
        run(&store, id, "create", order(&store, id).into());
    }
    let reference = "court 12/2026".to_owned();
    run(&store, "S-2", "hold", PlaceLegalHold { reference: reference.clone() }.into());
    let Err(EraseError::Refused { refusals }) = erase_person(&store) else { panic!("a refusal") };
    let streams: Vec<_> = refusals.iter().map(|refusal| refusal.stream.id()).collect();
    assert_eq!(streams, ["S-2"]);
    let state = block_on(load::<Shipment>(&store, &shipment_stream(&shipment("S-1")))).unwrap();
    assert!(state.state.order.unwrap().consignee.is_some(), "nothing was done");

    run(&store, "S-2", "lift", LiftLegalHold { reference }.into());
    assert_eq!(erase_person(&store).unwrap().streams.len(), 2);
}
