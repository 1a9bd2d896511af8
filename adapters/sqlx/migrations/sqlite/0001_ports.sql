-- A few tables for each storage port. Times are microseconds since 1970-01-01 UTC.

CREATE TABLE streams (
    number INTEGER NOT NULL PRIMARY KEY,
    stream TEXT    NOT NULL UNIQUE
) STRICT;

-- The events of a stream lie together, so that loading one reads few pages: place is the stream's
-- number in the upper 32 bits and the version in the lower. position has no gaps: the one writer
-- gives an event the one after the last.
-- header holds all of an event but payload and places, see src/header.rs; its first 16 bytes are
-- the event's id. recorded_at stands in it too, and here for who looks for idle streams.
CREATE TABLE events (
    place       INTEGER NOT NULL PRIMARY KEY,
    position    INTEGER NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL,
    header      BLOB    NOT NULL,
    payload     BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_event_id ON events (substr(header, 1, 16));

-- stream is a stream's number.
CREATE TABLE commands (
    stream         INTEGER NOT NULL,
    command_id     TEXT    NOT NULL,
    digest         BLOB    NOT NULL,
    version_before INTEGER NOT NULL,
    version_after  INTEGER NOT NULL,
    PRIMARY KEY (stream, command_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_index (
    name          TEXT NOT NULL,
    partition_key TEXT NOT NULL,
    sort_key      TEXT NOT NULL,
    stream        TEXT NOT NULL,
    PRIMARY KEY (name, partition_key, sort_key, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX stream_index_of_stream ON stream_index (stream);

CREATE TABLE snapshots (
    stream      TEXT    NOT NULL PRIMARY KEY,
    version     INTEGER NOT NULL,
    hash        BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    state       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    seq        INTEGER NOT NULL PRIMARY KEY,
    effect_id  TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE timers (
    owner      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    fire_at    INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers (fire_at, owner, name);

-- Rows and entries bear the number of their model, so that one model takes the place of another by
-- changing one row. A model without a name has been replaced or removed; its rows are being cleared.
CREATE TABLE models (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name     TEXT    UNIQUE,
    position INTEGER NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;

CREATE TABLE model_rows (
    model         INTEGER NOT NULL,
    key           TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    body          BLOB    NOT NULL,
    parked_stream TEXT,
    parked_reason TEXT,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_rows_parked ON model_rows (model, key) WHERE parked_stream IS NOT NULL;

CREATE TABLE model_index (
    model         INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    partition_key TEXT    NOT NULL,
    sort_key      TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    PRIMARY KEY (model, name, partition_key, sort_key, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_index_of_row ON model_index (model, key);

CREATE TABLE fixes (
    partner          TEXT    NOT NULL,
    ts               INTEGER NOT NULL,
    lon              REAL    NOT NULL,
    lat              REAL    NOT NULL,
    accuracy_m       REAL    NOT NULL,
    accuracy_assumed INTEGER NOT NULL,
    speed_mps        REAL,
    bearing_deg      REAL,
    battery          REAL,
    PRIMARY KEY (partner, ts)
) STRICT, WITHOUT ROWID;

CREATE TABLE track_cursors (
    partner         TEXT    NOT NULL PRIMARY KEY,
    evaluated_until INTEGER NOT NULL,
    state           BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE presences (
    partner   TEXT    NOT NULL PRIMARY KEY,
    last_seen INTEGER NOT NULL,
    zone      TEXT,
    on_shift  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX presences_on_shift ON presences (last_seen, partner) WHERE on_shift = 1;
CREATE INDEX presences_in_zone ON presences (zone, partner) WHERE zone IS NOT NULL;

CREATE TABLE dead_letters (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    payload     BLOB    NOT NULL
) STRICT;

CREATE TABLE documents (
    collection TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    content    BLOB    NOT NULL,
    options    TEXT    NOT NULL,
    put_at     INTEGER NOT NULL,
    PRIMARY KEY (collection, name, version)
) STRICT;
