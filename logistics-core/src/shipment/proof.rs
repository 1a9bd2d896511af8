//! What shows that a thing took place: proofs of delivery, and evidence of what went wrong.

use serde::{Deserialize, Serialize};

use crate::values::Sha256Digest;

/// What shows that a shipment was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// The consignee told a one-time password.
    Otp,
    /// A photograph was taken.
    Photo,
    /// The consignee signed.
    Signature,
    /// It was left at an agreed place.
    Unattended,
    /// A carrier says so.
    CarrierReport,
}

impl ProofKind {
    /// Its stable name, such as `carrier_report`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Photo => "photo",
            Self::Signature => "signature",
            Self::Unattended => "unattended",
            Self::CarrierReport => "carrier_report",
        }
    }
}

/// Proof of delivery: its kind, and the digest of what is kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What kind.
    pub kind: ProofKind,
    /// The digest of the photograph, signature or password.
    ///
    /// A password is short enough to be guessed from a plain digest: let the caller use a keyed one,
    /// here and in [`CreateShipment::otp_digest`](super::CreateShipment::otp_digest).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Sha256Digest>,
}

/// What kind of thing shows what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A photograph.
    Photo,
    /// The log of a telephone call.
    CallLog,
    /// A message to or from the consignee.
    Message,
    /// Any other document.
    Document,
}

impl EvidenceKind {
    /// Its stable name, such as `call_log`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::CallLog => "call_log",
            Self::Message => "message",
            Self::Document => "document",
        }
    }
}

/// Evidence: its kind, and the digest of what is kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind.
    pub kind: EvidenceKind,
    /// The digest of it.
    pub digest: Sha256Digest,
}
