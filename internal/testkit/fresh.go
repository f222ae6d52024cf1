package testkit

import "testing"

// FreshDatabase returns the address of a database of the test's own, for tests
// that open it themselves or in another process. SQLite's does not exist yet;
// PostgreSQL's has the schema and no rows.
func FreshDatabase(t *testing.T, engine string) string {
	t.Helper()
	return database(t, engine)
}

// Outside is a second connection to a database that is not a kit's. A SQLite
// file must exist by then.
func Outside(t *testing.T, engine, url string) *DB {
	t.Helper()
	return openDB(t, &Kit{T: t, Engine: engine, URL: url})
}
