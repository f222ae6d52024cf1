-- Data keys, wrapped under the master key. The owner is a workspace, or the
-- zero id for rows that belong to none.
create table data_keys (
	owner_id text not null,
	version integer not null,
	wrapped blob not null,
	created_at integer not null,
	primary key (owner_id, version)
) strict, without rowid;

create table workspaces (
	id text primary key,
	name blob not null,
	time_zone text not null,
	locale text not null,
	currency text not null,
	week_start text not null,
	status text not null check (status in ('active', 'suspended', 'deleted')),
	clients_rev integer not null,
	version integer not null,
	created_at integer not null
) strict, without rowid;

-- The end of each workspace's audit chain. Every write locks this row first,
-- so that the writers of one workspace queue.
create table audit_heads (
	workspace_id text primary key,
	seq integer not null,
	hash blob not null
) strict, without rowid;

create table audit_events (
	workspace_id text not null,
	seq integer not null,
	at integer not null,
	actor_kind text not null,
	actor_id text not null,
	action text not null,
	outcome text not null,
	subject_id text not null,
	records integer not null,
	session_id text not null,
	request_id text not null,
	hash blob not null,
	primary key (workspace_id, seq)
) strict, without rowid;

create trigger audit_events_no_update before update on audit_events
begin select raise(abort, 'audit events are append-only'); end;
create trigger audit_events_no_delete before delete on audit_events
begin select raise(abort, 'audit events are append-only'); end;
-- "insert or replace" deletes without asking the trigger above.
create trigger audit_events_no_replace before insert on audit_events
when exists (select 1 from audit_events where workspace_id = new.workspace_id and seq = new.seq)
begin select raise(abort, 'audit events are append-only'); end;

create table users (
	id text primary key,
	email_key blob not null,
	profile blob not null,
	locale text not null,
	created_at integer not null
) strict, without rowid;
create unique index users_email_key on users (email_key);

create table members (
	workspace_id text not null references workspaces (id),
	user_id text not null references users (id),
	role text not null check (role in ('owner', 'practitioner', 'assistant')),
	active integer not null,
	created_at integer not null,
	primary key (workspace_id, user_id)
) strict, without rowid;
create unique index members_user_id on members (user_id);

create table auth_sessions (
	id text primary key,
	workspace_id text not null,
	user_id text not null,
	device blob not null,
	created_at integer not null,
	last_seen_at integer not null,
	expires_at integer not null,
	revoked_at integer,
	foreign key (workspace_id, user_id) references members (workspace_id, user_id)
) strict, without rowid;
create index auth_sessions_user on auth_sessions (workspace_id, user_id);

create table sign_in_links (
	id text primary key,
	user_id text not null references users (id),
	token_hash blob not null,
	code_hash blob,
	browser_hash blob,
	tries integer not null,
	created_at integer not null,
	expires_at integer not null,
	used_at integer
) strict, without rowid;
create unique index sign_in_links_token_hash on sign_in_links (token_hash);
create index sign_in_links_browser on sign_in_links (browser_hash, created_at);
create index sign_in_links_user on sign_in_links (user_id);

create table clients (
	workspace_id text not null references workspaces (id),
	id text not null,
	contact blob not null,
	history blob,
	consented integer not null,
	archived_at integer,
	rev integer not null,
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id)
) strict, without rowid;
create index clients_rev on clients (workspace_id, rev);

create table consents (
	workspace_id text not null,
	id text not null,
	client_id text not null,
	kind text not null,
	wording blob not null,
	given_at integer not null,
	given_by text not null,
	withdrawn_at integer,
	withdrawn_by text,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id)
) strict, without rowid;
create index consents_client on consents (workspace_id, client_id, given_at);

create table appointments (
	workspace_id text not null,
	id text not null,
	client_id text not null,
	practitioner_id text not null,
	starts_at integer not null,
	ends_at integer not null,
	status text not null check (status in ('scheduled', 'attended', 'cancelled', 'no_show')),
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id),
	foreign key (workspace_id, practitioner_id) references members (workspace_id, user_id),
	check (ends_at > starts_at)
) strict, without rowid;
create index appointments_client on appointments (workspace_id, client_id, starts_at, status);
create index appointments_start on appointments (workspace_id, starts_at);

-- Answers of requests that may be sent twice.
create table idempotency_keys (
	workspace_id text not null,
	user_id text not null,
	key_hash blob not null,
	body_hash blob not null,
	record_id text not null,
	created_at integer not null,
	primary key (workspace_id, user_id, key_hash)
) strict, without rowid;
create index idempotency_keys_created on idempotency_keys (workspace_id, created_at);

create table jobs (
	id text primary key,
	kind text not null,
	payload blob not null,
	run_at integer not null,
	attempts integer not null,
	state text not null check (state in ('ready', 'running', 'done', 'dead')),
	lease_until integer not null,
	failure text not null,
	created_at integer not null
) strict, without rowid;
create index jobs_due on jobs (state, run_at);
