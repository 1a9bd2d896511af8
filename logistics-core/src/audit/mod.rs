//! Has anything been tampered with? Verifying what a store holds, and proving it to others.
//!
//! Three means, each against what the one before cannot see:
//!
//! - The **hash chain** of each stream ([`verify_stream`]) shows any change inside a stream.
//! - An **anchor** ([`Anchor`]), kept outside the store, shows that the newest events were removed,
//!   or that a stream was written anew together with its hashes ([`verify_store`]). It is the root
//!   of the Merkle tree of RFC 9162 over the hashes of all events in the order of their positions.
//! - **Proofs** show a third party, who holds nothing but an anchor, that an event was there
//!   ([`EvidencePack`]), or that between two anchors nothing was changed ([`prove_consistency`]).
//!
//! ```
//! use logistics_core::audit::{EvidencePack, Mark, evidence_pack, verify_store};
//! use logistics_core::memory::MemoryStore;
//! # use logistics_core::eventsourcing::{CommandEnvelope, execute};
//! # use logistics_core::partner::{
//! #     Partner, PartnerCommand, PartnerPolicy, PartnerProfile, RegisterPartner, Vehicle, partner_stream,
//! # };
//! # use logistics_core::{CommandId, PartnerId};
//! # let now = chrono::DateTime::UNIX_EPOCH;
//! # futures::executor::block_on(async {
//! # let store = MemoryStore::new();
//! # for id in ["DP-1", "DP-2", "DP-3"] {
//! #     let partner = PartnerId::new(id)?;
//! #     let profile = PartnerProfile::new(Vehicle::TwoWheeler);
//! #     let stream = partner_stream(&partner);
//! #     let command = PartnerCommand::Register(RegisterPartner { partner, profile });
//! #     let command = CommandEnvelope::new(CommandId::new(id)?, now, command);
//! #     execute::<Partner>(&store, &stream, &command, now, &PartnerPolicy::default()).await?;
//! # }
//! # let stream = partner_stream(&PartnerId::new("DP-2")?);
//! // Every day: verify the store against the anchors kept so far, and keep another one.
//! let verified = verify_store(&store, &[]).await?;
//! let kept = verified.mark.anchor();
//! assert_eq!((kept.size, verified.streams.len()), (3, 3));
//! verify_store(&store, &[kept]).await?;
//!
//! // In a dispute: a document that whoever holds the anchor can check without the store.
//! let document = evidence_pack(&store, &stream, &Mark::START, &kept).await?;
//! let text = serde_json::to_string(&document)?;
//! let received: EvidencePack = serde_json::from_str(&text)?;
//! assert_eq!(received.verify(&kept)?.get(), 1);
//!
//! let forged: EvidencePack = serde_json::from_str(&text.replace("two_wheeler", "four_wheeler"))?;
//! assert!(forged.verify(&kept).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```

mod anchor;
mod auditor;
mod evidence_pack;
mod prove;
mod tree;

pub use anchor::{Anchor, ConsistencyProof, InclusionProof};
pub use auditor::{
    AuditError, Auditor, Finding, Mark, StoreVerified, StreamVerified, verify_store, verify_stream,
    verify_streams,
};
pub use evidence_pack::{EvidencePack, EvidencePackError, PackedEvent, evidence_pack};
pub use prove::{prove_consistency, prove_inclusion};
pub use tree::{Frontier, FrontierError};
