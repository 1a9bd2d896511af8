//! Where data of a subject lies: its streams by the index, and what is sealed in their events.

use serde_json::{Map, Value};

use super::sealed::{Sealed, SealedError};
use crate::eventsourcing::{IndexQuery, StoreError, StreamId, StreamIndex};
use crate::ids::SubjectId;

/// The index under which an aggregate's stream is found by its subjects; the partition is the
/// subject's id. An aggregate that seals data of a subject puts its stream there, and leaves it
/// there at least until the subject is erased
/// ([`Decider::index`](crate::eventsourcing::Decider::index)).
pub const SUBJECT_INDEX: &str = "subject";

/// Streams listed at a time.
const PAGE_STREAMS: u32 = 500;

/// The streams that hold data of `subject`, each once, as [`SUBJECT_INDEX`] lists them.
///
/// # Errors
/// [`StoreError`] when the store cannot answer.
pub async fn subject_streams(
    index: &dyn StreamIndex,
    subject: &SubjectId,
) -> Result<Vec<StreamId>, StoreError> {
    let mut query = IndexQuery {
        index: SUBJECT_INDEX.to_owned(),
        partition: subject.as_str().to_owned(),
        limit: PAGE_STREAMS,
        ..IndexQuery::default()
    };
    let mut streams: Vec<StreamId> = Vec::new();
    loop {
        let page = index.find(&query).await?;
        let Some(last) = page.last() else {
            streams.sort_unstable();
            streams.dedup();
            return Ok(streams);
        };
        query.after = Some((last.sort.clone(), last.stream.as_str().to_owned()));
        streams.extend(page.into_iter().map(|found| found.stream));
    }
}

/// Something sealed inside a JSON document.
#[derive(Debug)]
pub(super) struct FoundSealed {
    /// Where: a JSON Pointer (RFC 6901).
    pub(super) path: String,
    /// The name of the member that holds it, or that holds the list with it.
    pub(super) field: String,
    /// Whose it is.
    pub(super) subject: SubjectId,
    /// What is sealed, if it has the form.
    pub(super) sealed: Result<Sealed, SealedError>,
}

/// Everything sealed in `document`: each object with the texts `subject` and `sealed`.
pub(super) fn sealed_in(document: &Value) -> Vec<FoundSealed> {
    let mut found = Vec::new();
    walk(document, &mut String::new(), "", &mut found);
    found
}

/// `path` is that of `value` before and after.
fn walk(value: &Value, path: &mut String, field: &str, found: &mut Vec<FoundSealed>) {
    let mut enter = |name: &str, field: &str, value: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(value, path, field, found);
        path.truncate(length);
    };
    match value {
        Value::Object(members) => match form(members) {
            Some((subject, text)) => found.push(FoundSealed {
                path: path.clone(),
                field: field.to_owned(),
                sealed: Sealed::from_text(subject.clone(), text),
                subject,
            }),
            None => members.iter().for_each(|(name, value)| enter(name, name, value)),
        },
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| enter(&at.to_string(), field, value));
        }
        _ => {}
    }
}

/// Subject and sealed text, of an object that has the form of a [`Sealed`].
fn form(members: &Map<String, Value>) -> Option<(SubjectId, &str)> {
    let text = |name| members.get(name).and_then(Value::as_str);
    Some((SubjectId::new(text("subject")?).ok()?, text("sealed")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sealed_is_found_wherever_it_lies() {
        let sealed = |text| json!({ "subject": "person-1", "sealed": text });
        let document = json!({
            "consignee": sealed("AQ"),
            "a/b~c": { "notes": [1, sealed("AQI"), { "deep": sealed("not base64!") }] },
            "not sealed": { "subject": "person-1", "sealed": 7 },
        });
        let found = sealed_in(&document);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.path.as_str(), one.field.as_str(), one.sealed.is_ok()))
            .collect();
        assert_eq!(
            found,
            [
                ("/a~1b~0c/notes/1", "notes", true),
                ("/a~1b~0c/notes/2/deep", "deep", false),
                ("/consignee", "consignee", true),
            ]
        );
        assert!(found.iter().all(|(path, ..)| document.pointer(path).is_some()));
    }
}
