//! The store on PostgreSQL.

mod canaries;
mod cluster;
mod concurrency;
mod conformance;
mod crash;
mod erasure;
mod feed;
mod fixtures;
mod opening;
mod plans;
mod proxy;
mod stuck;
mod workload;
mod writing;
