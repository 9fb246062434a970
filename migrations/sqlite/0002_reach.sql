-- What reaching people adds: who is who, the lines on which people are reached,
-- what is waiting to be said, and erasing. Where sealed stands beside a person_id,
-- the person's own key sealed it when there is a person, else the master key.

-- +goose Up
-- That two records stand for one human, or with kept NULL that they don't.
CREATE TABLE merges (
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  n INTEGER NOT NULL,
  gone BLOB NOT NULL,
  kept BLOB,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason, by gone's key
  commit_id BLOB NOT NULL,
  PRIMARY KEY (crisis_id, n)
) WITHOUT ROWID;
CREATE INDEX merges_commit ON merges (commit_id);
CREATE INDEX merges_gone ON merges (gone);
CREATE INDEX merges_kept ON merges (kept) WHERE kept IS NOT NULL;

-- How far the fix of a report is trusted; the highest n stands.
CREATE TABLE rulings (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  n INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- the reason
  commit_id BLOB NOT NULL,
  PRIMARY KEY (person_id, report_id, n),
  FOREIGN KEY (person_id, report_id) REFERENCES reports (person_id, id)
) WITHOUT ROWID;
CREATE INDEX rulings_commit ON rulings (commit_id);

-- Who was erased: their key in person_keys is empty from then on.
CREATE TABLE erasures (
  person_id BLOB PRIMARY KEY REFERENCES person_keys (person_id),
  crisis_id BLOB NOT NULL,
  reason TEXT NOT NULL,
  author BLOB,
  recorded_at BIGINT NOT NULL,
  commit_id BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX erasures_commit ON erasures (commit_id);
CREATE INDEX links_person ON links (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE threads (
  id BLOB PRIMARY KEY,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  channel SMALLINT NOT NULL,
  digest BLOB NOT NULL, -- keyed digest of the provider's name for the line
  UNIQUE (crisis_id, channel, digest)
) WITHOUT ROWID;

CREATE TABLE thread_versions (
  thread_id BLOB NOT NULL REFERENCES threads (id),
  version INTEGER NOT NULL,
  person_id BLOB,
  is_group BOOLEAN NOT NULL,
  mission_id BLOB,
  lang TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  sealed BLOB NOT NULL, -- the line's name, where the conversation stands
  PRIMARY KEY (thread_id, version)
) WITHOUT ROWID;
CREATE INDEX thread_versions_person ON thread_versions (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX thread_versions_group ON thread_versions (thread_id) WHERE is_group;

CREATE TABLE messages (
  id BLOB PRIMARY KEY,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  thread_id BLOB NOT NULL REFERENCES threads (id),
  channel SMALLINT NOT NULL,
  person_id BLOB,
  author BLOB,
  created_at BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  failure TEXT NOT NULL,
  sealed BLOB NOT NULL -- the text, who wrote it
) WITHOUT ROWID;
CREATE INDEX messages_due ON messages (next_at, id) WHERE state = 1;
CREATE INDEX messages_thread ON messages (thread_id);
CREATE INDEX messages_person ON messages (person_id, created_at) WHERE person_id IS NOT NULL;

-- latest marks the version that stands, so that the open ones are found without
-- walking through all that were ever closed.
CREATE TABLE callbacks (
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  latest BOOLEAN NOT NULL,
  crisis_id BLOB NOT NULL REFERENCES crises (id),
  kind SMALLINT NOT NULL,
  state SMALLINT NOT NULL,
  person_id BLOB,
  link_id BLOB,
  thread_id BLOB,
  mission_id BLOB,
  author BLOB,
  created_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  sealed BLOB, -- phone, text, outcome; NULL: erased
  PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE INDEX callbacks_latest ON callbacks (crisis_id, created_at, id) WHERE latest;
CREATE INDEX callbacks_open ON callbacks (crisis_id, created_at, id) WHERE latest AND state <= 2;
CREATE INDEX callbacks_person ON callbacks (person_id) WHERE person_id IS NOT NULL;

-- Who first saw a report.
CREATE TABLE readings (
  person_id BLOB NOT NULL,
  report_id BLOB NOT NULL,
  mission_id BLOB,
  at BIGINT NOT NULL,
  PRIMARY KEY (person_id, report_id),
  FOREIGN KEY (person_id, report_id) REFERENCES reports (person_id, id)
) WITHOUT ROWID;

CREATE TABLE hotlines (
  id BLOB PRIMARY KEY,
  mission_id BLOB REFERENCES missions (id),
  phone TEXT NOT NULL,
  names TEXT NOT NULL,
  is_public BOOLEAN NOT NULL,
  place INTEGER NOT NULL -- in the order of the mission's
) WITHOUT ROWID;

CREATE TABLE shifts (
  id BLOB PRIMARY KEY,
  mission_id BLOB REFERENCES missions (id),
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  sealed BLOB NOT NULL -- name and phone of who is on duty, by the master key
) WITHOUT ROWID;
CREATE INDEX shifts_end ON shifts (to_at);

CREATE TABLE mappings (
  id BLOB PRIMARY KEY,
  owner BLOB NOT NULL, -- zeros: nobody
  name TEXT NOT NULL,
  mission_id BLOB REFERENCES missions (id),
  body BLOB NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (owner, name)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE mappings;
DROP TABLE shifts;
DROP TABLE hotlines;
DROP TABLE readings;
DROP TABLE callbacks;
DROP TABLE messages;
DROP TABLE thread_versions;
DROP TABLE threads;
DROP INDEX links_person;
DROP TABLE erasures;
DROP TABLE rulings;
DROP TABLE merges;
