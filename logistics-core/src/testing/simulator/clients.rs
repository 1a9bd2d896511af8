//! Clients outside the program: they send commands over a bad network until they have an answer.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::broken::Broken;
use super::history::{Sent, Taken, Told};
use super::ports::Below;
use super::process::Process;
use super::trace::Who;
use super::world::{Kind, PROCESSES, World};
use crate::eventsourcing::{
    CommandEnvelope, Decider, DecodeError, ExecuteError, RecordedEvent, StoreErrorKind, StreamId,
    Version, execute,
};
use crate::ids::CommandId;

/// How many clients send at once.
const CLIENTS: usize = 4;
/// Longest time on the network, in microseconds.
const ON_THE_WAY: u64 = 5_000;
/// The same, of what is late.
const LATE: u64 = 10_000_000;
/// How long a client waits before it sends again.
const PATIENCE: u64 = 1_000_000;

type Answer = Pin<Box<dyn Future<Output = Told> + Send>>;
/// The text of the state at each version.
type States = BTreeMap<Version, String>;

/// A command that some client will send.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) stream: StreamId,
    pub(super) command: CommandId,
    /// Runs it in a process.
    run: Arc<dyn Fn(Process) -> Answer + Send + Sync>,
    /// What its stream's events give, version by version.
    pub(super) states: fn(&[RecordedEvent]) -> Result<States, DecodeError>,
}

impl Request {
    /// Command number `number`, for the aggregate `D` of `stream`.
    pub(super) fn new<D: Decider + 'static>(
        number: usize,
        stream: StreamId,
        command: D::Command,
        policy: Arc<D::Policy>,
    ) -> Result<Self, crate::ids::IdError>
    where
        D::Command: 'static,
        D::Policy: 'static,
    {
        let id = CommandId::new(number.to_string())?;
        let issued = issued_at(number);
        let envelope = Arc::new(CommandEnvelope::new(id.clone(), issued, command));
        let of = stream.clone();
        let run = move |process: Process| {
            let (stream, envelope, policy) =
                (of.clone(), Arc::clone(&envelope), Arc::clone(&policy));
            let answer = async move { answer::<D>(&process, &stream, &envelope, &policy).await };
            Box::pin(answer) as Answer
        };
        Ok(Self { stream, command: id, run: Arc::new(run), states: states::<D> })
    }
}

/// Commands are issued one after another, a tenth of a second apart, whenever they are sent.
fn issued_at(number: usize) -> DateTime<Utc> {
    let tenths = i64::try_from(number).unwrap_or_default();
    DateTime::from_timestamp(1_795_424_400, 0).unwrap_or_default()
        + Duration::milliseconds(100 * tenths)
}

/// Runs the command as the program does.
async fn answer<D: Decider>(
    process: &Process,
    stream: &StreamId,
    envelope: &CommandEnvelope<D::Command>,
    policy: &D::Policy,
) -> Told {
    match execute::<D>(process.events(), stream, envelope, process.now(), policy).await {
        Ok(executed) => {
            let place = |e: &RecordedEvent| (e.event.event_id, e.version, e.event.hash);
            Told::Taken(Taken {
                version: executed.version,
                state: format!("{:?}", executed.state),
                events: executed.events.iter().map(place).collect(),
            })
        }
        Err(ExecuteError::Rejected(_)) => Told::Refused,
        Err(ExecuteError::Store(error)) if error.kind == StoreErrorKind::Unavailable => {
            Told::Failed
        }
        Err(ExecuteError::Contended { .. } | ExecuteError::OutcomeUnknown(_)) => Told::Open,
        Err(error) => {
            let answer = match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            process.broke(Broken::Answer { command: envelope.command_id.clone(), answer });
            Told::Open
        }
    }
}

fn states<D: Decider>(events: &[RecordedEvent]) -> Result<States, DecodeError> {
    let mut state = D::State::default();
    let mut states = BTreeMap::from([(Version::NONE, format!("{state:?}"))]);
    for recorded in events {
        state = D::evolve(state, &recorded.decode()?);
        states.insert(recorded.version, format!("{state:?}"));
    }
    Ok(states)
}

/// Lets clients begin to send `requests`: each those of its own streams in their order, and, in
/// some runs, those of others too.
pub(super) fn begin(world: &World, below: &Below, requests: &[Request]) {
    let mut homes: BTreeMap<&StreamId, usize> = BTreeMap::new();
    let mut shares: [Vec<usize>; CLIENTS] = [const { Vec::new() }; CLIENTS];
    let strays = world.with(|state| state.random.pick(&[0, 3_000, 10_000]).copied());
    for (number, request) in requests.iter().enumerate() {
        let next = homes.len() % CLIENTS;
        let home = *homes.entry(&request.stream).or_insert(next);
        world.with(|state| {
            let stray = state.random.chance(strays.unwrap_or_default());
            let client = if stray { state.random.index(CLIENTS) } else { home };
            shares[client].push(number);
            state.history.commands.push(Sent {
                command: request.command.clone(),
                stream: request.stream.clone(),
                begun: 0,
                arrived: 0,
                answers: Vec::new(),
            });
        });
    }
    let requests: Arc<[Request]> = requests.into();
    // In some runs they think before the next command, in others everyone is in a hurry.
    let pause = world.with(|state| state.random.pick(&[1_000, 5_000, 50_000]).copied());
    for share in shares {
        let client = Client {
            world: world.clone(),
            below: below.clone(),
            requests: Arc::clone(&requests),
            pause: pause.unwrap_or_default(),
        };
        let sending = async move {
            for number in share {
                client.send(number).await;
            }
        };
        world.start(Who::Outside, Kind::Work, Box::pin(sending));
    }
}

#[derive(Clone)]
struct Client {
    world: World,
    below: Below,
    requests: Arc<[Request]>,
    /// Longest time between two commands, in microseconds.
    pause: u64,
}

impl Client {
    /// Sends a command until there is an answer to it.
    async fn send(&self, number: usize) {
        let pause = self.world.with(|state| state.random.below(self.pause));
        self.world.sleep(pause).await;
        self.world.with(|state| state.history.commands[number].begun = state.tick());
        loop {
            let (copies, known) = self.world.with(|state| {
                let twice = state.goes_wrong(state.faults.twice, Who::Outside, "sent twice");
                (1 + u64::from(twice), state.history.commands[number].answers.len())
            });
            for _ in 0..copies {
                self.deliver(number);
            }
            let until = self.world.with(|state| state.now) + PATIENCE;
            while self.world.with(|state| {
                state.now < until && state.history.commands[number].answers.len() == known
            }) {
                self.world.sleep(10_000).await;
            }
            if self.world.with(|state| {
                let last = state.history.commands[number].answers.last();
                match last.map(|(told, _)| told) {
                    Some(Told::Taken(_) | Told::Refused) => true,
                    // Some give up: then it must not have had any effect.
                    Some(Told::Failed) => state.random.chance(3_000),
                    Some(Told::Open) | None => false,
                }
            }) {
                return;
            }
        }
    }

    /// Puts a copy of the command on its way.
    fn deliver(&self, number: usize) {
        let (client, process) = (self.clone(), self.world.with(|s| s.random.index(PROCESSES)));
        let Some(delay) = self.on_the_way("command lost", number) else { return };
        let arriving = async move {
            client.world.sleep(delay).await;
            client.arrive(number, process);
        };
        self.world.start(Who::Outside, Kind::Work, Box::pin(arriving));
    }

    /// Lets a process run the command, unless it is down.
    fn arrive(&self, number: usize, process: usize) {
        let up = self.world.with(|state| {
            state.history.commands[number].arrived += usize::from(state.up[process]);
            state.up[process]
        });
        if !up {
            return;
        }
        let client = self.clone();
        let running = async move {
            let process = Process::new(client.world.clone(), process, client.below.clone());
            let told = (client.requests[number].run)(process).await;
            client.answer(number, told);
        };
        self.world.start(Who::Process(process), Kind::Work, Box::pin(running));
    }

    /// Puts the answer on its way.
    fn answer(&self, number: usize, told: Told) {
        let Some(delay) = self.on_the_way("answer lost", number) else { return };
        let world = self.world.clone();
        let arriving = async move {
            world.sleep(delay).await;
            let what = match told {
                Told::Taken(_) => "acknowledged",
                Told::Refused => "refused",
                Told::Failed => "failed",
                Told::Open => "left open",
            };
            world.with(|state| {
                state.note(Who::Outside, what, u64::try_from(number).unwrap_or_default());
                let tick = state.tick();
                state.history.commands[number].answers.push((told, tick));
            });
        };
        self.world.start(Who::Outside, Kind::Work, Box::pin(arriving));
    }

    /// How long something is on its way, if it arrives.
    fn on_the_way(&self, lost: &'static str, number: usize) -> Option<u64> {
        self.world.with(|state| {
            let number = u64::try_from(number).unwrap_or_default();
            if state.goes_wrong(state.faults.lost, Who::Outside, lost) {
                return None;
            }
            let late = state.goes_wrong(state.faults.late, Who::Outside, "late");
            state.note(Who::Outside, "on the way", number);
            Some(state.random.below(if late { LATE } else { ON_THE_WAY }))
        })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("stream", &self.stream).finish_non_exhaustive()
    }
}
