package cli_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/testkit"
)

const systemChain = "00000000-0000-0000-0000-000000000000"

// losses are what can happen to the file of checkpoints while the program does
// not run.
var losses = map[string]func(t *testing.T, path string){
	"are missing": func(t *testing.T, path string) {
		t.Helper()
		testkit.NoErr(t, os.Remove(path))
	},
	"are cut": func(t *testing.T, path string) {
		t.Helper()
		text, err := os.ReadFile(path)
		testkit.NoErr(t, err)
		testkit.NoErr(t, os.Truncate(path, int64(bytes.LastIndexByte(text[:len(text)-1], '\n')+1)))
	},
	"are not those that were written": func(t *testing.T, path string) {
		t.Helper()
		text, err := os.ReadFile(path)
		testkit.NoErr(t, err)
		testkit.NoErr(t, os.WriteFile(path, bytes.Repeat([]byte("\n"), len(text)), 0o600))
	},
}

func TestLostCheckpointsAreNamed(t *testing.T) {
	t.Parallel()
	for what, lose := range losses {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b, _ := practised(t)
			if status, _, errs := b.run("audit", "verify"); status != 0 {
				t.Fatalf("before: %s", errs)
			}
			lose(t, filepath.Join(b.dir, "audit-checkpoints.jsonl"))
			b.refused("the checkpoints "+what, "audit", "verify")
			var errs testkit.Buffer
			_, stop := b.serveLogging(&errs)
			stop()
			if !strings.Contains(errs.String(), "audit checkpoints were lost") || !strings.Contains(errs.String(), what) {
				t.Errorf("the start said %s", errs.String())
			}
			if status, _, errs := b.run("audit", "verify"); status != 0 {
				t.Errorf("after it was told: %s", errs)
			}
			if text, _ := exported(t, b, systemChain); strings.Count(text, `"action":"audit.checkpoints_lost"`) != 1 {
				t.Errorf("the system's chain says %s", text)
			}
			_, stop = b.serveLogging(&errs)
			stop()
			if n := strings.Count(errs.String(), "audit checkpoints were lost"); n != 1 {
				t.Errorf("it was told %d times", n)
			}
		})
	}
}

func TestCheckpointsAreCopiedElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := t.TempDir()
	b := newBox(t, "PAZPAZ_CHECKPOINTS_URL=file://"+elsewhere)
	_, stop := b.serve("--demo")
	stop()
	own, err := os.ReadFile(filepath.Join(b.dir, "audit-checkpoints.jsonl"))
	testkit.NoErr(t, err)
	copied, err := os.ReadFile(filepath.Join(elsewhere, "audit-checkpoints.jsonl"))
	testkit.NoErr(t, err)
	if !bytes.Equal(own, copied) || !bytes.Contains(own, []byte(systemChain)) {
		t.Fatalf("the copy is %s, not %s", copied, own)
	}
	b.tamper(freeHands, "delete from audit_events where seq > 3", "update audit_heads set seq = 3, hash = (select hash from audit_events e where e.workspace_id = audit_heads.workspace_id and seq = 3) where seq > 3")
	b.refused("the tail is missing", "audit", "verify", "--checkpoints", filepath.Join(elsewhere, "audit-checkpoints.jsonl"))
}

// A copy that cannot be made harms nothing, and is said.
func TestCheckpointsThatCannotBeCopiedAreSaid(t *testing.T) {
	t.Parallel()
	b := newBox(t, "PAZPAZ_CHECKPOINTS_URL=file://"+filepath.Join(t.TempDir(), "none"))
	var errs testkit.Buffer
	_, stop := b.serveLogging(&errs, "--demo")
	stop()
	if !strings.Contains(errs.String(), "audit checkpoints could not be copied") {
		t.Errorf("said %s", errs.String())
	}
	if status, _, errs := b.run("audit", "verify"); status != 0 {
		t.Error(errs)
	}
}

func TestCheckpointsAreMailedOnceADay(t *testing.T) {
	t.Parallel()
	b := newBox(t, "PAZPAZ_CHECKPOINTS_URL=mailto:keeper@example.org")
	mails := func() (all []string) {
		files, err := filepath.Glob(filepath.Join(b.dir, "mail", "*.eml"))
		testkit.NoErr(t, err)
		for _, f := range files {
			text, err := os.ReadFile(f)
			testkit.NoErr(t, err)
			if strings.Contains(string(text), "audit checkpoints") {
				all = append(all, string(text))
			}
		}
		return all
	}
	_, stop := b.serve("--demo")
	for range 2000 {
		if len(mails()) > 0 {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	stop()
	_, stop = b.serve()
	stop()
	got := mails()
	if len(got) != 1 || !strings.Contains(got[0], "To: <keeper@example.org>") || !strings.Contains(got[0], "public key: ") || !strings.Contains(got[0], systemChain) {
		t.Fatalf("%d mails: %s", len(got), got)
	}
}

// A chain that grows fast is signed before the minute is over.
func TestAThousandEntriesAreSignedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	out, stop := b.serve("--demo")
	defer stop()
	jar, err := cookiejar.New(nil)
	testkit.NoErr(t, err)
	browser := &http.Client{Jar: jar}
	ask := func(res *http.Response, err error) {
		t.Helper()
		testkit.NoErr(t, err)
		testkit.NoErr(t, res.Body.Close())
		if res.StatusCode != http.StatusOK {
			t.Fatalf("status %d", res.StatusCode)
		}
	}
	base := "http://" + b.addr + "/api/v1"
	ask(browser.Post(base+"/auth/verify", "application/json", strings.NewReader(`{"token":"`+link(t, out)+`"}`)))
	for range 1000 {
		ask(browser.Get(base + "/clients?limit=1"))
	}
	for range 2000 {
		text, _ := os.ReadFile(filepath.Join(b.dir, "audit-checkpoints.jsonl"))
		for line := range strings.Lines(string(text)) {
			var c audit.Checkpoint
			if json.Unmarshal([]byte(line), &c) == nil && c.Seq >= 1000 {
				return
			}
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Error("no checkpoint was signed")
}
