//! Every place against every command, on hold or not: what is expected, written by hand.
//!
//! Nothing here is computed from the code; `table.rs` beside it compares.

use logistics_core::shipment::{CommandKind, Phase};

use super::places::Place;
use super::places::Place as P;
use crate::scale::tried;

/// What is expected of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not legal in the phase.
    Illegal,
    /// The hold stops it.
    OnHold,
    /// A guard objects: the code of the rejection.
    Refused(&'static str),
    /// There is nothing to do.
    Nothing,
    /// It is recorded, and the phase is the same.
    Stays,
    /// It leads to this phase.
    To(Phase),
}

/// The columns are the commands in the order of `CommandKind::ALL`, in groups:
///
/// create pickup in out · assign unassign start attempt deliver part reattempt un-reattempt ·
/// collect waive reschedule · hold release · allocate hand-over reject ingest ·
/// rto depart confirm cancel · lost damaged found · retract approve ·
/// legal-hold lift dispute close erase
///
/// For the letters see `verdict`.
#[rustfmt::skip]
const FREE: &[(Place, &str)] = &[
    (P::Unknown,            "c--- -------- --- -- ---- ---- --- -- -----"),
    (P::Created,            "-p-- -------- --= =0 =CC- ---x lm- V- =F=F="),
    (P::CreatedAllocated,   "-p-- -------- --= =0 ===- ---x lm- =- =F=F="),
    (P::CreatedScanned,     "-p-- -------- --= =0 =w=- ---x lm- =- =F=F="),
    (P::PickedUp,           "--ht -------- --= =0 ---- ---r lm- c- =F=F="),
    (P::InTransit,          "--ht -------- --= =0 ---- ---r lm- h- =F=F="),
    (P::AtHub,              "--ht a------- --= =0 =CC- r--r lm- p- =F=F="),
    (P::AtHubAllocated,     "--ht A------- --= =0 ===- r--r lm- p- =F=F="),
    (P::AtHubScanned,       "--ht A------- --= =0 =w=- r--r lm- p- =F=F="),
    (P::Assigned,           "---- aho----R --= =0 ---- ---- lm- h- =F=F="),
    (P::AssignedAgain,      "---- NNo----f --= =0 ---- ---- lm- f- =F=F="),
    (P::Out,                "---- ---fd=-- === =0 ---- ---- lm- a- =F=F="),
    (P::OutPaid,            "---- ---fd=-- KK= =0 ---- ---- lm- a- =F=F="),
    (P::AttemptFailed,      "--h- ----d-a- --= =0 ---- r--- lm- o- =F=F="),
    (P::WithCarrier,        "---- ----d--- ==- =0 ---= r--- lm- h- =F=F="),
    (P::RtoAtHub,           "--=- ----N--- --- =0 ---W -b-- lm- h- =F=F="),
    (P::RtoWithPartner,     "--=- ----d--- --- =0 ---W -N-- lm- f- =F=F="),
    (P::RtoWithCarrier,     "--N- ----d--- --- =0 ---= -b-- lm- w- =F=F="),
    (P::ReturningByHub,     "--=- -------- --- =0 ---W --q- lm- r- =F=F="),
    (P::ReturningByCarrier, "--N- -------- --- =0 ---= --q- lm- r- =F=F="),
    (P::Delivered,          "---- -------- --- -- ---- ---- --- =Q =F=F="),
    (P::DeliveredAsked,     "---- -------- --- -- ---- ---- --- 0o =F=F="),
    (P::Cancelled,          "---- -------- --- -- ---- ---- --- =Q =F=F="),
    (P::RtoDelivered,       "---- -------- --- -- ---- ---- --- =Q =F=F="),
    (P::Lost,               "---- -------- --- -- ---- ---- --h =Q =F=F="),
    (P::Damaged,            "---- -------- --- -- ---- ---- --- =Q =F=F="),
];

/// The same while on hold; what does not live cannot be.
#[rustfmt::skip]
const ON_HOLD: &[(Place, &str)] = &[
    (P::Created,            "-!-- -------- --= == !!C- ---x lm- =- =F=F="),
    (P::CreatedAllocated,   "-!-- -------- --= == !!=- ---x lm- =- =F=F="),
    (P::CreatedScanned,     "-!-- -------- --= == !!=- ---x lm- =- =F=F="),
    (P::PickedUp,           "--h! -------- --= == ---- r--r lm- c- =F=F="),
    (P::InTransit,          "--h! -------- --= == ---- r--r lm- h- =F=F="),
    (P::AtHub,              "--h! !------- --= == !!C- r--r lm- p- =F=F="),
    (P::AtHubAllocated,     "--h! !------- --= == !!=- r--r lm- p- =F=F="),
    (P::AtHubScanned,       "--h! !------- --= == !!=- r--r lm- p- =F=F="),
    (P::Assigned,           "---- !h!----R --= == ---- r--- lm- h- =F=F="),
    (P::AssignedAgain,      "---- !N!----f --= == ---- r--- lm- f- =F=F="),
    (P::Out,                "---- ---fd=-- === == ---- ---- lm- a- =F=F="),
    (P::OutPaid,            "---- ---fd=-- KK= == ---- ---- lm- a- =F=F="),
    (P::AttemptFailed,      "--h- ----d-!- --= == ---- r--- lm- o- =F=F="),
    (P::WithCarrier,        "---- ----d--- ==- == ---= r--- lm- h- =F=F="),
    (P::RtoAtHub,           "--=- ----N--- --- == ---W -!-- lm- h- =F=F="),
    (P::RtoWithPartner,     "--=- ----d--- --- == ---W -!-- lm- f- =F=F="),
    (P::RtoWithCarrier,     "--N- ----d--- --- == ---= -!-- lm- w- =F=F="),
    (P::ReturningByHub,     "--=- -------- --- == ---W --q- lm- r- =F=F="),
    (P::ReturningByCarrier, "--N- -------- --- == ---= --q- lm- r- =F=F="),
];

fn verdict(letter: char) -> Verdict {
    Verdict::To(match letter {
        '-' => return Verdict::Illegal,
        '!' => return Verdict::OnHold,
        '0' => return Verdict::Nothing,
        '=' => return Verdict::Stays,
        'A' => return Verdict::Refused("carrier_allocated"),
        'C' => return Verdict::Refused("no_carrier"),
        'F' => return Verdict::Refused("no_such_reference"),
        'K' => return Verdict::Refused("cod_not_due"),
        'N' => return Verdict::Refused("not_in_hand"),
        'Q' => return Verdict::Refused("no_retraction_requested"),
        'R' => return Verdict::Refused("no_reattempt"),
        'V' => return Verdict::Refused("not_retractable"),
        'W' => return Verdict::Refused("wrong_waybill"),
        'c' => Phase::Created,
        'p' => Phase::PickedUp,
        't' => Phase::InTransit,
        'h' => Phase::AtHub,
        'a' => Phase::Assigned,
        'o' => Phase::OutForDelivery,
        'f' => Phase::AttemptFailed,
        'w' => Phase::WithCarrier,
        'r' => Phase::RtoPending,
        'b' => Phase::RtoInTransit,
        'd' => Phase::Delivered,
        'x' => Phase::Cancelled,
        'q' => Phase::RtoDelivered,
        'l' => Phase::Lost,
        'm' => Phase::Damaged,
        other => panic!("no such letter: {other}"),
    })
}

/// Every cell: a place, on hold or not, a command, what is expected.
pub(crate) fn cells() -> impl Iterator<Item = (Place, bool, CommandKind, Verdict)> {
    let rows = [(false, FREE), (true, ON_HOLD)];
    rows.into_iter().flat_map(|(on_hold, rows)| {
        rows.iter().flat_map(move |&(place, row)| {
            let letters = row.chars().filter(|&letter| letter != ' ').map(verdict);
            let commands = CommandKind::ALL.iter().copied();
            commands.zip(letters).map(move |(kind, expected)| (place, on_hold, kind, expected))
        })
    })
}

#[test]
fn no_cell_is_missing() {
    for (_, row) in FREE.iter().chain(ON_HOLD) {
        let cells = row.chars().filter(|&letter| letter != ' ').count();
        assert_eq!(cells, CommandKind::ALL.len(), "{row}");
    }
    let mut phases: Vec<Phase> = FREE.iter().map(|(place, _)| place.state().phase).collect();
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases, Phase::ALL);
    let live = FREE.iter().map(|&(place, _)| place).filter(|place| place.state().phase.is_live());
    assert!(live.eq(ON_HOLD.iter().map(|&(place, _)| place)));
    tried("cells", cells().count());
}
