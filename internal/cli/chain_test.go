package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/testkit"
)

// exported returns a workspace's chain as the program exports it.
func exported(t *testing.T, b *box, workspace string) (text string, all []audit.Event) {
	t.Helper()
	status, text, errs := b.run("audit", "export", "--workspace", workspace)
	if status != 0 {
		t.Fatalf("export: %s", errs)
	}
	for e, err := range audit.ReadExport(strings.NewReader(text)) {
		testkit.NoErr(t, err)
		all = append(all, e)
	}
	return text, all
}

// An entry that fits the chain, but that the program did not write.
func TestAuditVerifyFindsAForgedEntryBehindTheEnd(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	_, all := exported(t, b, workspace)
	last := all[len(all)-1]
	forged := last
	forged.Seq, forged.At = last.Seq+1, last.At.Add(time.Second)
	forged.Hash = forged.Sum(last.Hash)
	b.tamper(fmt.Sprintf(`insert into audit_events (workspace_id, seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, hash) values ('%s', %d, %d, '%s', '%s', '%s', '%s', '%s', %d, '%s', '%s', x'%x')`,
		workspace, forged.Seq, forged.At.UnixMicro(), forged.ActorKind, forged.ActorID, forged.Action, forged.Outcome, forged.SubjectID,
		forged.Count, forged.SessionID, forged.RequestID, forged.Hash))
	b.refused(fmt.Sprintf("breaks at entry %d: it is behind the end of the chain", forged.Seq), "audit", "verify")
}

// Somebody who knows the format can rewrite the whole chain so that it fits;
// only a checkpoint that was signed before tells.
func TestAuditVerifyFindsARewrittenChain(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	_, all := exported(t, b, workspace)
	changes := []string{freeHands}
	previous := all[9].Hash
	for _, e := range all[10:] {
		if e.Seq == 11 {
			e.Outcome = "denied"
		}
		e.Hash = e.Sum(previous)
		previous = e.Hash
		changes = append(changes, fmt.Sprintf("update audit_events set outcome = '%s', hash = x'%x' where workspace_id = '%s' and seq = %d", e.Outcome, e.Hash, workspace, e.Seq))
	}
	changes = append(changes, fmt.Sprintf("update audit_heads set hash = x'%x' where workspace_id = '%s'", previous, workspace))
	b.tamper(changes...)
	b.refused("it differs from a checkpoint, so the chain was rewritten", "audit", "verify")
	testkit.NoErr(t, os.Rename(filepath.Join(b.dir, "audit-checkpoints.jsonl"), filepath.Join(b.dir, "elsewhere")))
	b.refused("the checkpoints are missing", "audit", "verify")
	b.refused("it differs from a checkpoint", "audit", "verify", "--checkpoints", filepath.Join(b.dir, "elsewhere"))
}

func TestAuditExportIsTheWholeChainOfOneWorkspace(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	for _, id := range []string{workspace, "00000000-0000-0000-0000-000000000000"} {
		_, all := exported(t, b, id)
		_, out, _ := b.run("audit", "verify", "--workspace", id)
		if want := fmt.Sprintf("%s: %d entries, intact\n", id, len(all)); out != want || len(all) == 0 {
			t.Errorf("verify says %q, the export has %d entries", out, len(all))
		}
		if slices.ContainsFunc(all, func(e audit.Event) bool { return e.WorkspaceID.String() != id }) {
			t.Error("the export holds another workspace's entries")
		}
	}
}

func TestAuditCallsThatCannotBeDone(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	text, _ := exported(t, b, workspace)
	for want, args := range map[string][]string{
		"audit export needs --workspace":    {"export"},
		"--workspace must be a workspace":   {"export", "--workspace", "mine"},
		"--workspace must be a workspace's": {"verify", "--workspace", "1"},
		"open export":                       {"verify", "--file", filepath.Join(b.dir, "none")},
		"the export holds no events":        {"verify", "--file", b.write("empty", "")},
		"line 1: it is no entry":            {"verify", "--file", b.write("garbage", "hello")},
		"read audit chain":                  {"verify", "--file", b.write("cut", text[:len(text)-20])},
		"open checkpoints":                  {"verify", "--checkpoints", filepath.Join(b.dir, "none")},
		"needs --key":                       {"verify", "--file", b.write("whole", text), "--checkpoints", filepath.Join(b.dir, "audit-checkpoints.jsonl")},
		"the signature is not ours": {
			"verify", "--file", b.write("whole", text), "--checkpoints", filepath.Join(b.dir, "audit-checkpoints.jsonl"), "--key", strings.Repeat("A", 43) + "=",
		},
	} {
		b.refused(want, append([]string{"audit"}, args...)...)
	}
	unknown := testkit.ID(7, 7).String()
	if status, out, errs := b.run("audit", "verify", "--workspace", unknown); status != 1 || out != "" || !strings.Contains(errs, unknown) {
		t.Errorf("an unknown workspace: status %d, %q, %q", status, out, errs)
	}
}

// A checkpoint kept elsewhere, with the public key that was printed beside it,
// is all that an outsider needs.
func TestExportIsCheckedElsewhereWithAPrintedCheckpoint(t *testing.T) {
	t.Parallel()
	b, workspace := practised(t)
	status, checkpoints, errs := b.run("audit", "checkpoint")
	key, ok := strings.CutPrefix(strings.TrimSpace(errs), "public key: ")
	if status != 0 || !ok || strings.Count(checkpoints, "\n") != 2 {
		t.Fatalf("status %d, %q, %q", status, checkpoints, errs)
	}
	text, _ := exported(t, b, workspace)
	elsewhere := newBox(t)
	kept, whole := elsewhere.write("checkpoints", checkpoints), elsewhere.write("chain", text)
	call := func(file string) []string {
		return []string{"audit", "verify", "--file", file, "--checkpoints", kept, "--key", key}
	}
	if status, out, errs := elsewhere.run(call(whole)...); status != 0 || !strings.Contains(out, "intact") {
		t.Fatalf("status %d, %q, %q", status, out, errs)
	}
	lines := strings.SplitAfter(text, "\n")
	elsewhere.refused("the tail is missing", call(elsewhere.write("cut", strings.Join(lines[:len(lines)-3], "")))...)
	if _, err := os.Stat(filepath.Join(elsewhere.dir, "keys")); err == nil {
		t.Error("checking a file made keys")
	}
}
