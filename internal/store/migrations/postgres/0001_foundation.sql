create extension if not exists pgcrypto;

-- Data keys, wrapped under the master key. The owner is a workspace, or the
-- zero id for rows that belong to none.
create table data_keys (
	owner_id uuid not null,
	version bigint not null,
	wrapped bytea not null,
	created_at timestamptz not null,
	primary key (owner_id, version)
);

create table workspaces (
	id uuid primary key,
	name bytea not null,
	time_zone text collate "C" not null,
	locale text collate "C" not null,
	currency text collate "C" not null,
	week_start text collate "C" not null,
	status text collate "C" not null check (status in ('active', 'suspended', 'deleted')),
	clients_rev bigint not null,
	version bigint not null,
	created_at timestamptz not null
);

-- The end of each workspace's audit chain. Every write locks this row first,
-- so that the writers of one workspace queue.
create table audit_heads (
	workspace_id uuid primary key,
	seq bigint not null,
	hash bytea not null
) with (fillfactor = 20); -- one short row each, rewritten in place on every event

create table audit_events (
	workspace_id uuid not null,
	seq bigint not null,
	at timestamptz not null,
	actor_kind text collate "C" not null,
	actor_id uuid not null,
	action text collate "C" not null,
	outcome text collate "C" not null,
	subject_id uuid not null,
	records bigint not null,
	session_id uuid not null,
	request_id uuid not null,
	hash bytea not null,
	primary key (workspace_id, seq)
);


create table users (
	id uuid primary key,
	email_key bytea not null,
	profile bytea not null,
	locale text collate "C" not null,
	created_at timestamptz not null
);
create unique index users_email_key on users (email_key);

create table members (
	workspace_id uuid not null references workspaces (id),
	user_id uuid not null references users (id),
	role text collate "C" not null check (role in ('owner', 'practitioner', 'assistant')),
	active boolean not null,
	created_at timestamptz not null,
	primary key (workspace_id, user_id)
);
create unique index members_user_id on members (user_id);

create table auth_sessions (
	id uuid primary key,
	workspace_id uuid not null,
	user_id uuid not null,
	device bytea not null,
	created_at timestamptz not null,
	last_seen_at timestamptz not null,
	expires_at timestamptz not null,
	revoked_at timestamptz,
	foreign key (workspace_id, user_id) references members (workspace_id, user_id)
);
create index auth_sessions_user on auth_sessions (workspace_id, user_id);

create table sign_in_links (
	id uuid primary key,
	user_id uuid not null references users (id),
	token_hash bytea not null,
	code_hash bytea,
	browser_hash bytea,
	tries bigint not null,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	used_at timestamptz
);
create unique index sign_in_links_token_hash on sign_in_links (token_hash);
create index sign_in_links_browser on sign_in_links (browser_hash, created_at);
create index sign_in_links_user on sign_in_links (user_id);

create table clients (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	contact bytea not null,
	history bytea,
	consented boolean not null,
	archived_at timestamptz,
	rev bigint not null,
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id)
);
create index clients_rev on clients (workspace_id, rev);

create table consents (
	workspace_id uuid not null,
	id uuid not null,
	client_id uuid not null,
	kind text collate "C" not null,
	wording bytea not null,
	given_at timestamptz not null,
	given_by uuid not null,
	withdrawn_at timestamptz,
	withdrawn_by uuid,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id)
);
create index consents_client on consents (workspace_id, client_id, given_at);

create table appointments (
	workspace_id uuid not null,
	id uuid not null,
	client_id uuid not null,
	practitioner_id uuid not null,
	starts_at timestamptz not null,
	ends_at timestamptz not null,
	status text collate "C" not null check (status in ('scheduled', 'attended', 'cancelled', 'no_show')),
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id),
	foreign key (workspace_id, practitioner_id) references members (workspace_id, user_id),
	check (ends_at > starts_at)
);
create index appointments_client on appointments (workspace_id, client_id, starts_at, status);
create index appointments_start on appointments (workspace_id, starts_at);

-- Answers of requests that may be sent twice.
create table idempotency_keys (
	workspace_id uuid not null,
	user_id uuid not null,
	key_hash bytea not null,
	body_hash bytea not null,
	record_id uuid not null,
	created_at timestamptz not null,
	primary key (workspace_id, user_id, key_hash)
);
create index idempotency_keys_created on idempotency_keys (workspace_id, created_at);

create table jobs (
	id uuid primary key,
	kind text collate "C" not null,
	payload bytea not null,
	run_at timestamptz not null,
	attempts bigint not null,
	state text collate "C" not null check (state in ('ready', 'running', 'done', 'dead')),
	lease_until timestamptz not null,
	failure text collate "C" not null,
	created_at timestamptz not null
);
create index jobs_due on jobs (state, run_at);

-- The serving role: it owns nothing, so row-level security holds for it, and
-- it may not change what is only ever added to.
do $$
begin
	create role pazpaz_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
exception when duplicate_object or unique_violation then null;
end $$;
-- Creating a role makes its creator a member who may not take it (since
-- PostgreSQL 16), so it is granted in any case. A superuser needs no grant.
do $$
begin
	grant pazpaz_app to current_user;
exception when insufficient_privilege then null;
end $$;
do $$
begin
	execute format('grant usage on schema %I to pazpaz_app', current_schema());
end $$;
grant select, insert on data_keys, audit_events to pazpaz_app;
grant select, insert, update on workspaces, audit_heads, users, members, auth_sessions, sign_in_links,
	clients, consents, appointments to pazpaz_app;
grant select, insert, update, delete on jobs, idempotency_keys to pazpaz_app;
grant delete on auth_sessions, sign_in_links to pazpaz_app;

create function audit_events_append_only() returns trigger language plpgsql as $$
begin
	raise exception 'audit events are append-only';
end $$;
create trigger audit_events_no_change before update or delete or truncate on audit_events
	for each statement execute function audit_events_append_only();

-- Which rows a transaction may touch is set by the program at its start. An
-- unset workspace reads as an empty string after the first transaction of a
-- connection, hence the nullif.
create function app_workspace() returns uuid language sql stable as
	$$ select nullif(current_setting('app.workspace_id', true), '')::uuid $$;
create function app_identity() returns boolean language sql stable as
	$$ select coalesce(current_setting('app.identity', true), '') = 'on' $$;

alter table audit_heads enable row level security;
alter table audit_heads force row level security;
create policy own_workspace on audit_heads using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table audit_events enable row level security;
alter table audit_events force row level security;
create policy own_workspace on audit_events using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table clients enable row level security;
alter table clients force row level security;
create policy own_workspace on clients using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table consents enable row level security;
alter table consents force row level security;
create policy own_workspace on consents using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table appointments enable row level security;
alter table appointments force row level security;
create policy own_workspace on appointments using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy own_workspace on idempotency_keys using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table data_keys enable row level security;
alter table data_keys force row level security;
create policy own_workspace on data_keys using (owner_id = app_workspace() or app_identity()) with check (owner_id = app_workspace() or app_identity());

alter table workspaces enable row level security;
alter table workspaces force row level security;
create policy own_workspace on workspaces using (id = app_workspace() or app_identity()) with check (id = app_workspace() or app_identity());

alter table members enable row level security;
alter table members force row level security;
create policy own_workspace on members using (workspace_id = app_workspace() or app_identity()) with check (workspace_id = app_workspace() or app_identity());

alter table auth_sessions enable row level security;
alter table auth_sessions force row level security;
create policy own_workspace on auth_sessions using (workspace_id = app_workspace() or app_identity()) with check (workspace_id = app_workspace() or app_identity());

alter table users enable row level security;
alter table users force row level security;
create policy identity_only on users using (app_identity()) with check (app_identity());

alter table sign_in_links enable row level security;
alter table sign_in_links force row level security;
create policy identity_only on sign_in_links using (app_identity()) with check (app_identity());

-- A job may be put into the queue by any transaction; only the runner sees it.
alter table jobs enable row level security;
alter table jobs force row level security;
create policy enqueue on jobs for insert with check (true);
create policy run on jobs using (app_identity()) with check (app_identity());

-- For operators who must work inside the database: authenticated encryption
-- with a random IV. The value is 0x01, IV (16), AES-256-CBC, HMAC-SHA256 (32)
-- over all before it; both keys are derived from the passphrase.
create function encrypt_phi_pgcrypto(plaintext text, passphrase text) returns bytea
language plpgsql volatile strict as $$
declare
	sealed bytea := '\x01'::bytea || gen_random_bytes(16);
begin
	sealed := sealed || encrypt_iv(convert_to(plaintext, 'UTF8'),
		hmac('encrypt'::bytea, convert_to(passphrase, 'UTF8'), 'sha256'), substring(sealed from 2 for 16), 'aes-cbc/pad:pkcs');
	return sealed || hmac(sealed, hmac('authenticate'::bytea, convert_to(passphrase, 'UTF8'), 'sha256'), 'sha256');
end $$;

create function decrypt_phi_pgcrypto(sealed bytea, passphrase text) returns text
language plpgsql stable strict as $$
declare
	body bytea := substring(sealed from 1 for length(sealed) - 32);
begin
	if length(sealed) < 65 or get_byte(sealed, 0) <> 1 or substring(sealed from length(sealed) - 31) <>
		hmac(body, hmac('authenticate'::bytea, convert_to(passphrase, 'UTF8'), 'sha256'), 'sha256') then
		raise exception 'decrypt_phi_pgcrypto: wrong key or changed value';
	end if;
	return convert_from(decrypt_iv(substring(body from 18),
		hmac('encrypt'::bytea, convert_to(passphrase, 'UTF8'), 'sha256'), substring(body from 2 for 16), 'aes-cbc/pad:pkcs'), 'UTF8');
end $$;
