"""Layout of the store as numbered migrations: statement lists that are only ever added to.

Times are integers, microseconds since 1970 in UTC, so that they sort and compare exactly; the views show them as ISO 8601.
A turn's row id is its interaction's number shifted left by ``TURN_BITS`` plus its index: a full-text hit names its
interaction without a join, and the turns of an interaction lie side by side.
"""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

APPLICATION_ID = 0x494E5347  # "INSG" in the file's header: tells a store from any other SQLite file.
TURN_BITS = 20

_TABLES = """
CREATE TABLE recipe (  -- what makes rows: a model with its taxonomy, or a set of ownership rules; 0 is nothing yet
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO recipe (id, name) VALUES (0, '');

CREATE TABLE counter (  -- numbers given to people, never reused
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('issue', 0), ('topic', 0);

CREATE TABLE run (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  pipeline TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  status TEXT NOT NULL,
  manifest TEXT NOT NULL
) STRICT;

CREATE TABLE run_step (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  step TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  counts TEXT NOT NULL,
  UNIQUE (run, step)
) STRICT;
CREATE INDEX run_step_newest ON run_step (step, seq);

CREATE TABLE cursor (
  source TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  options_hash TEXT NOT NULL,
  file TEXT NOT NULL,
  records INTEGER NOT NULL,
  counts TEXT NOT NULL,
  done INTEGER NOT NULL,
  PRIMARY KEY (source, file_hash, options_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letter (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  locator TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  digest TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'replayed', 'dropped'))
) STRICT;

CREATE TABLE interaction (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  source_ref TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  started_at INTEGER,
  channel TEXT NOT NULL,
  language TEXT,
  customer_ref TEXT,
  product TEXT,
  queue TEXT,
  meta TEXT NOT NULL,
  repairs TEXT NOT NULL,
  analysed_by INTEGER NOT NULL DEFAULT 0 REFERENCES recipe,
  UNIQUE (source_ref, source)
) STRICT;
CREATE INDEX interaction_started ON interaction (started_at);
CREATE INDEX interaction_undated ON interaction (received_at) WHERE started_at IS NULL;
CREATE INDEX interaction_customer ON interaction (customer_ref) WHERE customer_ref IS NOT NULL;
CREATE INDEX interaction_analysed ON interaction (analysed_by);

CREATE TABLE turn (
  id INTEGER PRIMARY KEY,
  role TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER,
  visibility TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE turn_words USING fts5 (
  text, content = 'turn', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO turn_words (turn_words, rank) VALUES ('secure-delete', 1);

CREATE TABLE topic (
  number INTEGER PRIMARY KEY,
  key TEXT UNIQUE,  -- NULL for a discovered topic
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  keywords TEXT NOT NULL,
  examples TEXT NOT NULL,
  lineage TEXT NOT NULL,
  made_by TEXT NOT NULL,
  centroid BLOB,
  exemplars BLOB
) STRICT;

CREATE TABLE insight (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  interaction INTEGER NOT NULL REFERENCES interaction ON DELETE CASCADE,
  kind TEXT NOT NULL,
  topic INTEGER REFERENCES topic,
  topic_confidence REAL,
  subject TEXT NOT NULL,
  confidence REAL NOT NULL,
  severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 3),
  decision TEXT NOT NULL CHECK (decision IN ('yes', 'undecided')),
  missed TEXT NOT NULL,
  evidence TEXT NOT NULL,  -- JSON [[turn, start, end], ...]: offsets only, so that an erased text leaves no copy
  votes TEXT NOT NULL,
  made_by INTEGER NOT NULL REFERENCES recipe,
  routed_by INTEGER NOT NULL DEFAULT 0 REFERENCES recipe
) STRICT;
CREATE INDEX insight_interaction ON insight (interaction);
CREATE INDEX insight_topic ON insight (topic, kind) WHERE decision = 'yes';
CREATE INDEX insight_routed ON insight (routed_by) WHERE decision = 'yes';

CREATE TABLE route (
  insight INTEGER NOT NULL REFERENCES insight ON DELETE CASCADE,
  unit TEXT NOT NULL,
  owns INTEGER NOT NULL,
  rule TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (insight, unit)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX route_one_owner ON route (insight) WHERE owns;

CREATE TABLE issue (
  number INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  topic TEXT NOT NULL,
  status TEXT NOT NULL,
  signal TEXT NOT NULL,
  owner TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  contacts INTEGER NOT NULL,
  customers INTEGER NOT NULL,
  fixes TEXT NOT NULL,
  history TEXT NOT NULL
) STRICT;

CREATE TABLE digest (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  unit TEXT NOT NULL,
  period TEXT NOT NULL,
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  content TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX digest_unit ON digest (unit, period_start);

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,  -- the idempotency key: what makes a delivery happen once
  digest_id TEXT NOT NULL REFERENCES digest (id) ON DELETE CASCADE,
  destination TEXT NOT NULL,
  unit TEXT NOT NULL,
  period TEXT NOT NULL,
  subject TEXT NOT NULL,
  html TEXT NOT NULL,
  text TEXT NOT NULL,
  markdown TEXT NOT NULL,
  json TEXT NOT NULL,
  mail TEXT NOT NULL,
  message_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'sent', 'failed', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  leased_until INTEGER,
  last_at INTEGER,
  error TEXT NOT NULL DEFAULT '',
  remote TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_digest ON outbox (digest_id);
CREATE INDEX outbox_due ON outbox (next_at) WHERE status = 'pending';
"""

_VIEWS = f"""
CREATE VIEW interactions AS
  SELECT id, source, source_ref, channel, language, customer_ref AS customer, product, queue,
         strftime('%Y-%m-%dT%H:%M:%SZ', started_at / 1000000, 'unixepoch') AS started_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', received_at / 1000000, 'unixepoch') AS received_at, meta, repairs
  FROM interaction;

CREATE VIEW turns AS
  SELECT i.id AS interaction_id, t.id & {(1 << TURN_BITS) - 1} AS turn, t.role, t.visibility, t.text
  FROM turn t JOIN interaction i ON i.seq = t.id >> {TURN_BITS};

CREATE VIEW topics AS
  SELECT printf('T-%04d', number) AS id, key, label, kind, keywords, made_by FROM topic;

CREATE VIEW insights AS
  SELECT n.id, i.id AS interaction_id, i.source, i.source_ref, i.channel, i.customer_ref AS customer, i.product, i.queue,
         strftime('%Y-%m-%dT%H:%M:%SZ', i.started_at / 1000000, 'unixepoch') AS started_at,
         n.kind, printf('T-%04d', n.topic) AS topic_id, t.key AS topic, t.label AS topic_label, n.subject, n.confidence,
         CASE n.severity WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'critical' END AS severity,
         n.decision, n.missed AS missed_expectations, r.unit AS owner, r.rule, r.why, m.name AS made_by
  FROM insight n JOIN interaction i ON i.seq = n.interaction JOIN recipe m ON m.id = n.made_by
       LEFT JOIN topic t ON t.number = n.topic LEFT JOIN route r ON r.insight = n.seq AND r.owns;

CREATE VIEW evidence AS
  SELECT n.id AS insight_id, e.key AS place, e.value ->> 0 AS turn, e.value ->> 1 AS start, e.value ->> 2 AS "end",
         substr(t.text, (e.value ->> 1) + 1, (e.value ->> 2) - (e.value ->> 1)) AS quote
  FROM insight n, json_each(n.evidence) e JOIN turn t ON t.id = (n.interaction << {TURN_BITS}) + (e.value ->> 0);

CREATE VIEW unaccounted AS  -- must be empty once routing has run: no insight goes to nobody
  SELECT id FROM insight n WHERE decision = 'yes' AND NOT EXISTS (SELECT 1 FROM route r WHERE r.insight = n.seq AND r.owns);
"""

_CORRECTIONS = """
CREATE TABLE correction (  -- human facts, only ever added to; no references, so that they outlive what they speak of
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  interaction_id TEXT NOT NULL,
  insight_id TEXT NOT NULL,  -- empty: every finding of the kind in the contact
  what TEXT NOT NULL,
  scope TEXT NOT NULL,  -- offsets and keyed hashes, no words
  author TEXT NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX correction_interaction ON correction (interaction_id);
CREATE INDEX correction_insight ON correction (insight_id);

CREATE TABLE original (  -- what the engine found in the contacts that people corrected
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  interaction INTEGER NOT NULL REFERENCES interaction ON DELETE CASCADE,
  kind TEXT NOT NULL,
  topic INTEGER REFERENCES topic,
  subject TEXT NOT NULL,
  confidence REAL NOT NULL,
  severity INTEGER NOT NULL,
  decision TEXT NOT NULL,
  missed TEXT NOT NULL,
  evidence TEXT NOT NULL,
  votes TEXT NOT NULL,
  made_by INTEGER NOT NULL REFERENCES recipe
) STRICT;
CREATE INDEX original_interaction ON original (interaction);
CREATE INDEX insight_undecided ON insight (kind) WHERE decision = 'undecided';

CREATE VIEW corrections AS
  SELECT c.id, c.interaction_id, i.source_ref, c.insight_id, c.scope ->> 'kind' AS kind, c.what ->> 'ruling' AS ruling,
         c.what ->> 'kind' AS new_kind, c.what ->> 'topic' AS topic, c.what ->> 'owner' AS owner, c.what ->> 'severity' AS severity,
         c.author, strftime('%Y-%m-%dT%H:%M:%SZ', c.at / 1000000, 'unixepoch') AS at, c.note
  FROM correction c LEFT JOIN interaction i ON i.id = c.interaction_id;
"""

# What an insight is about in the words themselves, and what a rival is spoken of for.
_SUBJECTS = """
ALTER TABLE insight ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE insight ADD COLUMN role TEXT;
ALTER TABLE original ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE original ADD COLUMN role TEXT;

DROP VIEW insights;
CREATE VIEW insights AS
  SELECT n.id, i.id AS interaction_id, i.source, i.source_ref, i.channel, i.customer_ref AS customer, i.product, i.queue,
         strftime('%Y-%m-%dT%H:%M:%SZ', i.started_at / 1000000, 'unixepoch') AS started_at,
         n.kind, printf('T-%04d', n.topic) AS topic_id, t.key AS topic, t.label AS topic_label, n.subject, n.confidence,
         CASE n.severity WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'critical' END AS severity,
         n.decision, n.missed AS missed_expectations, r.unit AS owner, r.rule, r.why, m.name AS made_by, n.about, n.role
  FROM insight n JOIN interaction i ON i.seq = n.interaction JOIN recipe m ON m.id = n.made_by
       LEFT JOIN topic t ON t.number = n.topic LEFT JOIN route r ON r.insight = n.seq AND r.owns;
"""

MIGRATIONS: tuple[str, ...] = (_TABLES + _VIEWS, _CORRECTIONS, _SUBJECTS)
