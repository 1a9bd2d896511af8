//! Writes that share one transaction, and how each gets its own answer.

use std::sync::Arc;

use async_trait::async_trait;
use logistics_core::eventsourcing::Commit;
use logistics_core::telemetry::{Appended, Fix};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::commits::{self, Outcome};
use super::error::WriteError;
use super::fixes;
use super::values::SqlResult;

/// A change to the database that answers something. It may be run again after a rollback, so it
/// must not change itself.
#[async_trait]
pub(crate) trait Work: Send + Sync + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// Makes the change inside the open transaction.
    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<Self::Output>;
}

/// A write with its caller waiting.
#[derive(Debug)]
pub(crate) struct Pending<I, O> {
    pub(crate) input: I,
    /// Told to the caller once the transaction is durable.
    pub(crate) outcome: Option<O>,
    reply: oneshot::Sender<Result<O, WriteError>>,
}

impl<I, O> Pending<I, O> {
    pub(crate) fn new(input: I) -> (Self, oneshot::Receiver<Result<O, WriteError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { input, outcome: None, reply }, answer)
    }

    /// A caller that has gone away does not mind.
    fn answer(self) {
        if let Some(outcome) = self.outcome {
            let _ = self.reply.send(Ok(outcome));
        }
    }

    fn fail(self, error: WriteError) {
        let _ = self.reply.send(Err(error));
    }
}

/// A [`Pending`] of some [`Work`].
#[async_trait]
pub(crate) trait Job: Send {
    async fn run(&mut self, db: &mut SqliteConnection) -> SqlResult<()>;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: WriteError);
}

#[async_trait]
impl<W: Work> Job for Pending<W, W::Output> {
    async fn run(&mut self, db: &mut SqliteConnection) -> SqlResult<()> {
        self.outcome = Some(self.input.run(db).await?);
        Ok(())
    }

    fn answer(self: Box<Self>) {
        (*self).answer();
    }

    fn fail(self: Box<Self>, error: WriteError) {
        (*self).fail(error);
    }
}

pub(crate) type PendingCommit = Pending<Commit, Outcome>;
pub(crate) type PendingFixes = Pending<Vec<Fix>, Vec<Appended>>;

/// One write on its way to the writer.
pub(crate) enum Write {
    Commit(Box<PendingCommit>),
    Fixes(PendingFixes),
    Other(Box<dyn Job>),
}

/// Writes that share one transaction. Those that come in masses, commits and fixes, are made in
/// few statements for all of them.
#[derive(Default)]
pub(crate) struct Batch {
    commits: Vec<PendingCommit>,
    fixes: Vec<PendingFixes>,
    others: Vec<Box<dyn Job>>,
}

impl Batch {
    pub(crate) fn push(&mut self, write: Write) {
        match write {
            Write::Commit(commit) => self.commits.push(*commit),
            Write::Fixes(fixes) => self.fixes.push(fixes),
            Write::Other(job) => self.others.push(job),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.commits.len() + self.fixes.len() + self.others.len()
    }

    /// Makes all changes inside the open transaction. `head` is the last position of the feed, where
    /// it is known, and moves on with the events.
    pub(crate) async fn run(
        &mut self,
        db: &mut SqliteConnection,
        head: &mut Option<u64>,
    ) -> SqlResult<()> {
        commits::run(db, head, &mut self.commits).await?;
        fixes::run(db, &mut self.fixes).await?;
        for job in &mut self.others {
            job.run(db).await?;
        }
        Ok(())
    }

    pub(crate) fn answer(self) {
        self.commits.into_iter().for_each(Pending::answer);
        self.fixes.into_iter().for_each(Pending::answer);
        self.others.into_iter().for_each(Job::answer);
    }

    pub(crate) fn fail(self, error: &WriteError) {
        self.commits.into_iter().for_each(|commit| commit.fail(error.clone()));
        self.fixes.into_iter().for_each(|fixes| fixes.fail(error.clone()));
        self.others.into_iter().for_each(|job| job.fail(error.clone()));
    }

    pub(crate) fn roll_back(self, error: sqlx::Error) {
        self.fail(&WriteError::RolledBack(Arc::new(error)));
    }

    /// The same writes, each alone.
    pub(crate) fn into_singles(self) -> impl Iterator<Item = Self> {
        let commits = self.commits.into_iter().map(|commit| Write::Commit(Box::new(commit)));
        let fixes = self.fixes.into_iter().map(Write::Fixes);
        let others = self.others.into_iter().map(Write::Other);
        commits.chain(fixes).chain(others).map(|write| {
            let mut single = Self::default();
            single.push(write);
            single
        })
    }
}
