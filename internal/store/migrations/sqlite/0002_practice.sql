-- Null is the product's default, so that old rows need no guess.
alter table workspaces add column working_hours text;
alter table workspaces add column retention_years integer check (retention_years between 7 and 100);
alter table workspaces add column shared_notes integer;

-- What an event is proof of: the hash of a note's signed version.
alter table audit_events add column content blob;

create table services (
	workspace_id text not null references workspaces (id),
	id text not null,
	details blob not null,
	duration_minutes integer not null,
	price integer check (price >= 0),
	currency text,
	buffer_before integer not null,
	buffer_after integer not null,
	archived_at integer,
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id)
) strict, without rowid;

create table locations (
	workspace_id text not null references workspaces (id),
	id text not null,
	details blob not null,
	location_type text not null check (location_type in ('clinic', 'home', 'online')),
	exclusive integer not null,
	archived_at integer,
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id)
) strict, without rowid;

-- What made a series. Its appointments are rows of their own, so that each
-- can be moved, noted and paid for alone.
create table appointment_series (
	workspace_id text not null references workspaces (id),
	id text not null,
	rule text not null,
	starts_wall text not null,
	time_zone text not null,
	duration_minutes integer not null,
	version integer not null,
	created_by text not null,
	created_at integer not null,
	primary key (workspace_id, id)
) strict, without rowid;

-- SQLite cannot add constraints to a table: it is made anew.
create table appointments_new (
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
	service_id text,
	location_id text,
	-- The location, when only one appointment may be there at a time.
	room_id text,
	location_type text not null check (location_type in ('clinic', 'home', 'online')),
	-- From start to end with the buffers: the time that nobody else may have.
	blocks_from integer not null,
	blocks_to integer not null,
	overlap_allowed integer not null,
	price integer check (price >= 0),
	currency text,
	payment_status text not null check (payment_status in ('not_paid', 'payment_sent', 'paid', 'waived')),
	payment_method text check (payment_method in ('cash', 'card', 'bank_transfer', 'bit', 'paybox', 'other')),
	paid_at integer,
	details blob,
	series_id text,
	-- The local time that the series' rule gave it.
	series_wall text,
	detached integer not null,
	-- True while a note that is not deleted and not in error is linked.
	noted integer not null,
	status_at integer not null,
	created_by text not null,
	deleted_at integer,
	deleted_by text,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id),
	foreign key (workspace_id, practitioner_id) references members (workspace_id, user_id),
	foreign key (workspace_id, service_id) references services (workspace_id, id),
	foreign key (workspace_id, location_id) references locations (workspace_id, id),
	foreign key (workspace_id, room_id) references locations (workspace_id, id),
	foreign key (workspace_id, series_id) references appointment_series (workspace_id, id),
	check (ends_at > starts_at),
	check (blocks_from <= starts_at and blocks_to >= ends_at),
	check (overlap_allowed or blocks_to - blocks_from <= 115200000000),
	check (payment_status <> 'paid' or paid_at is not null),
	check (price is null or currency is not null)
) strict, without rowid;
-- Rows of the first version were never checked against each other, nor for
-- how long they are.
insert into appointments_new
select workspace_id, id, client_id, practitioner_id, starts_at, ends_at, status, version, created_at, updated_at,
	null, null, null, 'clinic', starts_at, ends_at, ends_at - starts_at > 115200000000 or (status in ('scheduled', 'attended') and exists (
		select 1 from appointments b where b.workspace_id = a.workspace_id and b.practitioner_id = a.practitioner_id and b.id <> a.id
		and b.status in ('scheduled', 'attended') and b.starts_at < a.ends_at and b.ends_at > a.starts_at)),
	null, null, 'not_paid', null, null, null, null, null, 0, 0, updated_at, practitioner_id, null, null
from appointments a;
drop table appointments;
alter table appointments_new rename to appointments;
create index appointments_client on appointments (workspace_id, client_id, starts_at, status, deleted_at);
create index appointments_start on appointments (workspace_id, starts_at);
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

-- What PostgreSQL's exclusion constraints do. No block is longer than the 32
-- hours that bound the look back: 24 of a visit and 4 of each buffer.
create trigger appointments_busy_insert before insert on appointments
when new.status in ('scheduled', 'attended') and new.deleted_at is null and not new.overlap_allowed and (exists (
	select 1 from appointments where workspace_id = new.workspace_id and practitioner_id = new.practitioner_id
	and blocks_from < new.blocks_to and blocks_from > new.blocks_from - 115200000000 and blocks_to > new.blocks_from and id <> new.id
	and status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed)
or exists (
	select 1 from appointments where workspace_id = new.workspace_id and room_id = new.room_id
	and blocks_from < new.blocks_to and blocks_from > new.blocks_from - 115200000000 and blocks_to > new.blocks_from and id <> new.id
	and status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed))
begin select raise(abort, 'appointments overlap'); end;
create trigger appointments_busy_update before update on appointments
when new.status in ('scheduled', 'attended') and new.deleted_at is null and not new.overlap_allowed
	and (new.blocks_from <> old.blocks_from or new.blocks_to <> old.blocks_to or new.practitioner_id <> old.practitioner_id
		or new.room_id is not old.room_id or old.status not in ('scheduled', 'attended') or old.deleted_at is not null or old.overlap_allowed)
	and (exists (
	select 1 from appointments where workspace_id = new.workspace_id and practitioner_id = new.practitioner_id
	and blocks_from < new.blocks_to and blocks_from > new.blocks_from - 115200000000 and blocks_to > new.blocks_from and id <> new.id
	and status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed)
or exists (
	select 1 from appointments where workspace_id = new.workspace_id and room_id = new.room_id
	and blocks_from < new.blocks_to and blocks_from > new.blocks_from - 115200000000 and blocks_to > new.blocks_from and id <> new.id
	and status in ('scheduled', 'attended') and deleted_at is null and not overlap_allowed))
begin select raise(abort, 'appointments overlap'); end;

-- A payment is never lost: what is gone for good was deleted before, and free.
create trigger appointments_no_delete before delete on appointments
when old.deleted_at is null or old.payment_status not in ('not_paid', 'waived')
begin select raise(abort, 'this appointment is kept'); end;

-- A SOAP note. What it says is in draft until it is signed, then in its
-- versions alone. Rows as large as these have a rowid: without one, each step
-- of each look-up would read a whole note.
create table sessions (
	workspace_id text not null,
	id text not null,
	client_id text not null,
	appointment_id text,
	author_id text not null,
	status text not null check (status in ('draft', 'signed', 'entered_in_error')),
	session_date integer not null,
	duration_minutes integer,
	draft blob,
	facts blob,
	versions integer not null,
	saved_at integer not null,
	signed_at integer,
	deleted_at integer,
	deleted_by text,
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, client_id) references clients (workspace_id, id),
	foreign key (workspace_id, appointment_id) references appointments (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id),
	check ((status = 'draft') = (versions = 0)),
	check ((status = 'draft') = (signed_at is null)),
	check (status = 'draft' or (draft is null and deleted_at is null)),
	check (status <> 'entered_in_error' or facts is not null)
) strict;
create index sessions_client on sessions (workspace_id, client_id, session_date);
create index sessions_date on sessions (workspace_id, session_date);
create index sessions_appointment on sessions (workspace_id, appointment_id) where appointment_id is not null;
create unique index sessions_one_active on sessions (workspace_id, appointment_id)
	where appointment_id is not null and deleted_at is null and status <> 'entered_in_error';
create index sessions_unsigned on sessions (workspace_id, author_id, session_date) where status = 'draft' and deleted_at is null;
create index sessions_deleted on sessions (workspace_id, deleted_at) where deleted_at is not null;

create table session_versions (
	workspace_id text not null,
	session_id text not null,
	number integer not null,
	id text not null,
	content blob not null,
	hash blob not null,
	author_id text not null,
	signed_at integer not null,
	primary key (workspace_id, session_id, number),
	foreign key (workspace_id, session_id) references sessions (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id)
) strict;

-- What a version says is sealed to its id, so no id may be there twice.
create unique index session_versions_id on session_versions (workspace_id, id);

-- A signed note stays signed, about the same visit, by the same person.
create trigger sessions_signed before update on sessions
when old.status <> 'draft' and (new.status = 'draft' or (old.status = 'entered_in_error' and new.status <> old.status)
	or new.client_id <> old.client_id or new.author_id <> old.author_id or new.appointment_id is not old.appointment_id
	or new.signed_at <> old.signed_at or new.created_at <> old.created_at or new.versions < old.versions
	or new.id <> old.id or new.workspace_id <> old.workspace_id
	or (new.versions = old.versions and (new.session_date <> old.session_date or new.duration_minutes is not old.duration_minutes
		or (new.status = old.status and new.facts is not old.facts))))
begin select raise(abort, 'a signed note cannot be changed'); end;
-- "update or replace" removes the row whose id it takes without asking any
-- trigger.
create trigger sessions_same_id before update of workspace_id, id on sessions
begin select raise(abort, 'a note keeps its id'); end;
create trigger appointments_same_id before update of workspace_id, id on appointments
begin select raise(abort, 'an appointment keeps its id'); end;
create trigger sessions_no_replace before insert on sessions
when exists (select 1 from sessions where workspace_id = new.workspace_id and id = new.id)
begin select raise(abort, 'a signed note cannot be changed'); end;

-- A version is written once, and goes only when the time to keep it is over,
-- by the database's own clock.
create trigger session_versions_no_update before update on session_versions
begin select raise(abort, 'signed versions are append-only'); end;
create trigger session_versions_no_delete before delete on session_versions
when old.signed_at >= 1000000 * unixepoch('now', '-' || coalesce((select retention_years from workspaces where id = old.workspace_id), 7) || ' years')
begin select raise(abort, 'signed versions are append-only'); end;
create trigger session_versions_no_replace before insert on session_versions
when exists (select 1 from session_versions where workspace_id = new.workspace_id and session_id = new.session_id and number = new.number)
begin select raise(abort, 'signed versions are append-only'); end;

create table note_templates (
	workspace_id text not null references workspaces (id),
	id text not null,
	kind text not null check (kind in ('template', 'snippet')),
	content blob not null,
	author_id text not null,
	version integer not null,
	created_at integer not null,
	updated_at integer not null,
	primary key (workspace_id, id),
	foreign key (workspace_id, author_id) references members (workspace_id, user_id)
) strict, without rowid;

create table calendar_feeds (
	workspace_id text not null,
	id text not null,
	user_id text not null,
	token_hash blob not null,
	privacy text not null check (privacy in ('busy', 'initials', 'first_name')),
	created_at integer not null,
	revoked_at integer,
	primary key (workspace_id, id),
	foreign key (workspace_id, user_id) references members (workspace_id, user_id)
) strict, without rowid;
create unique index calendar_feeds_token_hash on calendar_feeds (token_hash);
create index calendar_feeds_user on calendar_feeds (workspace_id, user_id);

-- What the planner goes by: a hundred practices with 20,000 appointments and
-- notes and 1,000 clients each. Without it, it takes an index that a practice
-- shares for as good as one that a client has to itself. Nothing here runs
-- "analyze" later, so that each database plans alike.
analyze;
insert into sqlite_stat1 (tbl, idx, stat) values
	('workspaces', 'workspaces', '100 1'),
	('clients', 'clients', '100000 1000 1'),
	('clients', 'clients_rev', '100000 1000 1'),
	('consents', 'consents', '100000 1000 1'),
	('consents', 'consents_client', '100000 1000 1 1'),
	('services', 'services', '1000 10 1'),
	('locations', 'locations', '500 5 1'),
	('appointments', 'appointments', '2000000 20000 1'),
	('appointments', 'appointments_client', '2000000 20000 20 1 1 1'),
	('appointments', 'appointments_start', '2000000 20000 2'),
	('appointments', 'appointments_practitioner', '2000000 20000 10000 2'),
	('appointments', 'appointments_room', '1000000 10000 5000 1'),
	('appointments', 'appointments_series', '400000 4000 20 1'),
	('appointments', 'appointments_service', '1000000 10000 2000'),
	('appointments', 'appointments_location', '1000000 10000 4000'),
	('appointments', 'appointments_deleted', '10000 100 1'),
	('appointments', 'appointments_open', '100000 1000 2 2 1'),
	('appointments', 'appointments_unnoted', '10000 100 2 2 1'),
	('appointments', 'appointments_unpaid', '50000 500 2 2 1'),
	('sessions', 'sqlite_autoindex_sessions_1', '2000000 20000 1'),
	('sessions', 'sessions_client', '2000000 20000 20 1'),
	('sessions', 'sessions_date', '2000000 20000 2'),
	('sessions', 'sessions_appointment', '2000000 20000 1'),
	('sessions', 'sessions_one_active', '2000000 20000 1'),
	('sessions', 'sessions_unsigned', '10000 100 50 1'),
	('sessions', 'sessions_deleted', '10000 100 1'),
	('session_versions', 'sqlite_autoindex_session_versions_1', '2200000 22000 1 1'),
	('session_versions', 'session_versions_id', '2200000 22000 1');
