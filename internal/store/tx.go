package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// ReadTx reaches the rows of one workspace, for looking only.
type ReadTx struct {
	ctx   context.Context //nolint:containedctx // a transaction lives inside one call
	c     conn
	scope Scope
	act   model.Action
	store *Store
	box   *crypt.Box
	now   time.Time

	subject uuid.UUID // what the audit entry is about
	count   int64
	// writes says that what this transaction sees may not be committed yet.
	writes bool
	// rev is the number of this transaction's change to the clients.
	rev int64
	// changedClients keeps uncommitted names out of the shared index.
	changedClients bool

	besides []audit.Event // what this did besides its own action
}

// Tx reaches the rows of one workspace, for looking and changing. All of it
// happens, or nothing.
type Tx struct {
	ReadTx

	proof []byte
}

// Now is the time of the transaction, the same for all that it does.
func (tx *ReadTx) Now() time.Time { return tx.now }

// Scope returns who acts.
func (tx *ReadTx) Scope() Scope { return tx.scope }

// about names the record that the audit entry is about.
func (tx *ReadTx) about(id uuid.UUID) {
	tx.subject = id
	tx.count++
}

// regarding names the record that the audit entry is about, unless another one
// is named already: what is looked up on the way is not the subject.
func (tx *ReadTx) regarding(id uuid.UUID) {
	if tx.subject == uuid.Nil {
		tx.subject = id
	}
}

// Shown counts records that were shown in a part of what they hold.
func (tx *ReadTx) Shown(n int) { tx.count += int64(n) }

// also adds an audit entry of something that was done besides the action
// itself, such as booking over another appointment.
func (tx *ReadTx) also(act model.Action, subject uuid.UUID, count int64) {
	e := tx.scope.event(act, audit.OK)
	e.SubjectID, e.Count, e.At = subject, count, tx.now
	tx.besides = append(tx.besides, e)
}

// Looked leaves in the audit chain that a record was shown besides what the
// action is about, such as each note of a list.
func (tx *ReadTx) Looked(act model.Action, id uuid.UUID) { tx.also(act, id, 1) }

// Did leaves in the audit chain that something was done to a record besides the
// one that the action is about.
func (tx *Tx) Did(act model.Action, id uuid.UUID) { tx.also(act, id, 1) }

// proves puts the hash of what was written into the audit entry of this write.
func (tx *Tx) proves(hash []byte) { tx.proof = hash }

// query runs a statement in which $1 is the workspace; args follow as $2.
func (tx *ReadTx) query(text string, args ...any) (rows, error) {
	if err := checkScoped(text, len(args)+1); err != nil {
		return nil, err
	}
	return tx.c.query(tx.ctx, text, append([]any{tx.scope.workspace}, args...)...)
}

// exec is query for statements without rows; it returns how many it changed.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	if err := checkScoped(text, len(args)+1); err != nil {
		return 0, err
	}
	return tx.c.exec(tx.ctx, text, append([]any{tx.scope.workspace}, args...)...)
}

// checkScoped refuses a statement that does not name the workspace, or whose
// parameters are not exactly $1 to $n: SQLite would ignore what is too much.
func checkScoped(text string, n int) error {
	seen, highest := 0, 0
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		end := i + 1
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		v, err := strconv.Atoi(text[i+1 : end])
		if err != nil || v > 60_000 {
			return errors.New("store: a statement holds a bad parameter")
		}
		if v == 1 {
			seen++
		}
		highest = max(highest, v)
	}
	if seen == 0 || highest != n {
		return fmt.Errorf("store: a statement is not scoped: %d uses of $1, %d parameters for %d values", seen, highest, n)
	}
	return nil
}

// placeholders returns "$from, $from+1, ..." for n values.
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// missing turns "no row" into the answer for ids that are not there.
func missing(err error) error {
	if errors.Is(err, errNoRow) {
		return model.ErrNotFound
	}
	return err
}

// orNull stores no text as null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
