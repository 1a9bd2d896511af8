//! The planner without a server: what it plans, and that plans do on a model of DynamoDB what the
//! store in memory does.

mod fixtures;
mod limits;
mod model;
mod planner;
mod property;
