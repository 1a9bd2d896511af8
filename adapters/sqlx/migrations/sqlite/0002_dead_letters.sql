-- Whose message a dead letter is and how it is written, so that it can be taken again.
ALTER TABLE dead_letters ADD COLUMN partner TEXT;
ALTER TABLE dead_letters ADD COLUMN form TEXT NOT NULL DEFAULT 'canonical';
