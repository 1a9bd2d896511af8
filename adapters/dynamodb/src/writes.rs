//! Writing items: one under a condition, many without, some as a transaction.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

use crate::error::Failure;
use crate::item::{Item, Reader, key_item};
use crate::keys::Key;
use crate::plan::{
    Action, Change, Condition, Expression, Reason, TooLarge, check_item, check_limits,
};
use crate::request::{OLD, reasons, transact_item};
use crate::store::DynamoStore;

/// Most writes in one `BatchWriteItem`.
const WRITES_MAX: usize = 25;

/// What became of a write with a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    Done,
    /// The condition does not hold of this item; empty when there is none.
    Failed(Item),
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transacted {
    Done,
    Cancelled(Vec<Reason>),
}

impl Transacted {
    /// Whether it was cancelled for no other reason than that others were busy.
    pub(crate) fn is_contended(&self) -> bool {
        match self {
            Self::Done => false,
            Self::Cancelled(reasons) => {
                reasons.contains(&Reason::Contended)
                    && reasons.iter().all(|r| matches!(r, Reason::None | Reason::Contended))
            }
        }
    }
}

macro_rules! send {
    ($store:ident, $request:expr, $expression:ident, $when:expr, $failed:path) => {{
        let condition = $expression.condition($when);
        let (names, values) = $expression.parts();
        let request = $request.table_name($store.table()).set_condition_expression(condition);
        let request = request.set_expression_attribute_names(names);
        let request = request.set_expression_attribute_values(values);
        match request.return_values_on_condition_check_failure(OLD).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some($failed(failed)) => {
                    Ok(Written::Failed(failed.item().cloned().unwrap_or_default()))
                }
                _ => Err(error.into()),
            },
        }
    }};
}

impl DynamoStore {
    /// Makes one change, if its condition holds.
    pub(crate) async fn write(&self, action: Action) -> Result<Written, Failure> {
        check_item(&action).map_err(|over| too_large(&over))?;
        let Action { change, when } = action;
        let mut expression = Expression::default();
        match change {
            Change::Put(item) => {
                let put = self.client().put_item().set_item(Some(item));
                send!(self, put, expression, &when, PutItemError::ConditionalCheckFailedException)
            }
            Change::Update(changed) => {
                let update = self.client().update_item().set_key(Some(key_item(&changed.key)));
                let update = update.update_expression(expression.update(&changed));
                send!(
                    self,
                    update,
                    expression,
                    &when,
                    UpdateItemError::ConditionalCheckFailedException
                )
            }
            Change::Delete(key) => {
                let delete = self.client().delete_item().set_key(Some(key_item(&key)));
                send!(
                    self,
                    delete,
                    expression,
                    &when,
                    DeleteItemError::ConditionalCheckFailedException
                )
            }
            Change::Check(_) => Err(Failure::invalid("a check alone changes nothing")),
        }
    }

    /// Makes all changes or none.
    pub(crate) async fn transact(&self, actions: &[Action]) -> Result<Transacted, Failure> {
        check_limits(actions).map_err(|over| too_large(&over))?;
        let items = actions.iter().map(|action| transact_item(self.table(), action));
        let items = items.collect::<Result<Vec<_>, _>>();
        let items = items.map_err(|error| Failure::invalid(error.to_string()))?;
        let request = self.client().transact_write_items().set_transact_items(Some(items));
        match request.send().await {
            Ok(_) => Ok(Transacted::Done),
            Err(error) => match error.as_service_error().and_then(reasons) {
                Some(reasons) => Ok(Transacted::Cancelled(reasons)),
                None => Err(error.into()),
            },
        }
    }

    /// As [`transact`](Self::transact), again after a pause while others are busy on the items.
    pub(crate) async fn transact_patiently(
        &self,
        actions: &[Action],
    ) -> Result<Transacted, Failure> {
        let mut backoff = self.backoff();
        loop {
            let transacted = self.transact(actions).await;
            let busy = match &transacted {
                Ok(transacted) => transacted.is_contended(),
                Err(failure) => failure.is_throttled(),
            };
            if !busy || !backoff.pause().await {
                return match transacted {
                    Ok(transacted) if transacted.is_contended() => {
                        Err(Failure::throttled("others were busy on the same items"))
                    }
                    transacted => transacted,
                };
            }
        }
    }

    /// Puts and deletes items whatever was there: each on its own, and none is left out.
    pub(crate) async fn write_all(
        &self,
        puts: Vec<Item>,
        deletes: impl IntoIterator<Item = Key>,
    ) -> Result<(), Failure> {
        let mut waiting: BTreeMap<Key, Option<Item>> =
            deletes.into_iter().map(|key| (key, None)).collect();
        for put in puts {
            check_item(&Action::new(Change::Put(put.clone()), Condition::Always))
                .map_err(|over| too_large(&over))?;
            waiting.insert(Reader(&put).key()?, Some(put));
        }
        let requests = waiting.into_iter().map(|(key, put)| write_request(&key, put));
        let mut waiting: Vec<WriteRequest> = requests.collect::<Result<_, Failure>>()?;
        let mut backoff = self.backoff();
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(WRITES_MAX));
            let batch = std::mem::replace(&mut waiting, rest);
            let sent = batch.len();
            let request = self.client().batch_write_item().request_items(self.table(), batch);
            let mut answer = request.send().await?;
            let left = answer.unprocessed_items.as_mut().and_then(|all| all.remove(self.table()));
            let left = left.unwrap_or_default();
            if left.len() == sent && !backoff.pause().await {
                return Err(Failure::throttled("writes stayed unprocessed"));
            }
            waiting.extend(left);
        }
        Ok(())
    }
}

fn write_request(key: &Key, put: Option<Item>) -> Result<WriteRequest, Failure> {
    let request = WriteRequest::builder();
    let built = match put {
        Some(item) => {
            let put = PutRequest::builder().set_item(Some(item)).build();
            put.map(|put| request.put_request(put))
        }
        None => {
            let delete = DeleteRequest::builder().set_key(Some(key_item(key))).build();
            delete.map(|delete| request.delete_request(delete))
        }
    };
    Ok(built.map_err(|error| Failure::invalid(error.to_string()))?.build())
}

fn too_large(over: &TooLarge) -> Failure {
    let TooLarge { what, found, limit } = over;
    Failure::invalid(format!("{found} {what} pass the limit of {limit}"))
}
