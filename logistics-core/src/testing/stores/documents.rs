//! Cases of [`Documents`](crate::documents::Documents).

use super::Stores;
use super::fixtures::at;
use crate::documents::{Document, NewDocument, PutOutcome};

fn document(name: &str, content: &[u8], if_latest: Option<u64>) -> NewDocument {
    NewDocument {
        name: name.to_owned(),
        content: content.to_vec(),
        options: r#"{"name_property": "ward"}"#.to_owned(),
        put_at: at(7),
        if_latest,
    }
}

async fn put(stores: &Stores, collection: &str, document: NewDocument) -> PutOutcome {
    stores.documents.put(collection, document).await.expect("answered")
}

async fn latest(stores: &Stores, collection: &str) -> Vec<(String, u64, Vec<u8>)> {
    let documents = stores.documents.latest(collection).await.expect("answered");
    documents.into_iter().map(|found| (found.name, found.version, found.content)).collect()
}

/// Versions count from 1, for each name in each collection; the same bytes again are a version too.
pub async fn each_put_is_a_new_version(stores: &Stores) {
    let names =
        [("zones", "pune", 1), ("zones", "pune", 2), ("zones", "x", 1), ("other", "pune", 1)];
    for (collection, name, version) in names {
        let stored = put(stores, collection, document(name, b"{}", None)).await;
        assert_eq!(stored, PutOutcome::Stored { version }, "{name} in {collection}");
    }
}

/// With `if_latest` a put that comes second is told so and changes nothing.
pub async fn a_put_can_insist_on_the_latest_version(stores: &Stores) {
    let cases = [
        (Some(1), PutOutcome::VersionMismatch { latest: 0 }),
        (Some(0), PutOutcome::Stored { version: 1 }),
        (Some(0), PutOutcome::VersionMismatch { latest: 1 }),
        (Some(1), PutOutcome::Stored { version: 2 }),
        (None, PutOutcome::Stored { version: 3 }),
    ];
    for (n, (if_latest, expected)) in (0..).zip(cases) {
        assert_eq!(put(stores, "zones", document("pune", &[n], if_latest)).await, expected);
    }
    assert_eq!(latest(stores, "zones").await, [("pune".to_owned(), 3, vec![4])]);
}

/// The latest version of each document, by name, with all its fields.
pub async fn the_latest_version_of_each_name_is_listed(stores: &Stores) {
    assert_eq!(latest(stores, "zones").await, []);
    let bytes: Vec<u8> = (0..=255).collect();
    for (collection, name, content) in [
        ("zones", "pune", &b"old"[..]),
        ("zones", "delhi", b"d"),
        ("other", "agra", b"a"),
        ("zones", "pune", &bytes),
    ] {
        put(stores, collection, document(name, content, None)).await;
    }
    let expected = |name: &str, version, content: &[u8]| {
        let NewDocument { name, content, options, put_at, .. } = document(name, content, None);
        Document { name, version, content, options, put_at }
    };
    let found = stores.documents.latest("zones").await.expect("answered");
    assert_eq!(found, [expected("delhi", 1, b"d"), expected("pune", 2, &bytes)]);
}
