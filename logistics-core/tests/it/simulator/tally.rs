//! A small aggregate with all that a commit can bring: it counts up to a limit, tells others, and
//! keeps a timer that it sets anew and removes.

use chrono::Duration;
use logistics_core::eventsourcing::{
    DecideContext, Decider, Effects, IndexEntry, Message, Projection, RecordedEvent, StreamId,
    Timer, TimerOp,
};
use logistics_core::testing::simulator::Random;
use serde::{Deserialize, Serialize};

/// Something was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Counted {
    tally: String,
    by: u32,
}

/// The tally is to be reminded of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReminderSet {
    tally: String,
    in_seconds: u32,
}

/// It is not any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReminderRemoved {
    tally: String,
}

logistics_core::domain_events! {
    /// What can happen to a tally.
    pub(super) enum TallyEvent { Counted = 1, ReminderSet = 1, ReminderRemoved = 1 }
}

/// What can be asked of a tally.
#[derive(Debug, Clone, Serialize)]
pub(super) enum TallyCommand {
    /// Counts each of the numbers; none at all is nothing to do.
    Count(Vec<u32>),
    /// Sets the reminder.
    Remind(u32),
    /// Removes it.
    Forget,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TallyState {
    sum: u64,
    events: u32,
    reminded: bool,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("that is too much")]
pub(super) struct TooMuch;

/// How high a tally may count, and what it is called.
#[derive(Debug)]
pub(super) struct TallyPolicy {
    limit: u64,
}

#[derive(Debug)]
pub(super) struct Tally;

impl Decider for Tally {
    const CATEGORY: &'static str = "TLY";
    type Command = (String, TallyCommand);
    type Event = TallyEvent;
    type State = TallyState;
    type Rejection = TooMuch;
    type Policy = TallyPolicy;

    fn decide(
        state: &TallyState,
        (tally, command): &Self::Command,
        context: &DecideContext<'_, TallyPolicy>,
    ) -> Result<Vec<TallyEvent>, TooMuch> {
        let tally = || tally.clone();
        Ok(match command {
            TallyCommand::Count(numbers) => {
                let sum = numbers.iter().copied().map(u64::from).sum::<u64>();
                if state.sum + sum > context.policy.limit {
                    return Err(TooMuch);
                }
                numbers.iter().map(|&by| Counted { tally: tally(), by }.into()).collect()
            }
            TallyCommand::Remind(in_seconds) => {
                vec![ReminderSet { tally: tally(), in_seconds: *in_seconds }.into()]
            }
            TallyCommand::Forget if state.reminded => {
                vec![ReminderRemoved { tally: tally() }.into()]
            }
            TallyCommand::Forget => Vec::new(),
        })
    }

    fn evolve(mut state: TallyState, event: &TallyEvent) -> TallyState {
        state.events += 1;
        match event {
            TallyEvent::Counted(counted) => state.sum += u64::from(counted.by),
            TallyEvent::ReminderSet(_) => state.reminded = true,
            TallyEvent::ReminderRemoved(_) => state.reminded = false,
        }
        state
    }

    fn effects(
        state: &TallyState,
        events: &[TallyEvent],
        context: &DecideContext<'_, TallyPolicy>,
    ) -> Effects {
        let mut effects = Effects::default();
        for event in events {
            match event {
                TallyEvent::Counted(counted) => effects.messages.push(Message {
                    kind: "tally.counted",
                    key: counted.tally.clone(),
                    body: state.sum.to_string().into_bytes(),
                }),
                TallyEvent::ReminderSet(set) => effects.timers.push(TimerOp::Arm(Timer {
                    owner: set.tally.clone(),
                    name: "reminder".to_owned(),
                    generation: state.events,
                    fire_at: context.now + Duration::seconds(set.in_seconds.into()),
                })),
                TallyEvent::ReminderRemoved(removed) => effects.timers.push(TimerOp::Disarm {
                    owner: removed.tally.clone(),
                    name: "reminder".to_owned(),
                }),
            }
        }
        effects
    }
}

/// The sum of a tally and how many events it has, found by the parity of the sum.
#[derive(Debug)]
pub(super) struct Sums;

impl Projection for Sums {
    const NAME: &'static str = "sums";
    const REVISION: u16 = 1;
    type Row = (u64, u64);
    type Event = TallyEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == Tally::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(row: Option<(u64, u64)>, event: TallyEvent, _: &RecordedEvent) -> (u64, u64) {
        let (sum, events) = row.unwrap_or_default();
        let by = match event {
            TallyEvent::Counted(counted) => u64::from(counted.by),
            TallyEvent::ReminderSet(_) | TallyEvent::ReminderRemoved(_) => 0,
        };
        (sum + by, events + 1)
    }

    fn indexes((sum, events): &(u64, u64)) -> Vec<IndexEntry> {
        let parity = if sum.is_multiple_of(2) { "even" } else { "odd" };
        vec![IndexEntry::new("parity", parity, format!("{events:06}"))]
    }
}

/// Commands for three tallies, some of which will be refused.
pub(super) fn commands(
    random: &mut Random,
    count: usize,
) -> Vec<(StreamId, (String, TallyCommand))> {
    let command = |random: &mut Random| match random.below(8) {
        0 | 1 => TallyCommand::Remind(u32::try_from(random.below(3)).unwrap()),
        2 => TallyCommand::Forget,
        _ => {
            let events = random.below(4);
            TallyCommand::Count(
                (0..events).map(|_| u32::try_from(random.below(9)).unwrap()).collect(),
            )
        }
    };
    (0..count)
        .map(|_| {
            let id = format!("T-{}", random.below(3));
            (StreamId::new(Tally::CATEGORY, &id).unwrap(), (id, command(random)))
        })
        .collect()
}

pub(super) fn policy() -> TallyPolicy {
    TallyPolicy { limit: 60 }
}
