-- Ids are 16 bytes (UUIDv7), times microseconds UTC (0: not said), enumerations
-- the numbers of package tracker, shapes WKB, names and advice JSON. A column
-- named sealed or wrapped is ciphertext. commit_id is the group of writes that
-- a row came with: feed says where in the order it stands.

-- +goose Up
CREATE TABLE head (
  one SMALLINT PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  events_through BIGINT, -- NULL until somebody first held a lease
  audit_seq BIGINT NOT NULL,
  audit_hash BYTEA NOT NULL,
  key_check BYTEA -- sealed by the master key: tells a wrong key file
);

CREATE TABLE feed (
  seq BIGINT PRIMARY KEY,
  commit_id BYTEA NOT NULL UNIQUE,
  at BIGINT NOT NULL,
  kinds INTEGER NOT NULL
);

CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor BYTEA,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  reason TEXT NOT NULL,
  prev_hash BYTEA NOT NULL,
  hash BYTEA NOT NULL
);

CREATE TABLE idempotency (
  key_digest BYTEA PRIMARY KEY, -- keyed digest of source and key
  body_hash BYTEA NOT NULL,
  sealed BYTEA NOT NULL, -- the reply
  at BIGINT NOT NULL
);

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder BYTEA NOT NULL,
  until BIGINT NOT NULL
);

CREATE TABLE crises (
  id BYTEA PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE
);

CREATE TABLE crisis_versions (
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
  n INTEGER NOT NULL,
  names TEXT NOT NULL,
  region TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  starts BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  slug TEXT NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (crisis_id, n)
);
CREATE INDEX crisis_versions_commit ON crisis_versions (commit_id);

CREATE TABLE missions (
  id BYTEA PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
);

CREATE TABLE mission_versions (
  mission_id BYTEA NOT NULL REFERENCES missions (id),
  version INTEGER NOT NULL,
  code TEXT NOT NULL,
  names TEXT NOT NULL,
  countries TEXT NOT NULL,
  area BYTEA,
  duty_phone TEXT NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (mission_id, version)
);
CREATE INDEX mission_versions_commit ON mission_versions (commit_id);

CREATE TABLE zones (
  id BYTEA NOT NULL,
  version INTEGER NOT NULL,
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
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
  shape BYTEA,
  ref TEXT NOT NULL,
  author BYTEA,
  confirmer BYTEA,
  confirmed_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX zones_crisis ON zones (crisis_id);
CREATE INDEX zones_commit ON zones (commit_id);

CREATE TABLE zone_marks (
  zone_id BYTEA NOT NULL,
  version INTEGER NOT NULL,
  begins BOOLEAN NOT NULL,
  at BIGINT NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (zone_id, version, begins),
  FOREIGN KEY (zone_id, version) REFERENCES zones (id, version)
);
CREATE INDEX zone_marks_commit ON zone_marks (commit_id);

-- A person's own key, wrapped by the master key. Emptied when the person is
-- erased: what it sealed, here and in every backup, is then noise.
CREATE TABLE person_keys (
  person_id BYTEA PRIMARY KEY,
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
  wrapped BYTEA
);

-- References from here on to a person, and to a mission in large tables, are
-- checked by the store as it looks the person's key up.
CREATE TABLE people (
  id BYTEA NOT NULL,
  version INTEGER NOT NULL,
  crisis_id BYTEA NOT NULL,
  category SMALLINT NOT NULL,
  stay SMALLINT NOT NULL,
  persons SMALLINT NOT NULL,
  needs INTEGER NOT NULL,
  country TEXT NOT NULL,
  party_id BYTEA,
  guardian_id BYTEA,
  mission_id BYTEA,
  author BYTEA,
  recorded_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX people_commit ON people (commit_id);

-- Keyed digests for exact look-up. slot is empty where a digest may have one
-- holder only (IIN, passport) and the person's id where it may have more (phone).
CREATE TABLE identifiers (
  crisis_id BYTEA NOT NULL,
  kind SMALLINT NOT NULL,
  digest BYTEA NOT NULL,
  slot BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  PRIMARY KEY (crisis_id, kind, digest, slot)
);

CREATE TABLE assignments (
  person_id BYTEA NOT NULL,
  n INTEGER NOT NULL,
  mission_id BYTEA,
  author BYTEA,
  recorded_at BIGINT NOT NULL,
  sealed BYTEA, -- the reason, where there is one
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (person_id, n)
);
CREATE INDEX assignments_commit ON assignments (commit_id);

CREATE TABLE reports (
  person_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  crisis_id BYTEA NOT NULL,
  channel SMALLINT NOT NULL,
  source_id BYTEA,
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
  sealed BYTEA, -- place, note, phone, address, reason, where there is one
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (person_id, id)
);
CREATE INDEX reports_commit ON reports (commit_id);

CREATE TABLE retractions (
  person_id BYTEA NOT NULL,
  report_id BYTEA NOT NULL,
  author BYTEA,
  recorded_at BIGINT NOT NULL,
  sealed BYTEA, -- the reason
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (person_id, report_id),
  FOREIGN KEY (person_id, report_id) REFERENCES reports (person_id, id)
);
CREATE INDEX retractions_commit ON retractions (commit_id);

CREATE TABLE airport_states (
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
  airport TEXT NOT NULL,
  version INTEGER NOT NULL,
  status SMALLINT NOT NULL,
  reason TEXT NOT NULL,
  until BIGINT NOT NULL,
  author BYTEA,
  recorded_at BIGINT NOT NULL,
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (crisis_id, airport, version)
);
CREATE INDEX airport_states_commit ON airport_states (commit_id);

CREATE TABLE events (
  cause BIGINT NOT NULL,
  n INTEGER NOT NULL,
  id BYTEA NOT NULL,
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
  kind SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  zone_id BYTEA,
  zone_version INTEGER NOT NULL,
  airport TEXT NOT NULL,
  level SMALLINT NOT NULL,
  moves BYTEA, -- 18 bytes each: person, verdict before, verdict after
  commit_id BYTEA NOT NULL,
  PRIMARY KEY (cause, n)
);
CREATE INDEX events_commit ON events (commit_id);
CREATE INDEX events_crisis ON events (crisis_id);

CREATE TABLE accounts (
  id BYTEA PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role SMALLINT NOT NULL,
  mission_id BYTEA REFERENCES missions (id),
  disabled BOOLEAN NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  token_hash BYTEA PRIMARY KEY,
  account_id BYTEA NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE api_keys (
  id BYTEA PRIMARY KEY,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  role SMALLINT NOT NULL,
  mission_id BYTEA REFERENCES missions (id),
  created_by BYTEA,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);

CREATE TABLE links (
  id BYTEA PRIMARY KEY,
  crisis_id BYTEA NOT NULL REFERENCES crises (id),
  code TEXT NOT NULL UNIQUE,
  secret_hash BYTEA, -- NULL: a campaign link, which has none
  person_id BYTEA REFERENCES person_keys (person_id),
  airport TEXT NOT NULL,
  country TEXT NOT NULL,
  mission_id BYTEA REFERENCES missions (id),
  label TEXT NOT NULL,
  created_by BYTEA,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
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
