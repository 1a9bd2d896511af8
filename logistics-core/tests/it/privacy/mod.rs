//! Personal data: sealed, exported, erased.

mod erase;
mod export;
mod letter;
mod shipment;
mod vault;
