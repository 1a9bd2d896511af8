//! The shipment: its table cell by cell, what is checked beside it, what holds for every history.

mod commands;
mod guards;
mod matrix;
mod page;
mod places;
mod properties;
mod rules;
mod table;
