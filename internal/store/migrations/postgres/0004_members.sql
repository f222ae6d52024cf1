-- Somebody is asked to join a practice. The person becomes a user when they
-- accept; until then nobody signs in with the address.
create table invitations (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	email_key bytea not null,
	details bytea not null,
	role text collate "C" not null check (role in ('owner', 'practitioner', 'assistant')),
	locale text collate "C" not null,
	-- Null until the mail is made, and again once another one is asked for.
	token_hash bytea,
	-- Null when the operator invites.
	invited_by uuid,
	created_at timestamptz not null,
	sent_at timestamptz not null,
	expires_at timestamptz not null,
	accepted_at timestamptz,
	revoked_at timestamptz,
	primary key (workspace_id, id),
	foreign key (workspace_id, invited_by) references members (workspace_id, user_id)
);
create unique index invitations_token_hash on invitations (token_hash) where token_hash is not null;
create unique index invitations_open on invitations (workspace_id, email_key) where accepted_at is null and revoked_at is null;
create index invitations_email_key on invitations (email_key);

-- Addresses, and whole domains, that may not sign in.
create table blacklist (
	id uuid primary key,
	kind text collate "C" not null check (kind in ('email', 'domain')),
	entry_key bytea not null,
	details bytea not null,
	added_by uuid references users (id),
	created_at timestamptz not null
);
create unique index blacklist_entry_key on blacklist (entry_key);

-- Set while the person's address is on the blacklist.
alter table users add column blocked_at timestamptz;

-- Null is the product's default.
alter table workspaces add column quota_bytes bigint check (quota_bytes >= 0);
-- Why and since when a practice is suspended or deleted; when its data key is
-- to be destroyed, and when it was.
alter table workspaces add column status_reason bytea;
alter table workspaces add column status_at timestamptz;
alter table workspaces add column shred_at timestamptz;
alter table workspaces add column shredded_at timestamptz;

-- Work for a practice that is suspended or deleted is not done.
alter table jobs add column workspace_id uuid references workspaces (id);

-- A key goes only with its practice, and only when that was written down.
create function data_keys_are_needed() returns trigger language plpgsql as $$
begin
	if not exists (select 1 from workspaces where id = old.owner_id and status = 'deleted' and shredded_at is not null) then
		raise exception 'this data key is needed' using errcode = 'insufficient_privilege';
	end if;
	return old;
end $$;
create trigger data_keys_no_delete before delete on data_keys for each row execute function data_keys_are_needed();
create function workspaces_stay_shredded() returns trigger language plpgsql as $$
begin
	if old.shredded_at is not null and (new.shredded_at is null or new.status <> 'deleted') then
		raise exception 'this workspace cannot come back';
	end if;
	return new;
end $$;
create trigger workspaces_stay_shredded before update on workspaces for each row execute function workspaces_stay_shredded();

grant select, insert, update on invitations to pazpaz_app;
grant select, insert, delete on blacklist to pazpaz_app;
grant delete on data_keys to pazpaz_app;

alter table invitations enable row level security;
alter table invitations force row level security;
create policy own_workspace on invitations using (workspace_id = app_workspace() or app_identity()) with check (workspace_id = app_workspace() or app_identity());

alter table blacklist enable row level security;
alter table blacklist force row level security;
create policy identity_only on blacklist using (app_identity()) with check (app_identity());
