//! The documents' port.

use async_trait::async_trait;
use logistics_core::documents::{Document, Documents, NewDocument, PutOutcome};
use logistics_core::eventsourcing::StoreError;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{SqlResult, int, micros, time, uint};
use super::writer::Work;

#[async_trait]
impl Documents for SqliteStore {
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError> {
        let put = Put { collection: collection.to_owned(), document };
        self.write("put a document", put).await
    }

    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        let rows = sqlx::query(
            "SELECT name, version, content, options, put_at FROM documents AS d
             WHERE collection = ?1 AND version =
                 (SELECT max(version) FROM documents WHERE collection = ?1 AND name = d.name)
             ORDER BY name",
        )
        .bind(collection)
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("read documents"))?;
        let documents = rows.iter().map(document).collect::<SqlResult<_>>();
        documents.map_err(read_error("read documents"))
    }
}

fn document(row: &SqliteRow) -> SqlResult<Document> {
    Ok(Document {
        name: row.try_get(0)?,
        version: uint(row.try_get(1)?)?,
        content: row.try_get(2)?,
        options: row.try_get(3)?,
        put_at: time(row.try_get(4)?)?,
    })
}

struct Put {
    collection: String,
    document: NewDocument,
}

#[async_trait]
impl Work for Put {
    type Output = PutOutcome;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<PutOutcome> {
        let latest = sqlx::query_scalar(
            "SELECT coalesce(max(version), 0) FROM documents WHERE collection = ? AND name = ?",
        )
        .bind(self.collection.as_str())
        .bind(self.document.name.as_str())
        .fetch_one(&mut *db)
        .await
        .and_then(uint)?;
        if self.document.if_latest.is_some_and(|expected| expected != latest) {
            return Ok(PutOutcome::VersionMismatch { latest });
        }
        let version = latest + 1;
        sqlx::query(
            "INSERT INTO documents (collection, name, version, content, options, put_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(self.collection.as_str())
        .bind(self.document.name.as_str())
        .bind(int(version))
        .bind(self.document.content.as_slice())
        .bind(self.document.options.as_str())
        .bind(micros(self.document.put_at))
        .execute(db)
        .await?;
        Ok(PutOutcome::Stored { version })
    }
}
