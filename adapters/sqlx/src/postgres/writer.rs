//! The store's writer: a task that takes the commits that wait as one transaction, so that many
//! callers share one round trip and one wait for the disk.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use logistics_core::eventsourcing::{Commit, CommitError, Committed, StoreErrorKind};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::batch::{Batch, Pending};
use super::commit_batch;
use super::commits::Answers;
use super::config::PostgresConfig;
use super::connections::in_time;
use super::error::{WriteError, classify, is_broken, is_race, is_rolled_back};
use super::values::SqlResult;

/// How often a batch that met another writer is tried. Each time at least one commit of the other
/// writer got through.
const RACES_MAX: u32 = 32;

/// `None` asks the writer to close.
type Message = Option<Pending>;

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.queue.max_capacity() - self.queue.capacity();
        f.debug_struct("Writer").field("waiting", &waiting).finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn start(options: PgConnectOptions, config: &PostgresConfig) -> Self {
        let (queue, inbox) = mpsc::channel(config.queue_max.max(1));
        let session = Session { options, patience: config.patience(), link: None };
        let task = tokio::spawn(serve(session, inbox, config.batch_max.max(1)));
        Self { queue, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// Takes `commits`, which follow one another on one stream, as a whole or not at all.
    pub(crate) async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, CommitError> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        check_sequence(&commits)?;
        let (pending, answer) = Pending::new(commits);
        let outcome = match self.queue.send(Some(pending)).await {
            Ok(()) => answer.await.unwrap_or(Err(WriteError::Gone)),
            Err(_) => Err(WriteError::Closed),
        };
        Ok(outcome.map_err(WriteError::into_commit_error)??)
    }

    /// Waits until what was sent before is answered and the connection is closed.
    pub(crate) async fn close(&self) {
        // An error here or below says that the task has ended already.
        let _ = self.queue.send(None).await;
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

/// Checks the limits of `commits`, and that each goes on where the one before it ends.
fn check_sequence(commits: &[Commit]) -> Result<(), CommitError> {
    commits.iter().try_for_each(Commit::check_limits)?;
    for (before, commit) in commits.iter().zip(commits.iter().skip(1)) {
        let actual = before.command.after;
        if commit.stream != before.stream || commit.expected.version() != actual {
            return Err(CommitError::Conflict { actual });
        }
    }
    for (place, commit) in commits.iter().enumerate().skip(1) {
        let mut before = commits.iter().take(place).map(|before| &before.command);
        if let Some(record) = before.find(|record| record.command_id == commit.command.command_id) {
            return Err(CommitError::Duplicate(record.clone()));
        }
    }
    Ok(())
}

/// The task. It ends when it is closed or the last [`Writer`] is gone, after the queue is empty.
async fn serve(mut session: Session, mut inbox: mpsc::Receiver<Message>, batch_max: usize) {
    let mut waiting = VecDeque::with_capacity(batch_max);
    let mut arrived = Vec::with_capacity(batch_max);
    loop {
        if waiting.is_empty() && inbox.recv_many(&mut arrived, batch_max).await == 0 {
            break;
        }
        while waiting.len() + arrived.len() < batch_max
            && let Ok(message) = inbox.try_recv()
        {
            arrived.push(message);
        }
        for message in arrived.drain(..) {
            match message {
                Some(pending) => waiting.push_back(pending),
                None => inbox.close(),
            }
        }
        if !waiting.is_empty() {
            let batch = Batch::of(&mut waiting, batch_max);
            for again in session.process(batch).await.into_iter().rev() {
                waiting.push_front(again);
            }
        }
    }
    session.close().await;
}

/// The writer's connection, made anew after a failure that leaves its state in doubt.
struct Session {
    options: PgConnectOptions,
    patience: Duration,
    link: Option<PgConnection>,
}

impl Session {
    /// Runs `batch` and answers its callers. Gives back those that have to be tried again.
    async fn process(&mut self, batch: Batch) -> Vec<Pending> {
        let mut again = Vec::new();
        let mut batches = vec![batch];
        while let Some(batch) = batches.pop() {
            match self.attempt(&batch).await {
                Ok(answers) => again.extend(answers.tell(batch)),
                // One of them cannot be made, and which is not known: the others must not suffer.
                Err(WriteError::RolledBack(error)) if batch.len() > 1 && is_about_data(&error) => {
                    let [first, second] = batch.halves();
                    batches.extend([second, first]);
                }
                Err(error) => {
                    tracing::error!(%error, commits = batch.len(), "a batch was not committed");
                    batch.fail(&error);
                }
            }
        }
        again
    }

    async fn attempt(&mut self, batch: &Batch) -> Result<Answers, WriteError> {
        let mut races = 0;
        loop {
            let error = match self.send(batch).await? {
                Ok(answers) => return Ok(answers),
                Err(error) => error,
            };
            if is_race(&error) && races < RACES_MAX {
                races += 1;
                tracing::debug!(%error, races, "another writer was in the way");
            } else if is_rolled_back(&error) {
                return Err(WriteError::RolledBack(Arc::new(error)));
            } else {
                return Err(WriteError::Unknown(Arc::new(error)));
            }
        }
    }

    /// Fails where nothing could be sent; else gives the server's answer.
    async fn send(&mut self, batch: &Batch) -> Result<SqlResult<Answers>, WriteError> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => in_time(self.patience, connect(&self.options))
                .await
                .map_err(|error| WriteError::RolledBack(Arc::new(error)))?,
        };
        let answers = in_time(self.patience, send(&mut link, batch)).await;
        if !answers.as_ref().is_err_and(is_broken) {
            self.link = Some(link);
        }
        Ok(answers)
    }

    async fn close(self) {
        if let Some(link) = self.link
            && let Err(error) = in_time(self.patience, link.close()).await
        {
            tracing::warn!(%error, "the writer's connection was not closed cleanly");
        }
    }
}

fn is_about_data(error: &sqlx::Error) -> bool {
    classify(error).0 == StoreErrorKind::Invalid
}

/// A connection that knows the one statement of the writer.
async fn connect(options: &PgConnectOptions) -> SqlResult<PgConnection> {
    let mut link = options.connect().await?;
    commit_batch::prepare(&mut link).await?;
    Ok(link)
}

async fn send(link: &mut PgConnection, batch: &Batch) -> SqlResult<Answers> {
    let row = commit_batch::call(link, batch).await?;
    Answers::read(&row)
}
