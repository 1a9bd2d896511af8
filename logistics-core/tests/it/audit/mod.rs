//! What was committed cannot be changed unnoticed, and can be proved.

mod evidence;
mod log;
mod proofs;
mod tampering;
mod verifying;
