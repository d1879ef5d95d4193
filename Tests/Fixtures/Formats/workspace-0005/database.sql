BEGIN TRANSACTION;
CREATE TABLE alias (
  model TEXT NOT NULL,
  alias TEXT NOT NULL CHECK (alias IN ('champion', 'challenger', 'shadow')),
  version INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (model, alias),
  FOREIGN KEY (model, version) REFERENCES model_version (model, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "alias" VALUES('churn','champion',1,1795269630217263);
CREATE TABLE alias_move (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  model TEXT NOT NULL,
  alias TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('promote', 'rollback', 'clear')),
  version INTEGER,
  previous INTEGER,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
INSERT INTO "alias_move" VALUES(1,1795269630217263,'churn','champion','promote',1,NULL,'ana','passed its gate');
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  details TEXT NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "audit" VALUES(1,1795269630000617,'ana','dataset.added','churn@1','{"digest":"35d80fd4792533003dc5318c4a4e4e6519efd75fcbb0a32929e96285411a8048","row_count":300}','0000000000000000000000000000000000000000000000000000000000000000','0600c03d63303a5a83ffc00ea6dfc39a714c1dd8c17706eddcd5f88bec2345e0');
INSERT INTO "audit" VALUES(2,1795269630209307,'ana','model.registered','churn@1','{"archive":"4d9a4e53686037af9f1f0aa4ca9ab5652d69594473dcd3290b8a5e85b127e03e","run":"first"}','0600c03d63303a5a83ffc00ea6dfc39a714c1dd8c17706eddcd5f88bec2345e0','b9e3c0b704573c5e83005dabdfa8c9458e4f2f301b267f2c8e43c7bf0729c965');
INSERT INTO "audit" VALUES(3,1795269630213288,'ana','gate.recorded','churn@1','{"archive":"4d9a4e53686037af9f1f0aa4ca9ab5652d69594473dcd3290b8a5e85b127e03e","gate":"5b980226b3ba089202f496b8bf5cc0b886b822dbc7dde41f0851f6bee454a81a","passed":true}','b9e3c0b704573c5e83005dabdfa8c9458e4f2f301b267f2c8e43c7bf0729c965','b651ba7682d1476d75b982b8a3feceadf15225e38308ec99463db31213571604');
INSERT INTO "audit" VALUES(4,1795269630217263,'ana','alias.moved','churn@champion','{"action":"promote","previous":null,"reason":"passed its gate","version":1}','b651ba7682d1476d75b982b8a3feceadf15225e38308ec99463db31213571604','2de814675744f15c72a329ce849c4d0d8e899c0c28f9ee12427c52be12d6d5c8');
INSERT INTO "audit" VALUES(5,1795269630689322,'ana','model.registered','churn@2','{"archive":"6e1e4abb239e2300f27b56cca9e05bcdda8eca3733ae0c7233608f77861e8351","run":"second"}','2de814675744f15c72a329ce849c4d0d8e899c0c28f9ee12427c52be12d6d5c8','71984b43f1a128f1564ec37014ce519d0aff63f327bd88f94bce4933fab1dabe');
INSERT INTO "audit" VALUES(6,1795269630697261,'ana','gate.recorded','churn@2','{"archive":"6e1e4abb239e2300f27b56cca9e05bcdda8eca3733ae0c7233608f77861e8351","gate":"5038f157b27aab8a40e99068e58b8d0b9bfb85a80f11a02a63326e5924c863a4","passed":false}','71984b43f1a128f1564ec37014ce519d0aff63f327bd88f94bce4933fab1dabe','65139a6522275a1bd80bea263bdc0dff01158c1051aa54c06a954f07ed380048');
CREATE TABLE dataset_version (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  schema TEXT NOT NULL,
  shards TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  profile TEXT,
  parents TEXT NOT NULL,
  lineage TEXT NOT NULL,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (name, version),
  UNIQUE (name, digest)
) STRICT;
CREATE TABLE feedback (
  prediction TEXT NOT NULL,
  revision INTEGER NOT NULL,
  truth ANY NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (prediction, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  count INTEGER NOT NULL,
  model TEXT NOT NULL,
  version INTEGER,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  evidence TEXT NOT NULL,
  command TEXT,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed'))
) STRICT;
CREATE TABLE gate_record (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  archive TEXT NOT NULL,
  checks TEXT NOT NULL,
  passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
  evaluated_at INTEGER NOT NULL,
  digest TEXT NOT NULL,
  FOREIGN KEY (model, version) REFERENCES model_version (model, version)
) STRICT;
INSERT INTO "gate_record" VALUES(1,'churn',1,'4d9a4e53686037af9f1f0aa4ca9ab5652d69594473dcd3290b8a5e85b127e03e','[{"name":"beats_baseline","passed":true,"value":0.9524886877828055,"limit":0.5,"relation":null,"why":"Test roc_auc 0.9525 beats the baseline''s 0.5."},{"name":"parity","passed":true,"value":0,"limit":0,"relation":null,"why":"The archive reproduces its golden rows bit for bit."}]',1,1795269630213288,'5b980226b3ba089202f496b8bf5cc0b886b822dbc7dde41f0851f6bee454a81a');
INSERT INTO "gate_record" VALUES(2,'churn',2,'6e1e4abb239e2300f27b56cca9e05bcdda8eca3733ae0c7233608f77861e8351','[{"name":"beats_baseline","passed":true,"value":0.9524886877828055,"limit":0.5,"relation":null,"why":"Test roc_auc 0.9525 beats the baseline''s 0.5."},{"name":"beats_champion","passed":false,"value":0.9524886877828055,"limit":0.9524886877828055,"relation":null,"why":"Challenger is not better on the same rows: roc_auc 0.9525 against 0.9525 of champion churn@1 (difference 0, 95 % interval 0 … 0)."},{"name":"parity","passed":true,"value":0,"limit":0,"relation":null,"why":"The archive reproduces its golden rows bit for bit."}]',0,1795269630697261,'5038f157b27aab8a40e99068e58b8d0b9bfb85a80f11a02a63326e5924c863a4');
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('0001-audit');
INSERT INTO "grdb_migrations" VALUES('0002-runs');
INSERT INTO "grdb_migrations" VALUES('0003-registry');
INSERT INTO "grdb_migrations" VALUES('0004-traffic');
INSERT INTO "grdb_migrations" VALUES('0005-watching');
CREATE TABLE latency (
  stream INTEGER NOT NULL REFERENCES stream (id),
  minute INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (stream, minute, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE metric_point (
  run TEXT NOT NULL REFERENCES run (id),
  key TEXT NOT NULL,
  step INTEGER NOT NULL,
  time INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (run, key, step, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE model (
  name TEXT PRIMARY KEY NOT NULL,
  project TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "model" VALUES('churn','churn',1795269630209307);
CREATE TABLE model_version (
  model TEXT NOT NULL REFERENCES model (name),
  version INTEGER NOT NULL,
  archive TEXT NOT NULL,
  run TEXT NOT NULL,
  summary TEXT NOT NULL,
  metrics TEXT NOT NULL,
  sealed_openings INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (model, version),
  UNIQUE (model, run)
) STRICT, WITHOUT ROWID;
INSERT INTO "model_version" VALUES('churn',1,'4d9a4e53686037af9f1f0aa4ca9ab5652d69594473dcd3290b8a5e85b127e03e','first','{"algorithm":"logistic-regression","task":"classification","target":"churned","metric":"roc_auc","goal":null,"dataset":"churn@1"}','{"roc_auc":{"value":0.9524886877828054,"low":0.9038174515309229,"high":1},"average_precision":{"value":0.9682101057490956,"low":0.9269896360470696,"high":0.9937776556386728},"accuracy":{"value":0.8666666666666667,"low":0.771553651266766,"high":0.9419248099127006},"balanced_accuracy":{"value":0.8552036199095023,"low":0.7570095645095646,"high":0.9359519927536232},"precision":{"value":0.8421052631578947,"low":0.7391304347826086,"high":0.9487179487179487},"recall":{"value":0.9411764705882353,"low":0.8472610722610723,"high":1},"f1":{"value":0.8888888888888888,"low":0.8070409429280397,"high":0.9518292682926829},"macro_f1":{"value":0.8611111111111112,"low":0.7624016812865497,"high":0.9375202634245188},"mcc":{"value":0.7305170766586324,"low":0.5405811905627889,"high":0.8774728643806396},"log_loss":{"value":0.2708247799385095,"low":0.1619562453277669,"high":0.39241318068180364},"brier":{"value":0.168722280789316,"low":0.08760902959641807,"high":0.25853791316682706}}',1,1795269630209307);
INSERT INTO "model_version" VALUES('churn',2,'6e1e4abb239e2300f27b56cca9e05bcdda8eca3733ae0c7233608f77861e8351','second','{"algorithm":"logistic-regression","task":"classification","target":"churned","metric":"roc_auc","goal":null,"dataset":"churn@1"}','{"roc_auc":{"value":0.9524886877828054,"low":0.9038174515309229,"high":1},"average_precision":{"value":0.9682101057490956,"low":0.9230737934600364,"high":0.9952795624514373},"accuracy":{"value":0.8666666666666667,"low":0.7802317073170733,"high":0.9512499999999999},"balanced_accuracy":{"value":0.8552036199095023,"low":0.7604166666666667,"high":0.9509271790972558},"precision":{"value":0.8421052631578947,"low":0.7306690837178642,"high":0.9636574074074074},"recall":{"value":0.9411764705882353,"low":0.8571428571428571,"high":1},"f1":{"value":0.8888888888888888,"low":0.8070175438596491,"high":0.958904109589041},"macro_f1":{"value":0.8611111111111112,"low":0.7635185746324987,"high":0.9490433411741154},"mcc":{"value":0.7305170766586324,"low":0.5466963917705208,"high":0.9030146239422949},"log_loss":{"value":0.2708247799385095,"low":0.15330177053172167,"high":0.39190191128531127},"brier":{"value":0.168722280789316,"low":0.08268285659894857,"high":0.2600528978849281}}',2,1795269630689322);
CREATE TABLE performed (
  run TEXT NOT NULL,
  action TEXT NOT NULL,
  result TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (run, action)
) STRICT, WITHOUT ROWID;
CREATE TABLE prediction (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  stream INTEGER NOT NULL REFERENCES stream (id),
  time INTEGER NOT NULL,
  features TEXT NOT NULL,
  prediction ANY NOT NULL,
  probabilities BLOB,
  latency_us INTEGER NOT NULL
) STRICT;
CREATE TABLE run (
  id TEXT PRIMARY KEY NOT NULL,
  project TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'cancelled', 'interrupted')),
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  heartbeat_at INTEGER NOT NULL,
  process INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  host TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  parameters TEXT NOT NULL,
  datasets TEXT NOT NULL,
  project_file TEXT NOT NULL,
  environment TEXT NOT NULL,
  model_version TEXT,
  error TEXT,
  candidates TEXT NOT NULL DEFAULT '[]',
  findings TEXT NOT NULL DEFAULT '[]',
  gate TEXT NOT NULL DEFAULT 'null',
  report TEXT NOT NULL DEFAULT 'null'
) STRICT;
CREATE TABLE run_event (
  run TEXT NOT NULL REFERENCES run (id),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  message TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_metric (
  run TEXT NOT NULL REFERENCES run (id),
  split TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  value REAL NOT NULL,
  low REAL,
  high REAL,
  PRIMARY KEY (run, split, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_tag (
  run TEXT NOT NULL REFERENCES run (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE sealed_opening (
  dataset TEXT NOT NULL,
  split TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  run TEXT NOT NULL,
  purpose TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (dataset, split, ordinal),
  UNIQUE (dataset, split, run)
) STRICT, WITHOUT ROWID;
CREATE TABLE stream (
  id INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  role TEXT NOT NULL,
  count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (model, version, endpoint, role)
) STRICT;
CREATE TABLE traffic (
  stream INTEGER NOT NULL REFERENCES stream (id),
  minute INTEGER NOT NULL,
  count INTEGER NOT NULL,
  latency_us INTEGER NOT NULL,
  PRIMARY KEY (stream, minute)
) STRICT, WITHOUT ROWID;
CREATE TABLE traffic_window (
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  from_time INTEGER NOT NULL,
  to_time INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  profile TEXT NOT NULL,
  drift TEXT NOT NULL,
  performance TEXT NOT NULL,
  verdict TEXT NOT NULL,
  evaluated_at INTEGER NOT NULL,
  PRIMARY KEY (model, version, from_time, to_time)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_subject ON audit (subject, action, sequence);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are append-only and cannot be changed'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are append-only and cannot be deleted'); END;
CREATE INDEX dataset_version_by_digest ON dataset_version (digest);
CREATE TRIGGER dataset_version_is_immutable
BEFORE UPDATE OF name, version, digest, schema, shards, row_count ON dataset_version
BEGIN SELECT RAISE(ABORT, 'a dataset version cannot be changed'); END;
CREATE INDEX run_by_time ON run (created_at, id);
CREATE INDEX run_by_project ON run (project, created_at);
CREATE INDEX run_at_work ON run (id) WHERE state = 'running';
CREATE TRIGGER run_event_never_changes BEFORE UPDATE ON run_event
BEGIN SELECT RAISE(ABORT, 'run_event records are append-only and cannot be changed'); END;
CREATE TRIGGER run_event_never_shrinks BEFORE DELETE ON run_event
BEGIN SELECT RAISE(ABORT, 'run_event records are append-only and cannot be deleted'); END;
CREATE TRIGGER sealed_opening_never_changes BEFORE UPDATE ON sealed_opening
BEGIN SELECT RAISE(ABORT, 'sealed_opening records are append-only and cannot be changed'); END;
CREATE TRIGGER sealed_opening_never_shrinks BEFORE DELETE ON sealed_opening
BEGIN SELECT RAISE(ABORT, 'sealed_opening records are append-only and cannot be deleted'); END;
CREATE TRIGGER model_version_never_changes BEFORE UPDATE ON model_version
BEGIN SELECT RAISE(ABORT, 'model_version records are append-only and cannot be changed'); END;
CREATE TRIGGER model_version_never_shrinks BEFORE DELETE ON model_version
BEGIN SELECT RAISE(ABORT, 'model_version records are append-only and cannot be deleted'); END;
CREATE INDEX gate_record_by_version ON gate_record (model, version, sequence);
CREATE TRIGGER gate_record_never_changes BEFORE UPDATE ON gate_record
BEGIN SELECT RAISE(ABORT, 'gate_record records are append-only and cannot be changed'); END;
CREATE TRIGGER gate_record_never_shrinks BEFORE DELETE ON gate_record
BEGIN SELECT RAISE(ABORT, 'gate_record records are append-only and cannot be deleted'); END;
CREATE TRIGGER gate_record_tells_the_truth BEFORE INSERT ON gate_record
WHEN NEW.passed = 1 AND (
  json_array_length(NEW.checks) = 0
  OR EXISTS (SELECT 1 FROM json_each(NEW.checks) WHERE json_extract(value, '$.passed') IS NOT 1)
)
BEGIN SELECT RAISE(ABORT, 'a gate record cannot say it passed when a check did not'); END;
CREATE TRIGGER alias_needs_gate_on_insert BEFORE INSERT ON alias
WHEN NEW.alias <> 'shadow' AND NOT EXISTS (
  SELECT 1 FROM gate_record g
  JOIN model_version v ON v.model = g.model AND v.version = g.version AND v.archive = g.archive
  WHERE g.model = NEW.model AND g.version = NEW.version AND g.passed = 1
    AND g.sequence = (
      SELECT max(sequence) FROM gate_record WHERE model = NEW.model AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'this alias cannot point to a version without a passing gate record'); END;
CREATE TRIGGER alias_needs_gate_on_update BEFORE UPDATE ON alias
WHEN NEW.alias <> 'shadow' AND NOT EXISTS (
  SELECT 1 FROM gate_record g
  JOIN model_version v ON v.model = g.model AND v.version = g.version AND v.archive = g.archive
  WHERE g.model = NEW.model AND g.version = NEW.version AND g.passed = 1
    AND g.sequence = (
      SELECT max(sequence) FROM gate_record WHERE model = NEW.model AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'this alias cannot point to a version without a passing gate record'); END;
CREATE INDEX alias_move_by_alias ON alias_move (model, alias, sequence);
CREATE TRIGGER alias_move_never_changes BEFORE UPDATE ON alias_move
BEGIN SELECT RAISE(ABORT, 'alias_move records are append-only and cannot be changed'); END;
CREATE TRIGGER alias_move_never_shrinks BEFORE DELETE ON alias_move
BEGIN SELECT RAISE(ABORT, 'alias_move records are append-only and cannot be deleted'); END;
CREATE INDEX prediction_by_stream ON prediction (stream, time);
CREATE INDEX feedback_by_time ON feedback (received_at);
CREATE TRIGGER feedback_never_changes BEFORE UPDATE ON feedback
BEGIN SELECT RAISE(ABORT, 'feedback records are append-only and cannot be changed'); END;
CREATE TRIGGER feedback_never_shrinks BEFORE DELETE ON feedback
BEGIN SELECT RAISE(ABORT, 'feedback records are append-only and cannot be deleted'); END;
CREATE UNIQUE INDEX finding_unclosed ON finding (model, kind, subject) WHERE state <> 'closed';
CREATE INDEX finding_by_time ON finding (time);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('audit',6);
INSERT INTO "sqlite_sequence" VALUES('gate_record',2);
INSERT INTO "sqlite_sequence" VALUES('alias_move',1);
COMMIT;
