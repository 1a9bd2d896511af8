//! Lists: `{"items":[…],"next":null|cursor}`.

use logistics_core::eventsourcing::{IndexQuery, ListedRow, ReadModels};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::ids::hex;

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Items<T> {
    pub(crate) items: Vec<T>,
    /// What to pass as `after` for the next page; null at the end.
    pub(crate) next: Option<String>,
}

impl<T> Items<T> {
    /// A list that is complete.
    pub(crate) const fn all(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct Paging {
    /// At most so many items, 1 to 1,000; 100 when not given.
    pub(crate) limit: Option<u32>,
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
}

impl Paging {
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if (1..=LIMIT_MAX).contains(&limit) {
            Ok(limit)
        } else {
            let detail = format!("limit is {limit}, not between 1 and {LIMIT_MAX}");
            Err(Problem::unprocessable("invalid_field", detail).about("limit"))
        }
    }

    /// The place in an index that `after` names.
    fn place(&self) -> Result<Option<(String, String)>, Problem> {
        let Some(cursor) = &self.after else { return Ok(None) };
        let place = unhex(cursor).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        place.map(Some).ok_or_else(|| {
            let detail = "after is not a cursor of this list";
            Problem::unprocessable("invalid_field", detail).about("after")
        })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// One page of the rows of `model` in a partition of an index, decoded.
pub(crate) async fn page<R: DeserializeOwned>(
    models: &dyn ReadModels,
    model: &str,
    (index, partition): (&str, &str),
    descending: bool,
    paging: &Paging,
) -> Result<Items<R>, Problem> {
    let limit = paging.limit()?;
    let query = IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        after: paging.place()?,
        descending,
        limit,
        ..IndexQuery::default()
    };
    let rows = models.list(model, &query).await?;
    let next = match rows.last() {
        Some(ListedRow { sort, key, .. })
            if rows.len() == usize::try_from(limit).unwrap_or(usize::MAX) =>
        {
            serde_json::to_vec(&(sort, key)).ok().map(|place| hex(&place))
        }
        _ => None,
    };
    let items = rows
        .iter()
        .map(|row| serde_json::from_slice(&row.body))
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::internal(&error))?;
    Ok(Items { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_nonsense_does_not() {
        let place = serde_json::to_vec(&("2026-11-23", "SHP 1/é")).expect("json");
        let paging = Paging { limit: None, after: Some(hex(&place)) };
        assert_eq!(
            paging.place().expect("a cursor"),
            Some(("2026-11-23".to_owned(), "SHP 1/é".to_owned()))
        );
        for nonsense in ["", "0", "zz", "5b5d"] {
            let paging = Paging { limit: Some(1), after: Some(nonsense.to_owned()) };
            assert!(paging.place().is_err(), "{nonsense:?}");
        }
        assert!(Paging { limit: Some(0), after: None }.limit().is_err());
    }
}
