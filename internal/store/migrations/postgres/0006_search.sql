-- A search goes through the newest notes of a practice, and reads only those
-- of which it does not know already that they do not hold the words; what it
-- asks of the others is all in this index.
drop index sessions_date;
create index sessions_date on sessions (workspace_id, session_date, id) include (author_id, deleted_at, versions);
