package store_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// The crash test starts this binary once more as a program that writes, and
// kills it in the middle. These settings turn a run of TestCrashWriter into
// that program.
const (
	crashURL       = "PAZPAZ_CRASH_URL"
	crashKey       = "PAZPAZ_CRASH_KEY"
	crashWorkspace = "PAZPAZ_CRASH_WORKSPACE"
)

// TestCrashWriter writes until it is killed, and says of each client that was
// acknowledged its id. Without the settings it is no test and does nothing.
func TestCrashWriter(t *testing.T) {
	url := os.Getenv(crashURL)
	if url == "" {
		return
	}
	masters, err := crypt.ParseMasters(os.Getenv(crashKey))
	testkit.NoErr(t, err)
	s, err := store.Open(context.Background(), store.Options{URL: url, Masters: masters, Now: time.Now, Random: rand.Reader})
	testkit.NoErr(t, err)
	sc := s.OperatorScope(uuid.MustParse(os.Getenv(crashWorkspace)))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				c := model.Client{ID: uuid.New(), Contact: model.Contact{FirstName: "Crash", LastName: "Test"}}
				err := s.Write(context.Background(), sc, model.ClientCreate, func(tx *store.Tx) error {
					_, err := tx.InsertClient(c)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				fmt.Println("acknowledged", c.ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// TestKilledWriterLosesNothing kills the program eight times under load. What
// it had acknowledged must be there, nothing may be there by half, and the
// audit chain must be whole.
func TestKilledWriterLosesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		key := "v1:" + base64.StdEncoding.EncodeToString(testkit.RandomBytes(t, crypt.KeySize))
		masters, err := crypt.ParseMasters(key)
		testkit.NoErr(t, err)
		fresh := testkit.WithMasters(t, k.Engine, masters)
		workspace := fresh.AddWorkspace(1).ID
		var acknowledged []string
		for round := range 8 {
			acknowledged = append(acknowledged, killAfter(t, fresh.URL, key, workspace, 10+round*17)...)
		}
		stored := map[string]bool{}
		for _, row := range fresh.DB.Rows("select id from clients") {
			stored[row[0]] = true
		}
		for _, id := range acknowledged {
			if !stored[id] {
				t.Errorf("client %s was acknowledged and is gone", id)
			}
		}
		again := fresh.OpenStore()
		wantIntact(&testkit.Kit{T: t, Store: again, DB: fresh.DB}, workspace)
		created := fresh.DB.Count("select count(*) from audit_events where action = 'client.create' and workspace_id = $1", workspace.String())
		if created != len(stored) {
			t.Errorf("%d clients, but %d entries that say so", len(stored), created)
		}
		t.Logf("%s: %d acknowledged, %d stored", k.Engine, len(acknowledged), len(stored))
	})
}

// killAfter runs the writer and kills it once it has acknowledged n writes;
// it returns the ids that had been acknowledged by then.
func killAfter(t *testing.T, url, key string, workspace uuid.UUID, n int) []string {
	t.Helper()
	self, err := os.Executable()
	testkit.NoErr(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestCrashWriter$")
	cmd.Env = append(os.Environ(), crashURL+"="+url, crashKey+"="+key, crashWorkspace+"="+workspace.String())
	out, err := cmd.StdoutPipe()
	testkit.NoErr(t, err)
	testkit.NoErr(t, cmd.Start())
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var id string
		if _, err := fmt.Sscanf(lines.Text(), "acknowledged %s", &id); err == nil && len(id) == 36 {
			ids = append(ids, id)
		}
		if len(ids) == n {
			testkit.NoErr(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the writer ended by itself")
	}
	if len(ids) < n {
		t.Fatalf("the writer ended after %d writes", len(ids))
	}
	return ids
}
