-- Whether the device says that a program made the position up.
ALTER TABLE fixes ADD COLUMN mocked BOOLEAN NOT NULL DEFAULT false;
