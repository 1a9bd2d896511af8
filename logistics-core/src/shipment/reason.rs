//! Why a delivery attempt failed, and what follows from it.

use serde::{Deserialize, Serialize};

use super::proof::EvidenceKind;

/// Whose doing it was that an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Of the person it goes to.
    Consignee,
    /// Of the delivering side.
    Carrier,
    /// Of the business that sent it.
    Client,
    /// Of nobody.
    Nobody,
}

impl Fault {
    /// Its stable name, such as `consignee`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consignee => "consignee",
            Self::Carrier => "carrier",
            Self::Client => "client",
            Self::Nobody => "nobody",
        }
    }
}

struct Facts {
    fault: Fault,
    counts_as_attempt: bool,
    retryable: bool,
    stops_sla_clock: bool,
    evidence: &'static [EvidenceKind],
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $text:literal: $fault:ident, $counts:literal, $retry:literal, $stops:literal, [$($evidence:ident)*];)+) => {
        /// Why a delivery attempt failed.
        ///
        /// What follows from a reason is data: [`AttemptReason::fault`],
        /// [`AttemptReason::counts_as_attempt`], [`AttemptReason::retryable`],
        /// [`AttemptReason::stops_sla_clock`], [`AttemptReason::evidence`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum AttemptReason {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl AttemptReason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its stable name, such as `address_not_found`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            const fn facts(self) -> Facts {
                match self {
                    $(Self::$name => Facts {
                        fault: Fault::$fault,
                        counts_as_attempt: $counts,
                        retryable: $retry,
                        stops_sla_clock: $stops,
                        evidence: &[$(EvidenceKind::$evidence),*],
                    },)+
                }
            }
        }
    };
}

reasons! {
    // name, text: fault, counts as attempt, retryable, stops the SLA clock, evidence wanted.
    /// Nobody was there to take it.
    Unavailable "unavailable": Consignee, true, true, false, [Photo CallLog];
    /// Nobody answered the telephone or the bell.
    Unreachable "unreachable": Consignee, true, true, false, [CallLog];
    /// The cash to collect was not at hand.
    CodNotReady "cod_not_ready": Consignee, true, true, true, [CallLog];
    /// The consignee asked for another day.
    FutureDate "future_date": Consignee, true, true, true, [Message];
    /// The consignee would not take it.
    Refused "refused": Consignee, true, false, true, [Message Photo];
    /// The consignee had called the order off.
    CancelledByConsignee "cancelled_by_consignee": Consignee, true, false, true, [Message];
    /// The address is wrong.
    AddressIncorrect "address_incorrect": Client, true, true, true, [CallLog Photo];
    /// The address cannot be found.
    AddressNotFound "address_not_found": Client, true, true, true, [CallLog];
    /// The business or building was closed.
    PremisesClosed "premises_closed": Consignee, true, true, false, [Photo];
    /// The partner was not let in.
    AccessRestricted "access_restricted": Consignee, true, true, false, [Photo CallLog];
    /// The address lies where nobody delivers.
    OutOfArea "out_of_area": Client, true, false, true, [];
    /// Weather, unrest, a closed road.
    ForceMajeure "force_majeure": Nobody, false, true, true, [Photo];
    /// It is damaged and was not offered.
    Damaged "damaged": Carrier, false, false, false, [Photo];
    /// The one-time password did not match.
    OtpMismatch "otp_mismatch": Consignee, true, true, false, [CallLog];
    /// The partner never got there: no time, no room, a vehicle out of order.
    NotAttempted "not_attempted": Carrier, false, true, false, [];
}

impl AttemptReason {
    /// Whose doing it was.
    #[must_use]
    pub const fn fault(self) -> Fault {
        self.facts().fault
    }

    /// Whether it uses up one of the attempts that the policy allows.
    #[must_use]
    pub const fn counts_as_attempt(self) -> bool {
        self.facts().counts_as_attempt
    }

    /// Whether trying again as things are can succeed.
    #[must_use]
    pub const fn retryable(self) -> bool {
        self.facts().retryable
    }

    /// What is wanted to believe it, any of these; nothing where the platform knows by itself.
    #[must_use]
    pub const fn evidence(self) -> &'static [EvidenceKind] {
        self.facts().evidence
    }

    /// Whether the delay that follows is not held against the carrier.
    #[must_use]
    pub const fn stops_sla_clock(self) -> bool {
        self.facts().stops_sla_clock
    }
}
