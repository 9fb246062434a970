-- Reports that come many at once are stored many to a row, as they came: a row for
-- each would touch a page of its own, somewhere in a tree by person. Which packs a
-- person's reports are in, the store works out from people. A report is in reports or
-- in a pack, never in both; so what names a report is no longer checked by the database
-- but by the store, in the same transaction. An instance of the version before doesn't
-- see packs: end it before this one starts.

-- +goose Up
CREATE TABLE report_packs (
  n INTEGER PRIMARY KEY,
  people BLOB NOT NULL, -- the ids of those whom the reports are about, 16 bytes each
  body BLOB NOT NULL, -- the reports in the same order; what is personal sealed as in reports
  commit_id BLOB NOT NULL
);
CREATE INDEX report_packs_commit ON report_packs (commit_id);

CREATE TABLE retractions_free (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, report_id)
) WITHOUT ROWID;
INSERT INTO retractions_free SELECT person_id, report_id, author, recorded_at, sealed, commit_id FROM retractions;
DROP TABLE retractions;
ALTER TABLE retractions_free RENAME TO retractions;
CREATE INDEX retractions_commit ON retractions (commit_id);

CREATE TABLE rulings_free (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  n INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, report_id, n)
) WITHOUT ROWID;
INSERT INTO rulings_free SELECT person_id, report_id, n, flags, author, recorded_at, sealed, commit_id FROM rulings;
DROP TABLE rulings;
ALTER TABLE rulings_free RENAME TO rulings;
CREATE INDEX rulings_commit ON rulings (commit_id);

CREATE TABLE readings_free (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  mission_id BLOB,
  at BIGINT NOT NULL,
  PRIMARY KEY (person_id, report_id)
) WITHOUT ROWID;
INSERT INTO readings_free SELECT person_id, report_id, mission_id, at FROM readings;
DROP TABLE readings;
ALTER TABLE readings_free RENAME TO readings;

-- +goose Down
-- There is no way back for reports that are in packs: with any there, this fails.
CREATE TEMP TABLE no_way_back (packs BIGINT CHECK (packs = 0));
INSERT INTO no_way_back SELECT COUNT(*) FROM report_packs;
DROP TABLE no_way_back;
DROP TABLE report_packs;
