//! The store on PostgreSQL.

mod conformance;
mod fixtures;
