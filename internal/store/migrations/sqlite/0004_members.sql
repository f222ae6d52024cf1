-- Somebody is asked to join a practice. The person becomes a user when they
-- accept; until then nobody signs in with the address.
create table invitations (
	workspace_id text not null references workspaces (id),
	id text not null,
	email_key blob not null,
	details blob not null,
	role text not null check (role in ('owner', 'practitioner', 'assistant')),
	locale text not null,
	-- Null until the mail is made, and again once another one is asked for.
	token_hash blob,
	-- Null when the operator invites.
	invited_by text,
	created_at integer not null,
	sent_at integer not null,
	expires_at integer not null,
	accepted_at integer,
	revoked_at integer,
	primary key (workspace_id, id),
	foreign key (workspace_id, invited_by) references members (workspace_id, user_id)
) strict, without rowid;
create unique index invitations_token_hash on invitations (token_hash) where token_hash is not null;
create unique index invitations_open on invitations (workspace_id, email_key) where accepted_at is null and revoked_at is null;
create index invitations_email_key on invitations (email_key);

-- Addresses, and whole domains, that may not sign in.
create table blacklist (
	id text primary key,
	kind text not null check (kind in ('email', 'domain')),
	entry_key blob not null,
	details blob not null,
	added_by text references users (id),
	created_at integer not null
) strict, without rowid;
create unique index blacklist_entry_key on blacklist (entry_key);

-- Set while the person's address is on the blacklist.
alter table users add column blocked_at integer;

-- Null is the product's default.
alter table workspaces add column quota_bytes integer check (quota_bytes >= 0);
-- Why and since when a practice is suspended or deleted; when its data key is
-- to be destroyed, and when it was.
alter table workspaces add column status_reason blob;
alter table workspaces add column status_at integer;
alter table workspaces add column shred_at integer;
alter table workspaces add column shredded_at integer;

-- Work for a practice that is suspended or deleted is not done.
alter table jobs add column workspace_id text references workspaces (id);

-- A key goes only with its practice, and only when that was written down.
create trigger data_keys_no_delete before delete on data_keys
when not exists (select 1 from workspaces where id = old.owner_id and status = 'deleted' and shredded_at is not null)
begin select raise(abort, 'this data key is needed'); end;
create trigger workspaces_stay_shredded before update on workspaces
when old.shredded_at is not null and (new.shredded_at is null or new.status <> 'deleted')
begin select raise(abort, 'this workspace cannot come back'); end;
