//! Writes that share one transaction, and how each gets its own answer.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::CallError;
use super::values::SqlResult;

/// A change to the database that answers something. It may be run again after a rollback, so it
/// must not change itself.
pub(crate) trait Work: Send + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// Makes the change inside the open transaction.
    fn run(&self, db: &Connection) -> SqlResult<Self::Output>;
}

/// Where the caller of a write waits for its outcome.
pub(crate) type Answer<W> = oneshot::Receiver<Result<<W as Work>::Output, CallError>>;

/// A [`Work`] with its caller waiting.
struct Pending<W: Work> {
    work: W,
    /// Told to the caller once the transaction is durable.
    outcome: Option<W::Output>,
    reply: oneshot::Sender<Result<W::Output, CallError>>,
}

/// Some [`Pending`] work on its way to the writer.
pub(crate) trait Job: Send {
    fn run(&mut self, db: &Connection) -> SqlResult<()>;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: CallError);
}

pub(crate) fn job<W: Work>(work: W) -> (Box<dyn Job>, Answer<W>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Pending { work, outcome: None, reply }), answer)
}

impl<W: Work> Job for Pending<W> {
    fn run(&mut self, db: &Connection) -> SqlResult<()> {
        self.outcome = Some(self.work.run(db)?);
        Ok(())
    }

    /// A caller that has gone away does not mind.
    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            let _ = self.reply.send(Ok(outcome));
        }
    }

    fn fail(self: Box<Self>, error: CallError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Writes that share one transaction, in the order in which they came.
pub(crate) struct Batch(pub(crate) Vec<Box<dyn Job>>);

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes all changes inside the open transaction.
    pub(crate) fn run(&mut self, db: &Connection) -> SqlResult<()> {
        self.0.iter_mut().try_for_each(|job| job.run(db))
    }

    pub(crate) fn answer(self) {
        self.0.into_iter().for_each(Job::answer);
    }

    pub(crate) fn fail(self, error: &CallError) {
        self.0.into_iter().for_each(|job| job.fail(error.clone()));
    }

    pub(crate) fn roll_back(self, error: rusqlite::Error) {
        self.fail(&CallError::RolledBack(Arc::new(error)));
    }

    /// The same writes, each alone.
    pub(crate) fn into_singles(self) -> impl Iterator<Item = Self> {
        self.0.into_iter().map(|job| Self(vec![job]))
    }
}
