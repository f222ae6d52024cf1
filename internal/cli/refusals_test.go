package cli_test

import (
	"net/http"
	"strings"
	"testing"
)

// setUp makes a practice that is not the demo's.
func (b *box) setUp() {
	b.t.Helper()
	out, stop := b.serve()
	defer stop()
	body := `{"token":"` + tokenIn(b.t, out, "setup") + `","practice_name":"Levi","full_name":"Noa Levi","email":"noa@example.com"}`
	res, err := http.Post("http://"+b.addr+"/api/v1/setup", "application/json", strings.NewReader(body))
	if err != nil || res.StatusCode != http.StatusCreated {
		b.t.Fatalf("set up: %v, %v", res, err)
	}
	if err := res.Body.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// A link that the console prints signs in as somebody: never as the owner of
// a real practice.
func TestDemoNeverPrintsALinkToARealPractice(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.setUp()
	b.refused("--demo is for the demo practice", "serve", "--demo")
}

func TestBenchRefusesADatabaseInUse(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.setUp()
	b.more = []string{"PAZPAZ_DATABASE_URL=sqlite:" + b.dir + "/pazpaz.db", "ENCRYPTION_MASTER_KEY_FILE=" + b.dir + "/keys/master.keys"}
	b.refused("the database is in use", "bench", "--for", "10ms")
	_, out, _ := b.run("audit", "verify")
	if strings.Count(out, "\n") != 2 { // the system's chain and the practice's
		t.Fatalf("the benchmark left something behind: %s", out)
	}
}
