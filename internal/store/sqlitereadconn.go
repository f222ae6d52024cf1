package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// mostPrepared bounds the statements that a connection keeps prepared. The texts
// of lists differ with what is asked for, down to the size of the page; the
// usual ones are far fewer.
const mostPrepared = 256

// sqliteReadConn is one read-only connection and the statements it has
// prepared. It is for one goroutine at a time, which is why SQLite need not
// lock it.
type sqliteReadConn struct {
	db       *sqlite.Conn
	prepared map[string]*sqliteStatement
	done     <-chan struct{} // interrupts it when it is closed
}

// sqliteStatement is a prepared statement; its n-th parameter takes the value
// of that number. The library's own cache would unbind the values of each run,
// for which SQLite plans a join again.
type sqliteStatement struct {
	*sqlite.Stmt

	takes  []int
	values int
}

// readPragmas are those of the writer that matter for reading.
var readPragmas = []string{"trusted_schema = off", "cache_size = -8000", "query_only = 1"}

func openSQLiteRead(path string) (*sqliteReadConn, error) {
	db, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, fmt.Errorf("open database to read: %w", err)
	}
	db.SetBusyTimeout(5 * time.Second)
	for _, p := range readPragmas {
		if err := runOnce(db, "pragma "+p); err != nil {
			return nil, errors.Join(fmt.Errorf("open database to read: %w", err), db.Close())
		}
	}
	return &sqliteReadConn{db: db, prepared: map[string]*sqliteStatement{}}, nil
}

// runOnce runs a statement whose rows, if it has any, say nothing.
func runOnce(db *sqlite.Conn, text string) error {
	st, _, err := db.PrepareTransient(text)
	if err != nil {
		return err
	}
	_, err = st.Step()
	return errors.Join(err, st.Finalize())
}

// start prepares a statement, or takes the one it has, and binds its values.
func (c *sqliteReadConn) start(ctx context.Context, text string, args []any) (*sqlite.Stmt, error) {
	c.interruptedBy(ctx)
	st, there := c.prepared[text]
	if !there {
		if len(c.prepared) >= mostPrepared {
			c.forget()
		}
		var err error
		if st, err = c.prepare(text); err != nil {
			return nil, err
		}
		c.prepared[text] = st
	}
	if len(args) != st.values {
		return nil, fmt.Errorf("a statement takes %d values, not %d", st.values, len(args))
	}
	if err := st.bind(args); err != nil {
		return nil, err
	}
	return st.Stmt, nil
}

// interruptedBy lets the end of ctx end what runs. That stays until another one
// comes, because each change costs a goroutine, and one request has several
// statements; an interrupt while nothing runs is forgotten.
func (c *sqliteReadConn) interruptedBy(ctx context.Context) {
	if done := ctx.Done(); done != c.done {
		c.db.SetInterrupt(done)
		c.done = done
	}
}

func (c *sqliteReadConn) prepare(text string) (*sqliteStatement, error) {
	handle, _, err := c.db.PrepareTransient(text)
	if err != nil {
		return nil, err
	}
	st := &sqliteStatement{Stmt: handle}
	for i := range handle.BindParamCount() {
		name := handle.BindParamName(i + 1)
		n, err := strconv.Atoi(strings.TrimPrefix(name, "$"))
		if err != nil || n < 1 {
			return nil, errors.Join(fmt.Errorf("a parameter is called %q", name), handle.Finalize())
		}
		st.takes = append(st.takes, n)
		st.values = max(st.values, n)
	}
	return st, nil
}

func (st *sqliteStatement) bind(args []any) error {
	args = sqliteArgs(args)
	for i, n := range st.takes {
		if err := st.bindOne(i+1, args[n-1]); err != nil {
			return fmt.Errorf("bind $%d: %w", n, err)
		}
	}
	return nil
}

func (st *sqliteStatement) bindOne(i int, arg any) error {
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		st.BindNull(i)
	case int64:
		st.BindInt64(i, v)
	case bool:
		st.BindBool(i, v)
	case string:
		st.BindText(i, v)
	case []byte:
		st.BindBytes(i, v)
	default:
		return fmt.Errorf("no parameter takes a %T", arg)
	}
	return nil
}

// forget gives the memory of all its statements back. None of them runs.
func (c *sqliteReadConn) forget() {
	for text, st := range c.prepared {
		_ = st.Finalize() // says again what its last step has said
		delete(c.prepared, text)
	}
}

func (c *sqliteReadConn) close() error {
	c.forget()
	return c.db.Close()
}
