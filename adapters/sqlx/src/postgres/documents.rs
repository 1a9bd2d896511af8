//! The documents' port.

use async_trait::async_trait;
use logistics_core::documents::{Document, Documents, NewDocument, PutOutcome};
use logistics_core::eventsourcing::StoreError;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::store::PostgresStore;
use super::values::{SqlResult, int, micros, time, uint};

#[async_trait]
impl Documents for PostgresStore {
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError> {
        loop {
            let latest = self.latest_version(collection, &document.name).await?;
            if document.if_latest.is_some_and(|expected| expected != latest) {
                return Ok(PutOutcome::VersionMismatch { latest });
            }
            let version = latest + 1;
            if self.put_as(collection, &document, version).await? {
                return Ok(PutOutcome::Stored { version });
            }
            // Another writer was faster.
        }
    }

    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        let query = sqlx::query(
            "SELECT DISTINCT ON (name) name, version, content, options, put_at FROM documents
             WHERE collection = $1 ORDER BY name, version DESC",
        );
        self.read("read documents", query.bind(collection), document).await
    }
}

impl PostgresStore {
    /// 0 where there is none.
    async fn latest_version(&self, collection: &str, name: &str) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "SELECT version FROM documents WHERE collection = $1 AND name = $2
             ORDER BY version DESC LIMIT 1",
        );
        let version = |row: &PgRow| uint(row.try_get(0)?);
        let found = self.read("put a document", query.bind(collection).bind(name), version).await?;
        Ok(found.into_iter().next().unwrap_or(0))
    }

    /// False where that version is there already.
    async fn put_as(
        &self,
        collection: &str,
        document: &NewDocument,
        version: u64,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "INSERT INTO documents (collection, name, version, content, options, put_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(collection)
        .bind(document.name.as_str())
        .bind(int(version))
        .bind(document.content.as_slice())
        .bind(document.options.as_str())
        .bind(micros(document.put_at));
        Ok(self.write("put a document", query).await? > 0)
    }
}

fn document(row: &PgRow) -> SqlResult<Document> {
    Ok(Document {
        name: row.try_get(0)?,
        version: uint(row.try_get(1)?)?,
        content: row.try_get(2)?,
        options: row.try_get(3)?,
        put_at: time(row.try_get(4)?)?,
    })
}
