//! Canaries: no file of the store ever holds personal data in clear, and none holds the key of a
//! subject that was erased.

use std::collections::BTreeSet;

use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::canaries::{
    assert_sealed, check_erased, erase_one, erased_key_in, order_all, other_keys_in,
};
use crate::fixtures::block_on;

#[test]
fn no_file_holds_personal_data_and_none_an_erased_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let config = SqliteConfig::new(path.join("store.db"));
    block_on(async {
        let store = SqliteStore::open(config.clone()).await.unwrap();
        let anchor = order_all(&store).await;
        assert_sealed(path, "after the orders");
        store.close().await;
        assert_sealed(path, "after closing");
        assert!(!erased_key_in(path).is_empty(), "the key is there before it is destroyed");

        let store = SqliteStore::open(config.clone()).await.unwrap();
        erase_one(&store).await;
        assert_eq!(erased_key_in(path), BTreeSet::new(), "right after the erasure");
        assert_sealed(path, "after the erasure");
        check_erased(&store, anchor).await;
        store.close().await;
        assert_sealed(path, "after closing again");
        assert_eq!(erased_key_in(path), BTreeSet::new(), "after closing again");
        assert!(!other_keys_in(path).is_empty(), "the others have their keys");
    });
}
