//! Reading items: by key, by keys, by a stretch of a partition.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::error::Failure;
use crate::item::{Item, Reader, key_item, text};
use crate::keys::{Gsi, Key, PK, Range, SK};
use crate::plan::Expression;
use crate::store::DynamoStore;

/// Most keys in one `BatchGetItem`.
const GETS_MAX: usize = 100;

impl DynamoStore {
    /// The item with `key`, as it is now.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, Failure> {
        let get = self.client().get_item().table_name(self.table()).consistent_read(true);
        Ok(get.set_key(Some(key_item(key))).send().await?.item)
    }

    /// The items with these keys as they are now; missing ones are left out.
    pub(crate) async fn get_many(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<HashMap<Key, Item>, Failure> {
        let keys: HashSet<Key> = keys.into_iter().collect();
        let mut waiting: Vec<Item> = keys.iter().map(key_item).collect();
        let mut found = HashMap::with_capacity(waiting.len());
        let mut backoff = self.backoff();
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(GETS_MAX));
            let wanted = KeysAndAttributes::builder().consistent_read(true);
            let wanted = wanted.set_keys(Some(std::mem::replace(&mut waiting, rest)));
            let wanted = wanted.build().map_err(|error| Failure::invalid(error.to_string()))?;
            let batch = self.client().batch_get_item().request_items(self.table(), wanted);
            let mut answer = batch.send().await?;
            let items = answer.responses.as_mut().and_then(|tables| tables.remove(self.table()));
            let items = items.unwrap_or_default();
            let progress = !items.is_empty();
            for item in items {
                found.insert(Reader(&item).key()?, item);
            }
            let left = answer.unprocessed_keys.as_mut().and_then(|all| all.remove(self.table()));
            if let Some(left) = left {
                // It answers 16 MB at a time. Nothing at all means that it wants a pause.
                if !progress && !backoff.pause().await {
                    return Err(Failure::throttled("keys stayed unprocessed"));
                }
                waiting.extend(left.keys);
            }
        }
        Ok(found)
    }

    /// One page of `range`: at most `limit` items and the place to go on at, where there is more.
    pub(crate) async fn query_page(
        &self,
        gsi: Option<Gsi>,
        range: &Range,
        descending: bool,
        limit: usize,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Failure> {
        if range.is_empty() || limit == 0 {
            return Ok((Vec::new(), None));
        }
        let (pk, sk) = gsi.map_or((PK, SK), |gsi| (gsi.pk, gsi.sk));
        let mut expression = Expression::default();
        let mut condition =
            format!("{} = {}", expression.name(pk), expression.value(&text(&*range.pk)));
        let within = match (&range.low, &range.high) {
            (None, None) => None,
            (Some(low), None) => Some(("> ", low, None)),
            (None, Some(high)) => Some(("< ", high, None)),
            (Some(low), Some(high)) => Some(("BETWEEN ", low, Some(high))),
        };
        if let Some((operator, first, second)) = within {
            let first = expression.value(&text(&**first));
            condition += &format!(" AND {} {operator}{first}", expression.name(sk));
            if let Some(second) = second {
                condition += &format!(" AND {}", expression.value(&text(&**second)));
            }
        }
        let (names, values) = expression.parts();
        let query = self.client().query().table_name(self.table());
        let query = query.set_index_name(gsi.map(|gsi| gsi.name.to_owned()));
        // An index answers what it holds by now; the table what is true.
        let query = query.set_consistent_read(gsi.is_none().then_some(true));
        let query = query.key_condition_expression(condition).scan_index_forward(!descending);
        let query = query.set_expression_attribute_names(names);
        let query = query.set_expression_attribute_values(values);
        let query = query.set_exclusive_start_key(start);
        let answer = query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).send().await?;
        let mut items = answer.items.unwrap_or_default();
        // `BETWEEN` holds its ends, a range does not.
        items.retain(|item| {
            let sort = Reader(item).find_text(sk);
            sort.is_some() && sort != range.low.as_deref() && sort != range.high.as_deref()
        });
        Ok((items, answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }

    /// The first `limit` items of `range`, page after page.
    pub(crate) async fn query(
        &self,
        gsi: Option<Gsi>,
        range: &Range,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<Item>, Failure> {
        let (mut items, mut start) = (Vec::new(), None);
        while items.len() < limit {
            let rest = limit - items.len();
            let (page, next) = self.query_page(gsi, range, descending, rest, start).await?;
            items.extend(page);
            start = next;
            if start.is_none() {
                break;
            }
        }
        Ok(items)
    }
}
