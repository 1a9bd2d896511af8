-- The tables of each storage port, in the schema that the connection's search_path names.
-- Times are microseconds since 1970-01-01 UTC. Text is compared by its bytes, as in every store.

-- One row. Whoever holds its lock numbers events and messages: the order of positions is the
-- order of commits, and a rollback gives the numbers back.
CREATE TABLE feed_head (
    position BIGINT NOT NULL,
    messages BIGINT NOT NULL
) WITH (fillfactor = 10);
INSERT INTO feed_head VALUES (0, 0);

-- Streams that hold events or index entries.
CREATE TABLE streams (
    version BIGINT           NOT NULL,
    stream  TEXT COLLATE "C" NOT NULL PRIMARY KEY
) WITH (fillfactor = 70);

-- header holds all of an event but payload and places, see src/header.rs. A value for each of its
-- fields would cost more to read than the rest. Its first 16 bytes are the event's id.
CREATE TABLE events (
    position BIGINT           NOT NULL PRIMARY KEY,
    version  BIGINT           NOT NULL,
    stream   TEXT COLLATE "C" NOT NULL,
    header   BYTEA            NOT NULL,
    payload  BYTEA            NOT NULL,
    UNIQUE (stream, version)
);
CREATE UNIQUE INDEX events_event_id ON events (substr(header, 1, 16));

CREATE TABLE commands (
    version_before BIGINT           NOT NULL,
    version_after  BIGINT           NOT NULL,
    stream         TEXT COLLATE "C" NOT NULL,
    command_id     TEXT COLLATE "C" NOT NULL,
    digest         BYTEA            NOT NULL,
    PRIMARY KEY (stream, command_id)
);

CREATE TABLE stream_index (
    name          TEXT COLLATE "C" NOT NULL,
    partition_key TEXT COLLATE "C" NOT NULL,
    sort_key      TEXT COLLATE "C" NOT NULL,
    stream        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, partition_key, sort_key, stream)
);
CREATE INDEX stream_index_of_stream ON stream_index (stream);

CREATE TABLE snapshots (
    version     BIGINT           NOT NULL,
    revision    BIGINT           NOT NULL,
    recorded_at BIGINT           NOT NULL,
    stream      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash        BYTEA            NOT NULL,
    state       BYTEA            NOT NULL
);

CREATE TABLE outbox (
    seq        BIGINT           NOT NULL PRIMARY KEY,
    created_at BIGINT           NOT NULL,
    effect_id  TEXT COLLATE "C" NOT NULL UNIQUE,
    kind       TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    body       BYTEA            NOT NULL
);

CREATE TABLE timers (
    fire_at    BIGINT           NOT NULL,
    generation BIGINT           NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner, name)
);
CREATE INDEX timers_due ON timers (fire_at, owner, name);

-- A model is found by its name; its rows hold its number, so that replacing a model changes one
-- row. Without a name it was replaced or removed, and its rows are on their way out.
CREATE TABLE models (
    model    BIGINT           NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position BIGINT           NOT NULL,
    name     TEXT COLLATE "C" UNIQUE,
    hash     BYTEA            NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX models_retired ON models (model) WHERE name IS NULL;

CREATE TABLE model_rows (
    model         BIGINT           NOT NULL,
    version       BIGINT           NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    body          BYTEA            NOT NULL,
    parked_stream TEXT COLLATE "C",
    parked_reason TEXT COLLATE "C",
    PRIMARY KEY (model, key)
) WITH (fillfactor = 80);
CREATE INDEX model_rows_parked ON model_rows (model, key) WHERE parked_stream IS NOT NULL;

CREATE TABLE model_index (
    model         BIGINT           NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    partition_key TEXT COLLATE "C" NOT NULL,
    sort_key      TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (model, name, partition_key, sort_key, key)
);
CREATE INDEX model_index_of_row ON model_index (model, key);

CREATE TABLE fixes (
    ts               BIGINT           NOT NULL,
    lon              DOUBLE PRECISION NOT NULL,
    lat              DOUBLE PRECISION NOT NULL,
    accuracy_m       DOUBLE PRECISION NOT NULL,
    speed_mps        DOUBLE PRECISION,
    bearing_deg      DOUBLE PRECISION,
    battery          DOUBLE PRECISION,
    accuracy_assumed BOOLEAN          NOT NULL,
    partner          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (partner, ts)
);

CREATE TABLE track_cursors (
    evaluated_until BIGINT           NOT NULL,
    partner         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state           BYTEA            NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE presences (
    last_seen BIGINT           NOT NULL,
    on_shift  BOOLEAN          NOT NULL,
    partner   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    zone      TEXT COLLATE "C"
) WITH (fillfactor = 70);
CREATE INDEX presences_silent ON presences (last_seen, partner) WHERE on_shift;
CREATE INDEX presences_in_zone ON presences (zone, partner) WHERE zone IS NOT NULL;

-- One row, as feed_head: letters are numbered in the order in which they become visible.
CREATE TABLE dead_letters_head (
    id BIGINT NOT NULL
) WITH (fillfactor = 10);
INSERT INTO dead_letters_head VALUES (0);

CREATE TABLE dead_letters (
    id          BIGINT NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    payload     BYTEA  NOT NULL
);

CREATE TABLE documents (
    version    BIGINT           NOT NULL,
    put_at     BIGINT           NOT NULL,
    collection TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    options    TEXT             NOT NULL,
    content    BYTEA            NOT NULL,
    PRIMARY KEY (collection, name, version)
);

-- In parts, because destroying a key writes the part that held it anew.
CREATE TABLE keys (
    subject      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key          BYTEA,
    destroyed_at BIGINT
) PARTITION BY HASH (subject);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE keys_%s PARTITION OF keys FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            part, part);
    END LOOP;
END
$$;
