-- Whether the device says that a program made the position up.
ALTER TABLE fixes ADD COLUMN mocked INTEGER NOT NULL DEFAULT 0;
