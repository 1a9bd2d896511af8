//! The one writer: a task that owns the writing connection and takes what waits as one
//! transaction, so that many callers share one wait for the disk.

use std::fmt;
use std::sync::Arc;

use logistics_core::eventsourcing::{Commit, StoreErrorKind};
use logistics_core::telemetry::{Appended, Fix};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

pub(crate) use super::batch::Work;
use super::batch::{Batch, Pending, Write};
use super::commits::Outcome;
use super::config::SqliteConfig;
use super::error::{WriteError, classify};
use super::schema::WriterLock;
use super::values::SqlResult;

/// `None` asks the writer to close.
type Message = Option<Write>;

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
    /// Starts a writer that connects by `options`.
    pub(crate) fn start(
        options: SqliteConnectOptions,
        config: &SqliteConfig,
        lock: WriterLock,
    ) -> Self {
        let (queue, inbox) = mpsc::channel(config.queue_max.max(1));
        let session = Session { options, batch_max: config.batch_max.max(1), link: None };
        let task = Arc::new(Mutex::new(Some(tokio::spawn(serve(session, inbox, lock)))));
        Self { queue, task }
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Outcome, WriteError> {
        let (pending, answer) = Pending::new(commit);
        self.send(Write::Commit(Box::new(pending)), answer).await
    }

    pub(crate) async fn append(&self, fixes: Vec<Fix>) -> Result<Vec<Appended>, WriteError> {
        let (pending, answer) = Pending::new(fixes);
        self.send(Write::Fixes(pending), answer).await
    }

    pub(crate) async fn run<W: Work>(&self, work: W) -> Result<W::Output, WriteError> {
        let (pending, answer) = Pending::new(work);
        self.send(Write::Other(Box::new(pending)), answer).await
    }

    async fn send<O>(
        &self,
        write: Write,
        answer: oneshot::Receiver<Result<O, WriteError>>,
    ) -> Result<O, WriteError> {
        let sent = self.queue.send(Some(write)).await;
        sent.map_err(|_| WriteError::Closed)?;
        answer.await.unwrap_or(Err(WriteError::Gone))
    }

    /// Waits until what was sent before is answered and the file is closed.
    pub(crate) async fn close(&self) {
        // An error here or below says that the task has ended already.
        let _ = self.queue.send(None).await;
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

/// The task. It ends when it is closed or the last [`Writer`] is gone, after the queue is empty.
async fn serve(mut session: Session, mut inbox: mpsc::Receiver<Message>, lock: WriterLock) {
    let batch_max = session.batch_max;
    let mut waiting = Vec::with_capacity(batch_max);
    while inbox.recv_many(&mut waiting, batch_max).await > 0 {
        let mut batch = Batch::default();
        for message in waiting.drain(..) {
            match message {
                Some(write) => batch.push(write),
                None => inbox.close(),
            }
        }
        if batch.len() > 0 {
            session.process(batch).await;
        }
    }
    if let Some(link) = session.link.take()
        && let Err(error) = link.db.close().await
    {
        tracing::warn!(%error, "the database was not closed cleanly");
    }
    drop(lock);
}

/// The open connection and what is known about the file.
struct Link {
    db: SqliteConnection,
    /// The last position of the feed; not known before the first commit.
    head: Option<u64>,
}

/// The writer's connection, made anew after a failure that leaves its state in doubt.
struct Session {
    options: SqliteConnectOptions,
    batch_max: usize,
    link: Option<Link>,
}

/// Where a transaction failed.
enum Failed {
    /// Before its first change.
    Begin(sqlx::Error),
    /// In one of its changes; it was rolled back.
    Change(sqlx::Error),
    /// At its end: it may be durable.
    End(sqlx::Error),
}

impl Session {
    async fn process(&mut self, batch: Batch) {
        let Some(batch) = self.attempt(batch, true).await else { return };
        // One of them cannot be made, and which is not known: the others must not suffer.
        for single in batch.into_singles() {
            self.attempt(single, false).await;
        }
    }

    /// Runs `batch` and answers its callers, or gives it back where splitting it may help.
    async fn attempt(&mut self, mut batch: Batch, may_split: bool) -> Option<Batch> {
        match self.transact(&mut batch).await {
            Ok(()) => batch.answer(),
            Err(Failed::Begin(error)) => {
                tracing::error!(%error, writes = batch.len(), "no transaction could begin");
                batch.roll_back(error);
            }
            Err(Failed::Change(error)) => {
                let surroundings = classify(&error).0 == StoreErrorKind::Unavailable;
                if may_split && !surroundings && batch.len() > 1 {
                    return Some(batch);
                }
                tracing::error!(%error, writes = batch.len(), "a write was rolled back");
                batch.roll_back(error);
            }
            Err(Failed::End(error)) => {
                tracing::error!(%error, writes = batch.len(), "the end of a commit is unknown");
                batch.fail(&WriteError::Unknown(Arc::new(error)));
            }
        }
        None
    }

    async fn transact(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => Link { db: self.options.connect().await.map_err(Failed::Begin)?, head: None },
        };
        execute(&mut link.db, "BEGIN IMMEDIATE").await.map_err(Failed::Begin)?;
        let mut head = link.head;
        if let Err(error) = batch.run(&mut link.db, &mut head).await {
            if execute(&mut link.db, "ROLLBACK").await.is_ok() {
                self.link = Some(link);
            }
            return Err(Failed::Change(error));
        }
        execute(&mut link.db, "COMMIT").await.map_err(Failed::End)?;
        link.head = head;
        self.link = Some(link);
        Ok(())
    }
}

async fn execute(db: &mut SqliteConnection, statement: &'static str) -> SqlResult<()> {
    sqlx::query(statement).execute(db).await.map(drop)
}
