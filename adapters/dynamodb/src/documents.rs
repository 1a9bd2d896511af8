//! The documents' port.
//!
//! Content lies in chunks under its digest, so that a document may be larger than an item and two
//! versions of the same content share it. The chunks are written first; then one transaction puts
//! the version and makes it the latest.

use async_trait::async_trait;
use logistics_core::documents::{Document, Documents, NewDocument, PutOutcome};
use logistics_core::eventsourcing::StoreError;
use logistics_core::values::Sha256Digest;

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, number, text, time};
use crate::keys::{Key, Range, escape};
use crate::plan::{Action, Change, Condition};
use crate::store::DynamoStore;
use crate::writes::Transacted;

/// Bytes of content in one item.
const CHUNK_BYTES: usize = 350 * 1024;

#[async_trait]
impl Documents for DynamoStore {
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError> {
        self.put_document(collection, &document).await.map_err(|f| f.during("put a document"))
    }

    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        self.latest_documents(collection).await.map_err(|failure| failure.during("read documents"))
    }
}

/// The latest versions of a collection.
fn collection_partition(collection: &str) -> String {
    format!("DOC#{}", escape(collection))
}

/// The versions and the content of one document.
fn document_partition(collection: &str, name: &str) -> String {
    format!("{}#{name}", collection_partition(collection))
}

fn latest_key(collection: &str, name: &str) -> Key {
    Key::new(collection_partition(collection), format!("NAME#{name}"))
}

/// What the keys of a content's chunks begin with.
fn content_prefix(digest: &str) -> String {
    format!("SHA256#{digest}#")
}

impl DynamoStore {
    async fn put_document(
        &self,
        collection: &str,
        document: &NewDocument,
    ) -> Result<PutOutcome, Failure> {
        let key = latest_key(collection, &document.name);
        let pk = document_partition(collection, &document.name);
        let digest = Sha256Digest::of(&document.content).to_string();
        let mut written = false;
        let mut backoff = self.backoff();
        loop {
            let latest = match self.get(&key).await? {
                Some(latest) => Reader(&latest).number("version")?,
                None => 0,
            };
            if document.if_latest.is_some_and(|expected| expected != latest) {
                return Ok(PutOutcome::VersionMismatch { latest });
            }
            if !written {
                self.put_content(&pk, &digest, &document.content).await?;
                written = true;
            }
            let version = latest + 1;
            let about = |key: &Key| {
                item(
                    key,
                    [
                        ("name", Some(text(&*document.name))),
                        ("version", Some(number(version))),
                        ("digest", Some(text(&*digest))),
                        ("options", Some(text(&*document.options))),
                        ("put_at", Some(time(document.put_at))),
                    ],
                )
            };
            let stands = match latest {
                0 => Condition::Absent,
                latest => Condition::Equal("version", number(latest)),
            };
            let put = [
                Action::new(Change::Put(about(&key)), stands),
                Action::create(about(&Key::new(&*pk, format!("VERSION#{version:020}")))),
            ];
            if self.transact_patiently(&put).await? == Transacted::Done {
                return Ok(PutOutcome::Stored { version });
            }
            if !backoff.pause().await {
                return Err(Failure::throttled("others put the document all the time"));
            }
        }
    }

    async fn put_content(&self, pk: &str, digest: &str, content: &[u8]) -> Result<(), Failure> {
        let chunks = (0_u32..).zip(content.chunks(CHUNK_BYTES)).map(|(n, chunk)| {
            let key = Key::new(pk, format!("{}{n:06}", content_prefix(digest)));
            let (store, chunk) = (self.clone(), item(&key, [("content", Some(bytes(chunk)))]));
            async move { store.write(Action::new(Change::Put(chunk), Condition::Always)).await }
        });
        let chunks: Vec<_> = chunks.collect();
        self.side_by_side(chunks).await.map(drop)
    }

    async fn latest_documents(&self, collection: &str) -> Result<Vec<Document>, Failure> {
        let range = Range::prefixed(collection_partition(collection), "NAME#".to_owned());
        let names = self.query(None, &range, false, usize::MAX).await?;
        let reads = names.into_iter().map(|about| {
            let (store, collection) = (self.clone(), collection.to_owned());
            async move { store.document(&collection, &about).await }
        });
        self.side_by_side(reads).await
    }

    async fn document(&self, collection: &str, about: &Item) -> Result<Document, Failure> {
        let reader = Reader(about);
        let (name, digest) = (reader.text("name")?, reader.text("digest")?);
        let pk = document_partition(collection, name);
        let range = Range::prefixed(&*pk, content_prefix(digest));
        let mut content = Vec::new();
        for chunk in self.query(None, &range, false, usize::MAX).await? {
            content.extend_from_slice(Reader(&chunk).bytes("content")?);
        }
        if Sha256Digest::of(&content).to_string() != digest {
            return Err(Failure::corrupt(format!("{pk}: the content is not that of {digest}")));
        }
        Ok(read(reader, content)?)
    }
}

fn read(about: Reader<'_>, content: Vec<u8>) -> Result<Document, Unreadable> {
    Ok(Document {
        name: about.text("name")?.to_owned(),
        version: about.number("version")?,
        content,
        options: about.text("options")?.to_owned(),
        put_at: about.time("put_at")?,
    })
}
