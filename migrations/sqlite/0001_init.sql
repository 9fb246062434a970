-- Ids are 16 bytes (UUIDv7), times microseconds UTC (0: not said), enumerations
-- the numbers of package tracker, shapes WKB, names and advice JSON. A column
-- named sealed or wrapped is ciphertext. commit_id is the group of writes that
-- a row came with: feed says where in the order it stands.
-- Tables are WITHOUT ROWID where the key comes roughly in order: one tree, not two.

-- +goose Up
CREATE TABLE head (
  one SMALLINT PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  events_through BIGINT, -- NULL until somebody first held a lease
  audit_seq BIGINT NOT NULL,
  audit_hash BLOB NOT NULL,
  key_check BLOB -- sealed by the master key: tells a wrong key file
);

CREATE TABLE feed (
  seq BIGINT PRIMARY KEY,
  commit_id BLOB NOT NULL UNIQUE,
  at BIGINT NOT NULL,
  kinds INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor BLOB,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  reason TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE idempotency (
  key_digest BLOB PRIMARY KEY, -- keyed digest of source and key
  body_hash BLOB NOT NULL,
  sealed BLOB NOT NULL, -- the reply
  at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder BLOB NOT NULL,
  until BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE crises (
  id BLOB PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE
) WITHOUT ROWID;

CREATE TABLE crisis_versions (
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  n INTEGER NOT NULL,
  names TEXT NOT NULL,
  region TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  starts BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  slug TEXT NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (crisis_id, n)
) WITHOUT ROWID;
CREATE INDEX crisis_versions_commit ON crisis_versions (commit_id);

CREATE TABLE missions (
  id BLOB PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) WITHOUT ROWID;

CREATE TABLE mission_versions (
  mission_id BLOB NOT NULL REFERENCES missions (id),
  version INTEGER NOT NULL,
  code TEXT NOT NULL,
  names TEXT NOT NULL,
  countries TEXT NOT NULL,
  area BLOB,
  duty_phone TEXT NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (mission_id, version)
) WITHOUT ROWID;
CREATE INDEX mission_versions_commit ON mission_versions (commit_id);

CREATE TABLE zones (
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  state SMALLINT NOT NULL,
  withdrawing BOOLEAN NOT NULL,
  level SMALLINT NOT NULL,
  action SMALLINT NOT NULL,
  kind SMALLINT NOT NULL,
  floor_m DOUBLE PRECISION NOT NULL,
  ceiling_m DOUBLE PRECISION NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  names TEXT NOT NULL,
  advice TEXT NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  country TEXT NOT NULL,
  shape BLOB,
  ref TEXT NOT NULL,
  author BLOB,
  confirmer BLOB,
  confirmed_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX zones_crisis ON zones (crisis_id);
CREATE INDEX zones_commit ON zones (commit_id);

CREATE TABLE zone_marks (
  zone_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  begins BOOLEAN NOT NULL,
  at BIGINT NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (zone_id, version, begins),
  FOREIGN KEY (zone_id, version) REFERENCES zones (id, version)
) WITHOUT ROWID;
CREATE INDEX zone_marks_commit ON zone_marks (commit_id);

-- A person's own key, wrapped by the master key. Emptied when the person is
-- erased: what it sealed, here and in every backup, is then noise.
CREATE TABLE person_keys (
  person_id BLOB PRIMARY KEY,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  wrapped BLOB
) WITHOUT ROWID;

-- References from here on to a person, and to a mission in large tables, are
-- checked by the store as it looks the person's key up.
CREATE TABLE people (
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  crisis_id BLOB NOT NULL,
  category SMALLINT NOT NULL,
  stay SMALLINT NOT NULL,
  persons SMALLINT NOT NULL,
  needs INTEGER NOT NULL,
  country TEXT NOT NULL,
  party_id BLOB,
  guardian_id BLOB,
  mission_id BLOB,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE INDEX people_commit ON people (commit_id);

-- Keyed digests for exact look-up. slot is empty where a digest may have one
-- holder only (IIN, passport) and the person's id where it may have more (phone).
CREATE TABLE identifiers (
  crisis_id BLOB NOT NULL,
  kind SMALLINT NOT NULL,
  digest BLOB NOT NULL,
  slot BLOB NOT NULL,
  person_id BLOB NOT NULL,
  PRIMARY KEY (crisis_id, kind, digest, slot)
) WITHOUT ROWID;

CREATE TABLE assignments (
  person_id BLOB NOT NULL,
  n INTEGER NOT NULL,
  mission_id BLOB,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason, where there is one
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, n)
) WITHOUT ROWID;
CREATE INDEX assignments_commit ON assignments (commit_id);

CREATE TABLE reports (
  person_id BLOB NOT NULL,
  id BLOB NOT NULL,
  crisis_id BLOB NOT NULL,
  channel SMALLINT NOT NULL,
  source_id BLOB,
  fixed_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  effective_at BIGINT NOT NULL,
  wellbeing SMALLINT NOT NULL,
  intention SMALLINT NOT NULL,
  contact SMALLINT NOT NULL,
  persons SMALLINT NOT NULL,
  needs INTEGER NOT NULL,
  has_needs BOOLEAN NOT NULL,
  country TEXT NOT NULL,
  onward_until BIGINT NOT NULL,
  method SMALLINT NOT NULL, -- 0: no position
  flags INTEGER NOT NULL,
  sealed BLOB, -- place, note, phone, address, reason, where there is one
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, id)
) WITHOUT ROWID;
CREATE INDEX reports_commit ON reports (commit_id);

CREATE TABLE retractions (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, report_id),
  FOREIGN KEY (person_id, report_id) REFERENCES reports (person_id, id)
) WITHOUT ROWID;
CREATE INDEX retractions_commit ON retractions (commit_id);

CREATE TABLE airport_states (
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  airport TEXT NOT NULL,
  version INTEGER NOT NULL,
  status SMALLINT NOT NULL,
  reason TEXT NOT NULL,
  until BIGINT NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  commit_id BLOB NOT NULL,
  PRIMARY KEY (crisis_id, airport, version)
) WITHOUT ROWID;
CREATE INDEX airport_states_commit ON airport_states (commit_id);

CREATE TABLE events (
  cause BIGINT NOT NULL,
  n INTEGER NOT NULL,
  id BLOB NOT NULL,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  kind SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  zone_id BLOB,
  zone_version INTEGER NOT NULL,
  airport TEXT NOT NULL,
  level SMALLINT NOT NULL,
  moves BLOB, -- 18 bytes each: person, verdict before, verdict after
  commit_id BLOB NOT NULL,
  PRIMARY KEY (cause, n)
);
CREATE INDEX events_commit ON events (commit_id);
CREATE INDEX events_crisis ON events (crisis_id);

CREATE TABLE accounts (
  id BLOB PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role SMALLINT NOT NULL,
  mission_id BLOB REFERENCES missions (id),
  disabled BOOLEAN NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE api_keys (
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  role SMALLINT NOT NULL,
  mission_id BLOB REFERENCES missions (id),
  created_by BLOB,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE links (
  id BLOB PRIMARY KEY,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  code TEXT NOT NULL UNIQUE,
  secret_hash BLOB, -- NULL: a campaign link, which has none
  person_id BLOB REFERENCES person_keys (person_id),
  airport TEXT NOT NULL,
  country TEXT NOT NULL,
  mission_id BLOB REFERENCES missions (id),
  label TEXT NOT NULL,
  created_by BLOB,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX links_crisis ON links (crisis_id, created_at);

-- +goose Down
DROP TABLE links;
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE events;
DROP TABLE airport_states;
DROP TABLE retractions;
DROP TABLE reports;
DROP TABLE assignments;
DROP TABLE identifiers;
DROP TABLE people;
DROP TABLE person_keys;
DROP TABLE zone_marks;
DROP TABLE zones;
DROP TABLE mission_versions;
DROP TABLE missions;
DROP TABLE crisis_versions;
DROP TABLE crises;
DROP TABLE leases;
DROP TABLE idempotency;
DROP TABLE audit;
DROP TABLE feed;
DROP TABLE head;
