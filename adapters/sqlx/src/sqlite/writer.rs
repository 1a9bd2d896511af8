//! The one writer: a thread that owns the writing connection and takes what waits as one
//! transaction, so that many callers share one wait for the disk.

use std::sync::Arc;
use std::{fmt, io, thread};

use logistics_core::eventsourcing::{StoreError, StoreErrorKind};
use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::batch::{Batch, Job, Work, job};
use super::config::SqliteConfig;
use super::error::{CallError, classify};
use super::file::DatabaseFile;
use super::lock::WriterLock;
use super::statements::execute;

/// `None` asks the writer to close.
type Message = Option<Box<dyn Job>>;

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    /// Gone when the thread has ended.
    running: watch::Receiver<()>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.queue.max_capacity() - self.queue.capacity();
        f.debug_struct("Writer").field("waiting", &waiting).finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts a writer of `file`, to which `db` is connected.
    pub(crate) fn start(
        file: DatabaseFile,
        db: Connection,
        config: &SqliteConfig,
        lock: WriterLock,
    ) -> io::Result<Self> {
        let (queue, inbox) = mpsc::channel(config.queue_max.max(1));
        let (ended, running) = watch::channel(());
        let batch_max = config.batch_max.max(1);
        thread::Builder::new().name("sqlite writer".to_owned()).spawn(move || {
            serve(Session { file, db: Some(db) }, inbox, batch_max);
            drop(lock);
            drop(ended);
        })?;
        Ok(Self { queue, running })
    }

    /// Has the writer do `work`.
    pub(crate) async fn run<W: Work>(&self, work: W) -> Result<W::Output, CallError> {
        let (job, answer) = job(work);
        self.queue.send(Some(job)).await.map_err(|_| CallError::Closed)?;
        answer.await.unwrap_or(Err(CallError::Gone))
    }

    /// As [`run`](Self::run), for an operation without an error of its own.
    pub(crate) async fn write<W: Work>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<W::Output, StoreError> {
        self.run(work).await.map_err(|error| error.into_store_error(operation))
    }

    /// Waits until what was sent before is answered and the file is closed.
    pub(crate) async fn close(&self) {
        // An error here or below says that the thread has ended.
        let _ = self.queue.send(None).await;
        let _ = self.running.clone().changed().await;
    }
}

/// The thread. It ends when it is closed or the last [`Writer`] is gone, after the queue is empty.
fn serve(mut session: Session, mut inbox: mpsc::Receiver<Message>, batch_max: usize) {
    let mut waiting = Vec::with_capacity(batch_max);
    while inbox.blocking_recv_many(&mut waiting, batch_max) > 0 {
        let mut jobs = Vec::with_capacity(waiting.len());
        for message in waiting.drain(..) {
            match message {
                Some(job) => jobs.push(job),
                None => inbox.close(),
            }
        }
        if !jobs.is_empty() {
            session.process(Batch(jobs));
        }
    }
    if let Some(db) = session.db
        && let Err((_, error)) = db.close()
    {
        tracing::warn!(%error, "the database was not closed cleanly");
    }
}

/// The writer's connection, made anew after a failure that leaves its state in doubt.
struct Session {
    file: DatabaseFile,
    db: Option<Connection>,
}

/// Where a transaction failed.
enum Failed {
    /// Before its first change.
    Begin(rusqlite::Error),
    /// In one of its changes; it was rolled back.
    Change(rusqlite::Error),
    /// At its end: it may be durable.
    End(rusqlite::Error),
}

impl Session {
    fn process(&mut self, batch: Batch) {
        let Some(batch) = self.attempt(batch, true) else { return };
        // One of them cannot be made, and the others must not suffer.
        for single in batch.into_singles() {
            self.attempt(single, false);
        }
    }

    /// Runs `batch` and answers its callers, or gives it back where splitting it may help.
    fn attempt(&mut self, mut batch: Batch, may_split: bool) -> Option<Batch> {
        match self.transact(&mut batch) {
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
                batch.fail(&CallError::Unknown(Arc::new(error)));
            }
        }
        None
    }

    fn transact(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        let db = match self.db.take() {
            Some(db) => db,
            None => self.file.writer().map_err(Failed::Begin)?,
        };
        execute(&db, "BEGIN IMMEDIATE", ()).map_err(Failed::Begin)?;
        if let Err(error) = batch.run(&db) {
            if execute(&db, "ROLLBACK", ()).is_ok() {
                self.db = Some(db);
            }
            return Err(Failed::Change(error));
        }
        execute(&db, "COMMIT", ()).map_err(Failed::End)?;
        self.db = Some(db);
        Ok(())
    }
}
