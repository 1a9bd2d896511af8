//! The storage ports of `logistics-core` on Amazon DynamoDB.
#![forbid(unsafe_code)]
