//! What was committed cannot be changed unnoticed, and can be proved.

mod evidence_pack;
mod log;
mod proofs;
mod tampering;
mod verifying;
