-- What is kept of a partner's day when its fixes are gone, under a pseudonym.
CREATE TABLE day_routes (
    pseudonym TEXT    NOT NULL,
    day       TEXT    NOT NULL,
    fixes     INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    PRIMARY KEY (pseudonym, day)
) STRICT, WITHOUT ROWID;
