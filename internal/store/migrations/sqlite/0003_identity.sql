-- Raising a person's epoch ends all sessions that were opened before.
alter table users add column epoch integer not null default 0;

-- Null is false, so that old rows need no guess.
alter table workspaces add column second_factor_required integer;

-- Who runs the whole server. A platform admin may be a member of a practice
-- too, or of none.
create table platform_admins (
	user_id text primary key references users (id),
	created_at integer not null
) strict, without rowid;

-- SQLite cannot take "not null" from a column: the table is made anew. A
-- platform admin's session belongs to no workspace.
create table auth_sessions_new (
	id text primary key,
	workspace_id text,
	user_id text not null references users (id),
	device blob not null,
	created_at integer not null,
	last_seen_at integer not null,
	expires_at integer not null,
	revoked_at integer,
	epoch integer not null default 0,
	-- When the person last proved a factor in this session, and which.
	proved_at integer,
	factor text check (factor in ('totp', 'passkey', 'recovery', 'mail')),
	foreign key (workspace_id, user_id) references members (workspace_id, user_id)
) strict, without rowid;
insert into auth_sessions_new
select id, workspace_id, user_id, device, created_at, last_seen_at, expires_at, revoked_at, 0, null, null from auth_sessions;
drop table auth_sessions;
alter table auth_sessions_new rename to auth_sessions;
create index auth_sessions_user on auth_sessions (user_id, created_at);

create table totp_secrets (
	user_id text primary key references users (id),
	secret blob not null,
	-- The last step that was accepted: none is accepted twice.
	last_step integer not null,
	confirmed_at integer,
	created_at integer not null
) strict, without rowid;

create table recovery_codes (
	user_id text not null references users (id),
	code_hash blob not null,
	created_at integer not null,
	used_at integer,
	primary key (user_id, code_hash)
) strict, without rowid;

create table passkeys (
	id text primary key,
	user_id text not null references users (id),
	credential_hash blob not null,
	credential blob not null,
	-- How often the authenticator says that it was used.
	uses integer not null,
	created_at integer not null,
	last_used_at integer
) strict, without rowid;
create unique index passkeys_credential_hash on passkeys (credential_hash);
create index passkeys_user on passkeys (user_id, created_at);

-- A first proof that waits for its second factor.
create table sign_in_challenges (
	id text primary key,
	user_id text not null references users (id),
	token_hash blob not null,
	tries integer not null,
	created_at integer not null,
	expires_at integer not null,
	used_at integer
) strict, without rowid;
create unique index sign_in_challenges_token_hash on sign_in_challenges (token_hash);
create index sign_in_challenges_user on sign_in_challenges (user_id);

-- What was asked of an authenticator, until it answers.
create table passkey_ceremonies (
	id text primary key,
	holder_hash blob not null,
	purpose text not null check (purpose in ('register', 'second_factor', 'step_up', 'sign_in')),
	state blob not null,
	created_at integer not null,
	expires_at integer not null
) strict, without rowid;
create unique index passkey_ceremonies_holder on passkey_ceremonies (holder_hash, purpose);

-- A code that was mailed to whoever has no factor, to prove it is them.
create table step_up_codes (
	session_id text primary key references auth_sessions (id),
	code_hash blob not null,
	tries integer not null,
	created_at integer not null,
	expires_at integer not null
) strict, without rowid;
