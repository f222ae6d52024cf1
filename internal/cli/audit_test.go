package cli_test

import (
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/testkit"

	_ "modernc.org/sqlite" // tampering goes around the program
)

func copyAll(to *strings.Builder, from io.Reader) (int64, error) { return io.Copy(to, from) }

// practised is a box whose demo practice has a history.
func practised(t *testing.T) (b *box, workspace string) {
	t.Helper()
	b = newBox(t)
	_, stop := b.serve("--demo")
	stop()
	_, out, _ := b.run("audit", "verify")
	for line := range strings.Lines(out) {
		if id, _, _ := strings.Cut(line, ":"); !strings.HasPrefix(id, "00000000") {
			workspace = id
		}
	}
	if workspace == "" {
		t.Fatalf("no workspace chain in %q", out)
	}
	return b, workspace
}

// tamper changes the database as somebody who owns the file could.
func (b *box) tamper(statements ...string) {
	b.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.dir, "pazpaz.db"))
	testkit.NoErr(b.t, err)
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(b.t.Context(), s); err != nil {
			b.t.Fatalf("%s: %v", s, err)
		}
	}
}

const freeHands = `drop trigger audit_events_no_update; drop trigger audit_events_no_delete; drop trigger audit_events_no_replace`

func TestAuditVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, want string }{
		"edit":         {`update audit_events set action = 'client.list' where workspace_id = 'WS' and seq = 7`, "entry 7: its content does not match"},
		"delete":       {`delete from audit_events where workspace_id = 'WS' and seq = 9`, "entry 9: it is missing"},
		"swap":         {`update audit_events set seq = -1 where workspace_id = 'WS' and seq = 5; update audit_events set seq = 5 where workspace_id = 'WS' and seq = 6; update audit_events set seq = 6 where workspace_id = 'WS' and seq = -1`, "entry 5:"},
		"insert":       {`insert into audit_events (workspace_id, seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, hash) select workspace_id, (select max(seq) + 1 from audit_events where workspace_id = 'WS'), at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, hash from audit_events where workspace_id = 'WS' and seq = 3`, "its content does not match"},
		"cut tail":     {`delete from audit_events where workspace_id = 'WS' and seq > 20`, "entry 21: the tail is missing"},
		"cut all ends": {`delete from audit_events where workspace_id = 'WS' and seq > 20; update audit_heads set seq = 20, hash = (select hash from audit_events where workspace_id = 'WS' and seq = 20) where workspace_id = 'WS'`, "entry 21: the tail is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, workspace := practised(t)
			b.tamper(freeHands, strings.ReplaceAll(c.change, "WS", workspace))
			b.refused(c.want, "audit", "verify")
		})
	}
}

func TestAuditVerifyFindsAChainThatIsGone(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	b.tamper(freeHands, "pragma foreign_keys = off",
		"delete from audit_events where workspace_id = '"+workspace+"'", "delete from workspaces where id = '"+workspace+"'")
	b.refused("the whole chain is missing", "audit", "verify")
}

func TestAuditTriggersRefuseChanges(t *testing.T) {
	t.Parallel()
	b, _ := practised(t)
	db, err := sql.Open("sqlite", filepath.Join(b.dir, "pazpaz.db"))
	testkit.NoErr(t, err)
	defer func() { _ = db.Close() }()
	for _, s := range []string{"update audit_events set records = 1", "delete from audit_events", "replace into audit_events select * from audit_events where seq = 1"} {
		if _, err := db.ExecContext(t.Context(), s); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestAuditExportIsVerifiedOffline(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	_, export, errs := b.run("audit", "export", "--workspace", workspace)
	if n := strings.Count(export, "\n"); n < 30 {
		t.Fatalf("the export has %d lines: %s", n, errs)
	}
	path := filepath.Join(t.TempDir(), "chain.jsonl")
	testkit.NoErr(t, os.WriteFile(path, []byte(export), 0o600))
	if status, out, errs := b.run("audit", "verify", "--file", path); status != 0 || !strings.Contains(out, "intact") {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	lines := strings.SplitAfter(export, "\n")
	edited := strings.Replace(export, lines[11], strings.Replace(lines[11], `"outcome":"ok"`, `"outcome":"denied"`, 1), 1)
	testkit.NoErr(t, os.WriteFile(path, []byte(edited), 0o600))
	b.refused("entry 12: its content does not match", "audit", "verify", "--file", path)
	// A cut tail shows against checkpoints, of which the public key is enough.
	_, signed, key := b.run("audit", "checkpoint")
	_, key, _ = strings.Cut(strings.TrimSpace(key), "public key: ")
	heads := filepath.Join(t.TempDir(), "heads.jsonl")
	testkit.NoErr(t, os.WriteFile(heads, []byte(signed), 0o600))
	testkit.NoErr(t, os.WriteFile(path, []byte(strings.Join(lines[:20], "")), 0o600))
	elsewhere := newBox(t)
	elsewhere.refused("the tail is missing", "audit", "verify", "--file", path, "--checkpoints", heads, "--key", key)
	elsewhere.refused("needs --key", "audit", "verify", "--file", path, "--checkpoints", heads)
	if exists, err := os.Stat(elsewhere.dir); err == nil {
		t.Fatalf("checking a file made %s", exists.Name())
	}
}

func TestCheckpointsOfAnotherKeyAreRefused(t *testing.T) {
	t.Parallel()
	b, _ := practised(t)
	other, _ := practised(t)
	_, foreign, _ := other.run("audit", "checkpoint")
	path := filepath.Join(t.TempDir(), "checkpoints")
	testkit.NoErr(t, os.WriteFile(path, []byte(foreign), 0o600))
	b.refused("the signature is not ours", "audit", "verify", "--checkpoints", path)
}
