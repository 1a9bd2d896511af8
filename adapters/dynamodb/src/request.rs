//! Planned changes as requests of the SDK, and its answers as plain data. Nothing is decided here.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::item::key_item;
use crate::plan::{Action, Change, Condition, Expression, Reason};

/// What a failed condition answers with: the item as it is.
pub(crate) const OLD: ReturnValuesOnConditionCheckFailure =
    ReturnValuesOnConditionCheckFailure::AllOld;

/// `action` as a part of a transaction on `table`.
pub(crate) fn transact_item(table: &str, action: &Action) -> Result<TransactWriteItem, BuildError> {
    let mut expression = Expression::default();
    let update = match &action.change {
        Change::Update(update) => expression.update(update),
        _ => String::new(),
    };
    let mut condition = expression.condition(&action.when);
    if condition.is_none() && matches!(action.change, Change::Check(_)) {
        // A check must check something; any item passes this one.
        condition =
            expression.condition(&Condition::Any(vec![Condition::Absent, Condition::Present]));
    }
    let (names, values) = expression.parts();
    let item = TransactWriteItem::builder();
    Ok(match &action.change {
        Change::Put(new) => {
            let put = Put::builder().table_name(table).set_item(Some(new.clone()));
            let put = put.set_condition_expression(condition);
            let put = put.set_expression_attribute_names(names);
            let put = put.set_expression_attribute_values(values);
            item.put(put.return_values_on_condition_check_failure(OLD).build()?)
        }
        Change::Update(changed) => {
            let write = Update::builder().table_name(table).update_expression(update);
            let write = write.set_key(Some(key_item(&changed.key)));
            let write = write.set_condition_expression(condition);
            let write = write.set_expression_attribute_names(names);
            let write = write.set_expression_attribute_values(values);
            item.update(write.return_values_on_condition_check_failure(OLD).build()?)
        }
        Change::Delete(key) => {
            let delete = Delete::builder().table_name(table).set_key(Some(key_item(key)));
            let delete = delete.set_condition_expression(condition);
            let delete = delete.set_expression_attribute_names(names);
            let delete = delete.set_expression_attribute_values(values);
            item.delete(delete.return_values_on_condition_check_failure(OLD).build()?)
        }
        Change::Check(key) => {
            let check = ConditionCheck::builder().table_name(table);
            let check = check.set_key(Some(key_item(key))).set_condition_expression(condition);
            let check = check.set_expression_attribute_names(names);
            let check = check.set_expression_attribute_values(values);
            item.condition_check(check.return_values_on_condition_check_failure(OLD).build()?)
        }
    }
    .build())
}

/// Why the transaction was cancelled, action by action; `None` when it was not.
pub(crate) fn reasons(error: &TransactWriteItemsError) -> Option<Vec<Reason>> {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons().iter().map(reason).collect())
        }
        _ => None,
    }
}

fn reason(reason: &CancellationReason) -> Reason {
    match reason.code().unwrap_or("None") {
        "None" => Reason::None,
        "ConditionalCheckFailed" => Reason::Failed(reason.item().cloned().unwrap_or_default()),
        "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" => {
            Reason::Contended
        }
        code => Reason::Refused(format!("{code}: {}", reason.message().unwrap_or_default())),
    }
}
