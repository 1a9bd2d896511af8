//! Transactions as plain data: what is to be written where, under which conditions. What sends
//! them is elsewhere.

mod commit;
mod entries;
mod expression;
#[cfg(test)]
mod tests;
mod timers;
mod verdict;

use aws_sdk_dynamodb::types::AttributeValue;

pub(crate) use self::commit::{COMMIT, ENTRIES_FOLLOW, Known, key_list, plan};
pub(crate) use self::entries::{Source, bounds, sources};
pub(crate) use self::expression::Expression;
pub(crate) use self::verdict::{Verdict, command_record, judge, keys, known_entries};
use crate::item::{Item, Reader, size};
use crate::keys::{GSIS, Key, PK, SK};

/// Most actions in one transaction.
pub(crate) const ACTIONS_MAX: usize = 100;
/// Most bytes in the items of one transaction.
pub(crate) const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most bytes in one item, with the names of its attributes.
pub(crate) const ITEM_BYTES_MAX: usize = 400 * 1024;
/// Longest partition key, in bytes.
pub(crate) const PK_BYTES_MAX: usize = 2_048;
/// Longest sort key, in bytes; of an index too.
pub(crate) const SK_BYTES_MAX: usize = 1_024;

/// What must hold of an item for its change to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// Nothing.
    Always,
    /// There is no item.
    Absent,
    /// There is an item.
    Present,
    /// The item has no such attribute (or is not there).
    Missing(&'static str),
    /// The attribute has this value.
    Equal(&'static str, AttributeValue),
    /// The attribute is less than the value.
    Less(&'static str, AttributeValue),
    /// The attribute is at most the value.
    AtMost(&'static str, AttributeValue),
    /// The attribute is greater than the value.
    Greater(&'static str, AttributeValue),
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

/// A change to one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The item in place of whatever was there.
    Put(Item),
    /// Some attributes of an item that is made where it is missing.
    Update(Update),
    /// No item any more.
    Delete(Key),
    /// Nothing: only its condition counts.
    Check(Key),
}

/// A change to some attributes of an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) set: Vec<(&'static str, AttributeValue)>,
    /// Numbers that grow, from 0 where they are missing.
    pub(crate) add: Vec<(&'static str, i64)>,
    pub(crate) remove: Vec<&'static str>,
}

impl Update {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, set: Vec::new(), add: Vec::new(), remove: Vec::new() }
    }

    pub(crate) fn set(&mut self, attribute: &'static str, value: AttributeValue) {
        self.set.push((attribute, value));
    }

    /// The item as far as this writes it.
    fn written(&self) -> Item {
        let set = self.set.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        set.chain(crate::item::key_item(&self.key)).collect()
    }
}

/// A change and what must hold for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    pub(crate) change: Change,
    pub(crate) when: Condition,
}

impl Action {
    pub(crate) const fn new(change: Change, when: Condition) -> Self {
        Self { change, when }
    }

    /// A new item: there must be none.
    pub(crate) const fn create(item: Item) -> Self {
        Self::new(Change::Put(item), Condition::Absent)
    }

    /// The bytes of what is written.
    pub(crate) fn size(&self) -> usize {
        match &self.change {
            Change::Put(item) => size(item),
            Change::Update(update) => size(&update.written()),
            Change::Delete(key) | Change::Check(key) => key.pk.len() + key.sk.len(),
        }
    }
}

/// Why DynamoDB cancelled a transaction, said of one of its actions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reason {
    /// Not because of this one.
    None,
    /// Its condition does not hold of this item.
    Failed(Item),
    /// Another transaction was under way on the item, or DynamoDB asks for less.
    Contended,
    /// DynamoDB does not take it.
    Refused(String),
}

/// A limit that a transaction passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooLarge {
    pub(crate) what: &'static str,
    pub(crate) found: usize,
    pub(crate) limit: usize,
}

/// Checks DynamoDB's limits, so that nothing is sent that it would refuse.
pub(crate) fn check_limits(actions: &[Action]) -> Result<(), TooLarge> {
    let check = |what, found, limit| {
        if found > limit { Err(TooLarge { what, found, limit }) } else { Ok(()) }
    };
    check("actions of a transaction", actions.len(), ACTIONS_MAX)?;
    let mut bytes = 0;
    for action in actions {
        check_item(action)?;
        bytes += action.size();
    }
    check("bytes of a transaction", bytes, TRANSACTION_BYTES_MAX)
}

/// Checks the limits of one item.
pub(crate) fn check_item(action: &Action) -> Result<(), TooLarge> {
    let check = |what, found, limit| {
        if found > limit { Err(TooLarge { what, found, limit }) } else { Ok(()) }
    };
    check("bytes of an item", action.size(), ITEM_BYTES_MAX)?;
    let item = match &action.change {
        Change::Put(item) => item.clone(),
        Change::Update(update) => update.written(),
        Change::Delete(key) | Change::Check(key) => crate::item::key_item(key),
    };
    let keys = [(PK, SK)].into_iter().chain(GSIS.map(|gsi| (gsi.pk, gsi.sk)));
    for (pk, sk) in keys {
        for (name, limit) in [(pk, PK_BYTES_MAX), (sk, SK_BYTES_MAX)] {
            let length = Reader(&item).find_text(name).map_or(0, str::len);
            check("bytes of a key", length, limit)?;
        }
    }
    Ok(())
}
