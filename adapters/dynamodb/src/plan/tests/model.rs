//! A small model of DynamoDB: items under keys, and transactions with conditions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::{ACTIONS_MAX, Action, Change, Condition, Reason, Update};
use crate::item::{Item, Reader, key_item};
use crate::keys::{Gsi, Key, PK, Range, SK};

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) items: BTreeMap<Key, Item>,
}

impl Model {
    /// All actions or none.
    pub(super) fn transact(&mut self, actions: &[Action]) -> Result<(), Vec<Reason>> {
        assert!(!actions.is_empty() && actions.len() <= ACTIONS_MAX, "{}", actions.len());
        let keys: BTreeSet<Key> = actions.iter().map(key).collect();
        assert_eq!(keys.len(), actions.len(), "two actions on one item: {actions:?}");
        let none = Item::new();
        let reason = |action: &Action| {
            let item = self.items.get(&key(action));
            if holds(&action.when, item) {
                Reason::None
            } else {
                Reason::Failed(item.unwrap_or(&none).clone())
            }
        };
        let reasons: Vec<Reason> = actions.iter().map(reason).collect();
        if reasons.iter().any(|reason| *reason != Reason::None) {
            return Err(reasons);
        }
        actions.iter().for_each(|action| self.apply(&action.change));
        Ok(())
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(item) => {
                self.items.insert(Reader(item).key().unwrap(), item.clone());
            }
            Change::Update(update) => self.update(update),
            Change::Delete(key) => {
                self.items.remove(key);
            }
            Change::Check(_) => {}
        }
    }

    fn update(&mut self, update: &Update) {
        let item = self.items.entry(update.key.clone()).or_insert_with(|| key_item(&update.key));
        for (name, value) in &update.set {
            item.insert((*name).to_owned(), value.clone());
        }
        for (name, by) in &update.add {
            let old: i64 = Reader(item).find_number(name).unwrap_or(0);
            item.insert((*name).to_owned(), AttributeValue::N((old + by).to_string()));
        }
        for name in &update.remove {
            item.remove(*name);
        }
    }

    /// The items of a stretch of the table or of an index.
    pub(super) fn query(&self, gsi: Option<Gsi>, range: &Range) -> Vec<&Item> {
        let (pk, sk) = gsi.map_or((PK, SK), |gsi| (gsi.pk, gsi.sk));
        let within = |item: &&Item| {
            let (Some(part), Some(sort)) = (Reader(item).find_text(pk), Reader(item).find_text(sk))
            else {
                return false;
            };
            part == range.pk
                && range.low.as_deref().is_none_or(|low| sort > low)
                && range.high.as_deref().is_none_or(|high| sort < high)
        };
        let mut found: Vec<&Item> = self.items.values().filter(within).collect();
        found.sort_by_key(|item| Reader(item).find_text(sk));
        found
    }
}

fn key(action: &Action) -> Key {
    match &action.change {
        Change::Put(item) => Reader(item).key().unwrap(),
        Change::Update(update) => update.key.clone(),
        Change::Delete(key) | Change::Check(key) => key.clone(),
    }
}

/// As DynamoDB judges: a comparison with what is missing, or of another type, does not hold.
fn holds(condition: &Condition, item: Option<&Item>) -> bool {
    let compare = |name: &str, value| compare(item?.get(name)?, value);
    match condition {
        Condition::Always => true,
        Condition::Absent => item.is_none(),
        Condition::Present => item.is_some(),
        Condition::Missing(name) => item.is_none_or(|item| !item.contains_key(*name)),
        Condition::Equal(name, value) => item.and_then(|item| item.get(*name)) == Some(value),
        Condition::Less(name, value) => compare(name, value) == Some(Ordering::Less),
        Condition::AtMost(name, value) => {
            matches!(compare(name, value), Some(Ordering::Less | Ordering::Equal))
        }
        Condition::Greater(name, value) => compare(name, value) == Some(Ordering::Greater),
        Condition::All(parts) => parts.iter().all(|part| holds(part, item)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, item)),
    }
}

fn compare(a: &AttributeValue, b: &AttributeValue) -> Option<Ordering> {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => Some(a.cmp(b)),
        (AttributeValue::N(a), AttributeValue::N(b)) => {
            Some(a.parse::<i128>().ok()?.cmp(&b.parse().ok()?))
        }
        _ => None,
    }
}
