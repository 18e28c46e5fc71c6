//! What is opened as a store, and what is not.

use super::*;

#[test]
fn a_store_cannot_be_opened_twice() {
    let (_folder, path) = store_path();
    let _held = open(&path).expect("a new store");
    assert!(matches!(open(&path), Err(StoreError::Held(_))));
}

#[test]
fn a_file_that_is_not_a_store_is_rejected() {
    let (_folder, path) = store_path();
    std::fs::write(&path, "not a database ".repeat(100)).expect("a file");
    assert!(matches!(open(&path), Err(StoreError::Foreign(_))));
    std::fs::remove_file(&path).expect("removed");
    let other = Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE other (name TEXT)").expect("a table");
    drop(other);
    assert!(matches!(open(&path), Err(StoreError::Foreign(_))));
}

#[test]
fn a_store_with_another_schema_is_rejected() {
    for version in [1, VERSION + 1] {
        let (_folder, path) = store_path();
        let store = open(&path).expect("a new store");
        store.connection().pragma_update(None, "user_version", version).expect("written");
        drop(store);
        assert!(matches!(open(&path), Err(StoreError::OtherVersion { found, .. }) if found == version));
    }
}

#[tokio::test]
async fn a_store_without_quarantine_gets_one_and_keeps_its_records() {
    let (_folder, path) = store_path();
    let tag = Tag::from_random([1; 10]);
    let opened = open(&path).expect("a new store").open_request(&tag, &request(1, 1000)).await.expect("written");
    // As the version before created it.
    let earlier = Connection::open(&path).expect("a database");
    earlier.execute_batch("DROP TABLE quarantine; PRAGMA user_version = 2").expect("changed");
    drop(earlier);
    for _ in 0..2 {
        let store = open(&path).expect("a store");
        assert_eq!(store.requests(&tag).await, Ok(opened.clone()));
        assert_eq!(quarantined(&store), [""; 0]);
    }
}
