//! What is known of a stream and of a command to it, and where events of a stream lie.

use logistics_core::eventsourcing::{CommandRecord, StreamId, Version};
use logistics_core::ids::CommandId;
use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::statements::{execute, optional};
use super::values::{SqlResult, corrupt, text, uint, unfit};

/// The number of a stream in this file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) i64);

impl Number {
    /// Where the event of that version lies.
    pub(crate) fn place(self, version: Version) -> SqlResult<i64> {
        let version = u32::try_from(version.get()).map_err(unfit)?;
        Ok(self.0 << 32 | i64::from(version))
    }
}

/// What the database knows of a stream and of a command to it.
pub(crate) struct Known {
    pub(crate) number: Option<Number>,
    pub(crate) version: Version,
    pub(crate) record: Option<CommandRecord>,
}

pub(crate) fn known(db: &Connection, stream: &StreamId, command: &CommandId) -> SqlResult<Known> {
    let known = optional(
        db,
        "SELECT c.command_id, c.digest, c.version_before, c.version_after, s.number,
             (SELECT place & 0xffffffff FROM events
              WHERE place > s.number << 32 AND place < (s.number + 1) << 32
              ORDER BY place DESC LIMIT 1)
         FROM streams AS s LEFT JOIN commands AS c ON c.stream = s.number AND c.command_id = ?2
         WHERE s.stream = ?1",
        [stream.as_str(), command.as_str()],
        |row| {
            let version: Option<i64> = row.get(5)?;
            Ok(Known {
                number: Some(Number(row.get(4)?)),
                version: Version::new(uint(version.unwrap_or(0))?),
                record: record(row)?,
            })
        },
    )?;
    Ok(known.unwrap_or(Known { number: None, version: Version::NONE, record: None }))
}

/// Reads `command_id, digest, version_before, version_after` of a command, if there is one.
fn record(row: &Row<'_>) -> SqlResult<Option<CommandRecord>> {
    if row.get_ref(0)?.data_type() == Type::Null {
        return Ok(None);
    }
    Ok(Some(CommandRecord {
        command_id: CommandId::new(text(row, 0)?).map_err(corrupt)?,
        digest: row.get(1)?,
        before: Version::new(uint(row.get(2)?)?),
        after: Version::new(uint(row.get(3)?)?),
    }))
}

/// Gives a new stream its number.
pub(crate) fn add(db: &Connection, stream: &StreamId) -> SqlResult<Number> {
    execute(db, "INSERT INTO streams (stream) VALUES (?)", [stream.as_str()])?;
    Ok(Number(db.last_insert_rowid()))
}
