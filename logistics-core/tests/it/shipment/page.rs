//! `docs/domain.md` shows the tables as the code has them.
//!
//! Run this test with `LOGISTICS_WRITE_DOCS=1` to write the page anew.
#![expect(
    clippy::disallowed_methods,
    reason = "it compares a file beside the crate; nothing of this is in the crate itself"
)]

use std::fmt::Write as _;

use logistics_core::shipment::{
    AttemptReason, EvidenceKind, Outcome, Phase, Rule, TABLE, Target, mermaid,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/domain.md");

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

fn phases(phases: &[Phase]) -> String {
    let live = Phase::ALL.iter().copied().filter(|phase| phase.is_live());
    let ended = Phase::ALL.iter().copied().filter(|phase| phase.is_terminal());
    if phases.iter().copied().eq(live.clone()) {
        return "any live".to_owned();
    }
    if phases.iter().copied().eq(ended.clone()) {
        return "any that has ended".to_owned();
    }
    if phases.iter().copied().eq(live.chain(ended)) {
        return "any".to_owned();
    }
    let names = phases.iter().map(|phase| match phase {
        Phase::Unknown => "none",
        phase => phase.as_str(),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn outcome(outcome: &Outcome) -> String {
    let to = match outcome.to {
        Target::Phase(to) => format!(" → {}", to.as_str()),
        Target::Same => String::new(),
        Target::Before => " → as before the event".to_owned(),
    };
    let from = match outcome.from {
        [] => String::new(),
        from => format!(" (from {})", phases(from)),
    };
    format!("`{}`{to}{from}", outcome.event)
}

fn row(rule: &Rule) -> String {
    let mut from = phases(rule.from);
    if !rule.from_hold.is_empty() {
        let _ = write!(from, "; on hold also {}", phases(rule.from_hold));
    }
    if rule.stopped_by_hold {
        from += "; not on hold";
    }
    let outcomes: Vec<_> = rule.outcomes.iter().map(outcome).collect();
    format!(
        "| `{}` | {from} | {} | {} | {} | {} |\n",
        rule.command.as_str(),
        outcomes.join(" · "),
        or_dash(rule.guard.to_owned()),
        or_dash(rule.aftership.to_owned()),
        or_dash(rule.epcis.to_owned()),
    )
}

fn commands() -> String {
    let head = "| command | legal from | event → phase | guard | AfterShip | EPCIS |\n\
                |---|---|---|---|---|---|\n";
    TABLE.iter().fold(head.to_owned(), |page, rule| page + &row(rule))
}

fn reasons() -> String {
    let head = "| reason | fault | counts as attempt | retryable | stops the SLA clock | evidence wanted |\n\
                |---|---|---|---|---|---|\n";
    AttemptReason::ALL.iter().fold(head.to_owned(), |page, &reason| {
        let yes = |fact| if fact { "yes" } else { "no" };
        let evidence: Vec<_> =
            reason.evidence().iter().copied().map(EvidenceKind::as_str).collect();
        page + &format!(
            "| `{}` | {} | {} | {} | {} | {} |\n",
            reason.as_str(),
            reason.fault().as_str(),
            yes(reason.counts_as_attempt()),
            yes(reason.retryable()),
            yes(reason.stops_sla_clock()),
            or_dash(evidence.join(", ")),
        )
    })
}

/// `page` with `content` between the markers of `part`.
fn with(page: &str, part: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- begin {part} -->\n"), format!("<!-- end {part} -->"));
    let start = page.find(&begin).expect("the marker is there") + begin.len();
    let stop = page[start..].find(&end).expect("the marker is there") + start;
    format!("{}\n{content}\n{}", &page[..start], &page[stop..])
}

#[test]
fn the_page_shows_the_tables_as_they_are() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let diagram = format!("```mermaid\n{}```\n", mermaid());
    let parts = [("diagram", diagram), ("commands", commands()), ("reasons", reasons())];
    let wanted = parts.iter().fold(page.clone(), |page, (part, text)| with(&page, part, text));
    if std::env::var_os("LOGISTICS_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
    } else {
        assert!(page == wanted, "docs/domain.md is old: run this test with LOGISTICS_WRITE_DOCS=1");
    }
}
