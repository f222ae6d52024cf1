-- Exclusion constraints compare ids with = beside ranges with &&.
create extension if not exists btree_gist;

-- Null is the product's default, so that old rows need no guess.
alter table workspaces add column working_hours text collate "C";
alter table workspaces add column retention_years bigint check (retention_years between 7 and 100);
alter table workspaces add column shared_notes boolean;

-- What an event is proof of: the hash of a note's signed version.
alter table audit_events add column content bytea;

create table services (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	details bytea not null,
	duration_minutes bigint not null,
	price bigint check (price >= 0),
	currency text collate "C",
	buffer_before bigint not null,
	buffer_after bigint not null,
	archived_at timestamptz,
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id)
);

create table locations (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	details bytea not null,
	location_type text collate "C" not null check (location_type in ('clinic', 'home', 'online')),
	exclusive boolean not null,
	archived_at timestamptz,
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id)
);

-- What made a series. Its appointments are rows of their own, so that each
-- can be moved, noted and paid for alone.
create table appointment_series (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	rule text collate "C" not null,
	starts_wall text collate "C" not null,
	time_zone text collate "C" not null,
	duration_minutes bigint not null,
	version bigint not null,
	created_by uuid not null,
	created_at timestamptz not null,
	primary key (workspace_id, id)
);

alter table appointments add column service_id uuid;
alter table appointments add column location_id uuid;
-- The location, when only one appointment may be there at a time.
alter table appointments add column room_id uuid;
alter table appointments add column location_type text collate "C" not null default 'clinic' check (location_type in ('clinic', 'home', 'online'));
-- From start to end with the buffers: the time that nobody else may have.
alter table appointments add column blocks_from timestamptz;
alter table appointments add column blocks_to timestamptz;
alter table appointments add column overlap_allowed boolean not null default false;
alter table appointments add column price bigint check (price >= 0);
alter table appointments add column currency text collate "C";
alter table appointments add column payment_status text collate "C" not null default 'not_paid'
	check (payment_status in ('not_paid', 'payment_sent', 'paid', 'waived'));
alter table appointments add column payment_method text collate "C"
	check (payment_method in ('cash', 'card', 'bank_transfer', 'bit', 'paybox', 'other'));
alter table appointments add column paid_at timestamptz;
alter table appointments add column details bytea;
alter table appointments add column series_id uuid;
-- The local time that the series' rule gave it.
alter table appointments add column series_wall text collate "C";
alter table appointments add column detached boolean not null default false;
-- True while a note that is not deleted and not in error is linked.
alter table appointments add column noted boolean not null default false;
alter table appointments add column status_at timestamptz;
alter table appointments add column created_by uuid;
alter table appointments add column deleted_at timestamptz;
alter table appointments add column deleted_by uuid;
-- Whoever migrates is no superuser: forced, row-level security would hide the
-- rows of all workspaces.
alter table appointments no force row level security;
update appointments set blocks_from = starts_at, blocks_to = ends_at, status_at = updated_at, created_by = practitioner_id;
alter table appointments
	alter column blocks_from set not null, alter column blocks_to set not null, alter column status_at set not null, alter column created_by set not null,
	alter column location_type drop default, alter column overlap_allowed drop default, alter column payment_status drop default,
	alter column detached drop default, alter column noted drop default,
	add foreign key (workspace_id, service_id) references services (workspace_id, id),
	add foreign key (workspace_id, location_id) references locations (workspace_id, id),
	add foreign key (workspace_id, room_id) references locations (workspace_id, id),
	add foreign key (workspace_id, series_id) references appointment_series (workspace_id, id),
	add check (blocks_from <= starts_at and blocks_to >= ends_at),
	add check (payment_status <> 'paid' or paid_at is not null),
	add check (price is null or currency is not null);
-- Rows of the first version were never checked against each other, nor for
-- how long they are.
update appointments a set overlap_allowed = true where ends_at - starts_at > interval '32 hours' or (status in ('scheduled', 'attended') and exists (
	select 1 from appointments b where b.workspace_id = a.workspace_id and b.practitioner_id = a.practitioner_id and b.id <> a.id
	and b.status in ('scheduled', 'attended') and b.starts_at < a.ends_at and b.ends_at > a.starts_at));
alter table appointments force row level security;
alter table appointments add check (overlap_allowed or blocks_to - blocks_from <= interval '32 hours');
alter table appointments add constraint appointments_practitioner_busy exclude using gist
	(workspace_id with =, practitioner_id with =, tstzrange(blocks_from, blocks_to) with &&)
	where (status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed);
alter table appointments add constraint appointments_room_busy exclude using gist
	(workspace_id with =, room_id with =, tstzrange(blocks_from, blocks_to) with &&)
	where (room_id is not null and status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed);
drop index appointments_client;
create index appointments_client on appointments (workspace_id, client_id, starts_at, status, deleted_at);
create index appointments_practitioner on appointments (workspace_id, practitioner_id, blocks_from);
create index appointments_room on appointments (workspace_id, room_id, blocks_from) where room_id is not null;
create index appointments_series on appointments (workspace_id, series_id, starts_at) where series_id is not null;
create index appointments_service on appointments (workspace_id, service_id) where service_id is not null;
create index appointments_location on appointments (workspace_id, location_id) where location_id is not null;
create index appointments_deleted on appointments (workspace_id, deleted_at) where deleted_at is not null;
create index appointments_open on appointments (workspace_id, starts_at, ends_at, practitioner_id)
	where status = 'scheduled' and deleted_at is null;
create index appointments_unnoted on appointments (workspace_id, starts_at, ends_at, practitioner_id)
	where status = 'attended' and not noted and deleted_at is null;
create index appointments_unpaid on appointments (workspace_id, starts_at, ends_at, practitioner_id)
	where status = 'attended' and payment_status in ('not_paid', 'payment_sent') and price > 0 and deleted_at is null;

-- A payment is never lost: what is gone for good was deleted before, and free.
create function appointments_keep_payments() returns trigger language plpgsql as $$
begin
	if old.deleted_at is null or old.payment_status not in ('not_paid', 'waived') then
		raise exception 'this appointment is kept';
	end if;
	return old;
end $$;
create trigger appointments_no_delete before delete on appointments for each row execute function appointments_keep_payments();

-- A SOAP note. What it says is in draft until it is signed, then in its
-- versions alone.
create table sessions (
	workspace_id uuid not null,
	id uuid not null,
	client_id uuid not null,
	appointment_id uuid,
	author_id uuid not null,
	status text collate "C" not null check (status in ('draft', 'signed', 'entered_in_error')),
	session_date timestamptz not null,
	duration_minutes bigint,
	draft bytea,
	facts bytea,
	versions bigint not null,
	saved_at timestamptz not null,
	signed_at timestamptz,
	deleted_at timestamptz,
	deleted_by uuid,
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id),
	foreign key (workspace_id, appointment_id) references appointments (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id),
	check ((status = 'draft') = (versions = 0)),
	check ((status = 'draft') = (signed_at is null)),
	check (status = 'draft' or (draft is null and deleted_at is null)),
	check (status <> 'entered_in_error' or facts is not null)
);
create index sessions_client on sessions (workspace_id, client_id, session_date);
create index sessions_date on sessions (workspace_id, session_date);
create index sessions_appointment on sessions (workspace_id, appointment_id) where appointment_id is not null;
create unique index sessions_one_active on sessions (workspace_id, appointment_id)
	where appointment_id is not null and deleted_at is null and status <> 'entered_in_error';
create index sessions_unsigned on sessions (workspace_id, author_id, session_date) where status = 'draft' and deleted_at is null;
create index sessions_deleted on sessions (workspace_id, deleted_at) where deleted_at is not null;

create table session_versions (
	workspace_id uuid not null,
	session_id uuid not null,
	number bigint not null,
	id uuid not null,
	content bytea not null,
	hash bytea not null,
	author_id uuid not null,
	signed_at timestamptz not null,
	primary key (workspace_id, session_id, number),
	foreign key (workspace_id, session_id) references sessions (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id)
);

-- What a version says is sealed to its id, so no id may be there twice.
create unique index session_versions_id on session_versions (workspace_id, id);

-- A signed note stays signed, about the same visit, by the same person.
create function sessions_stay_signed() returns trigger language plpgsql as $$
begin
	if old.status <> 'draft' and (new.status = 'draft' or (old.status = 'entered_in_error' and new.status <> old.status)
		or new.client_id <> old.client_id or new.author_id <> old.author_id or new.appointment_id is distinct from old.appointment_id
		or new.signed_at <> old.signed_at or new.created_at <> old.created_at or new.versions < old.versions
		or new.id <> old.id or new.workspace_id <> old.workspace_id
		or (new.versions = old.versions and (new.session_date <> old.session_date or new.duration_minutes is distinct from old.duration_minutes
			or (new.status = old.status and new.facts is distinct from old.facts)))) then
		raise exception 'a signed note cannot be changed';
	end if;
	return new;
end $$;
create trigger sessions_signed before update on sessions for each row execute function sessions_stay_signed();

-- A version is written once, and goes only when the time to keep it is over,
-- by the database's own clock.
create function session_versions_append_only() returns trigger language plpgsql as $$
begin
	if tg_op = 'DELETE' then
		if old.signed_at < now() - make_interval(years => coalesce(
			(select retention_years from workspaces where id = old.workspace_id), 7)::int) then
			return old;
		end if;
	end if;
	raise exception 'signed versions are append-only';
end $$;
create trigger session_versions_no_change before update or delete on session_versions
	for each row execute function session_versions_append_only();
create trigger session_versions_no_truncate before truncate on session_versions
	for each statement execute function session_versions_append_only();

create table note_templates (
	workspace_id uuid not null references workspaces (id),
	id uuid not null,
	kind text collate "C" not null check (kind in ('template', 'snippet')),
	content bytea not null,
	author_id uuid not null,
	version bigint not null,
	created_at timestamptz not null,
	updated_at timestamptz not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id)
);

create table calendar_feeds (
	workspace_id uuid not null,
	id uuid not null,
	user_id uuid not null,
	token_hash bytea not null,
	privacy text collate "C" not null check (privacy in ('busy', 'initials', 'first_name')),
	created_at timestamptz not null,
	revoked_at timestamptz,
	primary key (workspace_id, id),
	foreign key (workspace_id, user_id) references members (workspace_id, user_id)
);
create unique index calendar_feeds_token_hash on calendar_feeds (token_hash);
create index calendar_feeds_user on calendar_feeds (workspace_id, user_id);

grant select, insert, update, delete on services, locations, sessions, note_templates to pazpaz_app;
grant select, insert, update on appointment_series, calendar_feeds to pazpaz_app;
grant select, insert, delete on session_versions to pazpaz_app;
grant delete on appointments to pazpaz_app;

alter table services enable row level security;
alter table services force row level security;
create policy own_workspace on services using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table locations enable row level security;
alter table locations force row level security;
create policy own_workspace on locations using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table appointment_series enable row level security;
alter table appointment_series force row level security;
create policy own_workspace on appointment_series using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table sessions enable row level security;
alter table sessions force row level security;
create policy own_workspace on sessions using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table session_versions enable row level security;
alter table session_versions force row level security;
create policy own_workspace on session_versions using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table note_templates enable row level security;
alter table note_templates force row level security;
create policy own_workspace on note_templates using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

alter table calendar_feeds enable row level security;
alter table calendar_feeds force row level security;
create policy own_workspace on calendar_feeds using (workspace_id = app_workspace() or app_identity()) with check (workspace_id = app_workspace() or app_identity());
