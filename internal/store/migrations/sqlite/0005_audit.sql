-- The trail is read by time, by person, by record, by action, and for what
-- was refused, the latest first.
create index audit_events_at on audit_events (workspace_id, at, seq);
create index audit_events_actor on audit_events (workspace_id, actor_id, at, seq);
create index audit_events_subject on audit_events (workspace_id, subject_id, at, seq);
create index audit_events_action on audit_events (workspace_id, action, at, seq);
create index audit_events_not_ok on audit_events (workspace_id, outcome, at, seq) where outcome <> 'ok';

-- How long a file of signed checkpoints outside of the database is, and the
-- hash of its last bytes, so that one that is lost or cut is noticed.
create table audit_checkpoint_files (
	id text primary key,
	size integer not null,
	tail blob not null
) strict, without rowid;
