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
	id uuid primary key,
	size bigint not null,
	tail bytea not null
);
grant select, insert, update on audit_checkpoint_files to pazpaz_app;
alter table audit_checkpoint_files enable row level security;
alter table audit_checkpoint_files force row level security;
create policy identity_only on audit_checkpoint_files using (app_identity()) with check (app_identity());
