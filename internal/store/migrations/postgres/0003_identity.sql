-- Raising a person's epoch ends all sessions that were opened before.
alter table users add column epoch bigint not null default 0;

-- Null is false, so that old rows need no guess.
alter table workspaces add column second_factor_required boolean;

-- Who runs the whole server. A platform admin may be a member of a practice
-- too, or of none.
create table platform_admins (
	user_id uuid primary key references users (id),
	created_at timestamptz not null
);

-- A platform admin's session belongs to no workspace.
alter table auth_sessions alter column workspace_id drop not null;
alter table auth_sessions add column epoch bigint not null default 0;
-- When the person last proved a factor in this session, and which.
alter table auth_sessions add column proved_at timestamptz;
alter table auth_sessions add column factor text collate "C" check (factor in ('totp', 'passkey', 'recovery', 'mail'));
alter table auth_sessions add foreign key (user_id) references users (id);
drop index auth_sessions_user;
create index auth_sessions_user on auth_sessions (user_id, created_at);

create table totp_secrets (
	user_id uuid primary key references users (id),
	secret bytea not null,
	-- The last step that was accepted: none is accepted twice.
	last_step bigint not null,
	confirmed_at timestamptz,
	created_at timestamptz not null
);

create table recovery_codes (
	user_id uuid not null references users (id),
	code_hash bytea not null,
	created_at timestamptz not null,
	used_at timestamptz,
	primary key (user_id, code_hash)
);

create table passkeys (
	id uuid primary key,
	user_id uuid not null references users (id),
	credential_hash bytea not null,
	credential bytea not null,
	-- How often the authenticator says that it was used.
	uses bigint not null,
	created_at timestamptz not null,
	last_used_at timestamptz
);
create unique index passkeys_credential_hash on passkeys (credential_hash);
create index passkeys_user on passkeys (user_id, created_at);

-- A first proof that waits for its second factor.
create table sign_in_challenges (
	id uuid primary key,
	user_id uuid not null references users (id),
	token_hash bytea not null,
	tries bigint not null,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	used_at timestamptz
);
create unique index sign_in_challenges_token_hash on sign_in_challenges (token_hash);
create index sign_in_challenges_user on sign_in_challenges (user_id);

-- What was asked of an authenticator, until it answers.
create table passkey_ceremonies (
	id uuid primary key,
	holder_hash bytea not null,
	purpose text collate "C" not null check (purpose in ('register', 'second_factor', 'step_up', 'sign_in')),
	state bytea not null,
	created_at timestamptz not null,
	expires_at timestamptz not null
);
create unique index passkey_ceremonies_holder on passkey_ceremonies (holder_hash, purpose);

-- A code that was mailed to whoever has no factor, to prove it is them.
create table step_up_codes (
	session_id uuid primary key references auth_sessions (id),
	code_hash bytea not null,
	tries bigint not null,
	created_at timestamptz not null,
	expires_at timestamptz not null
);

grant select, insert, update, delete on platform_admins, totp_secrets, recovery_codes, passkeys, sign_in_challenges,
	passkey_ceremonies, step_up_codes to pazpaz_app;

alter table platform_admins enable row level security;
alter table platform_admins force row level security;
create policy identity_only on platform_admins using (app_identity()) with check (app_identity());

alter table totp_secrets enable row level security;
alter table totp_secrets force row level security;
create policy identity_only on totp_secrets using (app_identity()) with check (app_identity());

alter table recovery_codes enable row level security;
alter table recovery_codes force row level security;
create policy identity_only on recovery_codes using (app_identity()) with check (app_identity());

alter table passkeys enable row level security;
alter table passkeys force row level security;
create policy identity_only on passkeys using (app_identity()) with check (app_identity());

alter table sign_in_challenges enable row level security;
alter table sign_in_challenges force row level security;
create policy identity_only on sign_in_challenges using (app_identity()) with check (app_identity());

alter table passkey_ceremonies enable row level security;
alter table passkey_ceremonies force row level security;
create policy identity_only on passkey_ceremonies using (app_identity()) with check (app_identity());

alter table step_up_codes enable row level security;
alter table step_up_codes force row level security;
create policy identity_only on step_up_codes using (app_identity()) with check (app_identity());
