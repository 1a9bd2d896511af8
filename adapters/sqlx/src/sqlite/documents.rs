//! The documents' port.

use async_trait::async_trait;
use logistics_core::documents::{Document, Documents, NewDocument, PutOutcome};
use logistics_core::eventsourcing::StoreError;
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, int, micros, time, uint};

#[async_trait]
impl Documents for SqliteStore {
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError> {
        let put = Put { collection: collection.to_owned(), document };
        self.write("put a document", put).await
    }

    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        const LATEST: &str = "SELECT name, version, content, options, put_at FROM documents AS d
             WHERE collection = ?1 AND version =
                 (SELECT max(version) FROM documents WHERE collection = ?1 AND name = d.name)
             ORDER BY name";
        let collection = collection.to_owned();
        self.read("read documents", move |db| all(db, LATEST, [collection], document)).await
    }
}

fn document(row: &Row<'_>) -> SqlResult<Document> {
    Ok(Document {
        name: row.get(0)?,
        version: uint(row.get(1)?)?,
        content: row.get(2)?,
        options: row.get(3)?,
        put_at: time(row, 4)?,
    })
}

struct Put {
    collection: String,
    document: NewDocument,
}

impl Work for Put {
    type Output = PutOutcome;

    fn run(&self, db: &Connection) -> SqlResult<PutOutcome> {
        let Self { collection, document } = self;
        let latest = optional(
            db,
            "SELECT version FROM documents WHERE collection = ? AND name = ?
             ORDER BY version DESC LIMIT 1",
            [collection, &document.name],
            |row| uint(row.get(0)?),
        )?;
        let latest = latest.unwrap_or(0);
        if document.if_latest.is_some_and(|expected| expected != latest) {
            return Ok(PutOutcome::VersionMismatch { latest });
        }
        let version = latest + 1;
        execute(
            db,
            "INSERT INTO documents (collection, name, version, content, options, put_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            params![
                collection,
                document.name,
                int(version),
                document.content,
                document.options,
                micros(document.put_at),
            ],
        )?;
        Ok(PutOutcome::Stored { version })
    }
}
