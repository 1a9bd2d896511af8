-- The subjects' keys, in a file of their own. Times are microseconds since 1970-01-01 UTC.

-- A key once written is never moved, so that no copy of it stays behind in a page: rows are only
-- added at the end, and destroying one writes as many zeros over it in its place.
CREATE TABLE keys (
    id  INTEGER NOT NULL PRIMARY KEY,
    key BLOB    NOT NULL
) STRICT;

CREATE TABLE subjects (
    subject      TEXT NOT NULL PRIMARY KEY,
    -- NULL for one whose key was destroyed before there was any.
    key          INTEGER,
    destroyed_at INTEGER
) STRICT, WITHOUT ROWID;
