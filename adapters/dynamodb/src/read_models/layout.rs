//! Where the items of a read model lie, and what is in them.

use aws_sdk_dynamodb::types::AttributeValue;
use logistics_core::eventsourcing::{
    Cursor, IndexEntry, ModelRow, Parked, Position, StreamId, Version,
};
use logistics_core::values::Sha256Digest;

use crate::item::{Item, Reader, Unreadable, bytes, item, number, text};
use crate::keys::{Key, QUEUES, Range, escape, shard};
use crate::plan::Condition;

/// The partition with the generations whose rows are to be removed.
pub(super) const OLD_GENERATIONS: &str = "MDLOLD";

/// The item of a model.
pub(super) fn model_key(model: &str) -> Key {
    Key::new(format!("MDL#{}", escape(model)), "MODEL")
}

/// Which rows are those of a model. Every model that begins has one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Generation(String);

impl Generation {
    /// A new one. `stamp` is not given twice in a process; the rest tells processes apart.
    pub(super) fn new(stamp: u64) -> Self {
        let process = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), stamp);
        Self(format!("{stamp:x}-{process:x}"))
    }

    pub(super) fn of(name: &str) -> Self {
        Self(name.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of the rows with this number.
    pub(super) fn rows(&self, part: u32) -> String {
        format!("MDL#{}#ROWS#{part:02}", self.0)
    }

    pub(super) fn row(&self, key: &str) -> Key {
        Key::new(self.rows(shard(key, QUEUES)), format!("ROW#{key}"))
    }

    pub(super) fn entries(&self, index: &str, partition: &str) -> String {
        format!("MDL#{}#IDX#{}#{partition}", self.0, escape(index))
    }

    pub(super) fn entry(&self, entry: &IndexEntry, key: &str) -> Key {
        let pk = self.entries(&entry.index, &entry.partition);
        Key::new(pk, format!("{}#{key}", escape(&entry.sort)))
    }

    pub(super) fn all_counts(&self) -> String {
        format!("MDL#{}#COUNTS", self.0)
    }

    pub(super) fn counts(&self, index: &str) -> Range {
        Range::prefixed(self.all_counts(), format!("{}#", escape(index)))
    }

    pub(super) fn count(&self, index: &str, partition: &str) -> Key {
        Key::new(self.all_counts(), format!("{}#{partition}", escape(index)))
    }

    pub(super) fn parked(&self, key: &str) -> Key {
        Key::new(self.all_parked(), format!("KEY#{key}"))
    }

    pub(super) fn all_parked(&self) -> String {
        format!("MDL#{}#PARKED", self.0)
    }

    pub(super) fn parked_after(&self, after: Option<&str>) -> Range {
        let range = Range::prefixed(self.all_parked(), "KEY#".to_owned());
        after.map_or(range.clone(), |after| range.above(format!("KEY#{after}")))
    }
}

/// A model: its rows' generation, and how far it has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) generation: Generation,
    pub(super) checkpoint: Cursor,
}

impl Model {
    pub(super) fn item(&self, name: &str) -> Item {
        let [generation, position, hash] = self.values();
        item(
            &model_key(name),
            [("generation", Some(generation)), ("position", Some(position)), ("hash", Some(hash))],
        )
    }

    fn values(&self) -> [AttributeValue; 3] {
        let Cursor { position, hash } = &self.checkpoint;
        [text(&*self.generation.0), number(position), bytes(*hash.as_bytes())]
    }

    /// That the model is this one, here.
    pub(super) fn stands(&self) -> Condition {
        let [generation, position, hash] = self.values();
        Condition::All(vec![
            Condition::Equal("generation", generation),
            Condition::Equal("position", position),
            Condition::Equal("hash", hash),
        ])
    }

    pub(super) fn read(item: &Item) -> Result<Self, Unreadable> {
        let item = Reader(item);
        Ok(Self {
            generation: Generation::of(item.text("generation")?),
            checkpoint: Cursor {
                position: Position::new(item.number("position")?),
                hash: Sha256Digest::from_bytes(item.array("hash")?),
            },
        })
    }
}

/// A row as it is kept: how often it was written tells whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) row: ModelRow,
    pub(super) writes: u64,
}

impl Row {
    pub(super) fn item(&self, generation: &Generation) -> Item {
        let row = &self.row;
        let entry = |IndexEntry { index, partition, sort }: &IndexEntry| {
            AttributeValue::L(vec![text(&**index), text(&**partition), text(&**sort)])
        };
        let entries = row.indexes.iter().map(entry).collect();
        let parked = row.parked.as_ref();
        item(
            &generation.row(&row.key),
            [
                ("key", Some(text(&*row.key))),
                ("v", Some(number(row.version))),
                ("writes", Some(number(self.writes))),
                ("body", Some(bytes(&*row.body))),
                ("entries", Some(AttributeValue::L(entries))),
                ("parked_stream", parked.map(|parked| text(parked.stream.as_str()))),
                ("parked_reason", parked.map(|parked| text(&*parked.reason))),
            ],
        )
    }

    pub(super) fn read(item: &Item) -> Result<Self, Unreadable> {
        let item = Reader(item);
        let entries =
            item.list("entries")?.iter().map(|entry| match entry.as_l().ok()?.as_slice() {
                [index, partition, sort] => Some(IndexEntry::new(
                    index.as_s().ok()?,
                    partition.as_s().ok()?,
                    sort.as_s().ok()?,
                )),
                _ => None,
            });
        let parked = match item.find_text("parked_stream") {
            Some(stream) => {
                let stream = StreamId::try_from(stream.to_owned()).ok();
                let stream = item.need("parked_stream", stream)?;
                Some(Parked { stream, reason: item.text("parked_reason")?.to_owned() })
            }
            None => None,
        };
        Ok(Self {
            writes: item.number("writes")?,
            row: ModelRow {
                key: item.text("key")?.to_owned(),
                version: Version::new(item.number("v")?),
                body: item.bytes("body")?.to_vec(),
                indexes: item.need("entries", entries.collect())?,
                parked,
            },
        })
    }
}
