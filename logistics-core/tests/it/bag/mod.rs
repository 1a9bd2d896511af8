//! Bags: what is legal, what they record, and how they move what they hold.

mod crashes;
mod faulty;
mod moving;
mod properties;
mod rules;
mod table;

use logistics_core::bag::{
    ArriveHub, BagCommand, CloseBag, DepartHub, OpenBag, PutIn, SealBag, TakeOut, UnsealBag,
};
use logistics_core::{BagId, SealNumber};

use crate::fixtures::{hub, shipment};

fn bag(id: &str) -> BagId {
    BagId::new(id).unwrap()
}

fn seal_number(number: &str) -> SealNumber {
    SealNumber::new(number).unwrap()
}

fn open() -> BagCommand {
    OpenBag { bag: bag("BAG-1"), hub: hub("HUB-1"), destination: hub("MFC-3") }.into()
}

fn put(id: &str, pieces: u32) -> BagCommand {
    PutIn { shipment: shipment(id), pieces }.into()
}

fn take(id: &str) -> BagCommand {
    TakeOut { shipment: shipment(id) }.into()
}

fn seal(number: &str) -> BagCommand {
    SealBag { seal: seal_number(number) }.into()
}

fn depart(from: &str, to: Option<&str>) -> BagCommand {
    DepartHub { hub: hub(from), to: to.map(hub) }.into()
}

fn arrive(at: &str) -> BagCommand {
    ArriveHub { hub: hub(at) }.into()
}

fn unseal(at: &str, found: Option<&str>) -> BagCommand {
    UnsealBag { hub: hub(at), seal: found.map(seal_number) }.into()
}

fn close(missing: &[&str]) -> BagCommand {
    CloseBag { missing: missing.iter().map(|id| shipment(id)).collect() }.into()
}
