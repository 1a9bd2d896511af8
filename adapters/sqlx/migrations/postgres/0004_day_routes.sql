-- What is kept of a partner's day when its fixes are gone, under a pseudonym.
CREATE TABLE day_routes (
    pseudonym TEXT COLLATE "C" NOT NULL,
    day       TEXT COLLATE "C" NOT NULL,
    fixes     BIGINT           NOT NULL,
    body      TEXT             NOT NULL,
    PRIMARY KEY (pseudonym, day)
);
