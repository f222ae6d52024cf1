package cli_test

import (
	"bufio"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/crypt"
	"pazpaz/internal/jobs"
	"pazpaz/internal/mail"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestInstancesActAsOne(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		one := f.start("--demo")
		two := f.start("--demo")
		p, other := newPerson(t), newPerson(t)
		p.signIn(one, two.addr) // a link that one has printed, used at the other
		other.signIn(two, one.addr)
		for _, n := range f.nodes {
			p.do(201, http.MethodPost, n.addr, "/api/v1/clients", oneMore)
		}
		p.do(403, http.MethodPost, two.addr, "/api/v1/clients", oneMore, "X-CSRF-Token", "another")

		events := other.hears(two.addr)
		heard(t, events, "hello")
		p.do(201, http.MethodPost, one.addr, "/api/v1/clients", oneMore)
		heard(t, events, "change")

		p.do(204, http.MethodDelete, one.addr, "/api/v1/auth/sessions", "")
		other.do(401, http.MethodGet, two.addr, "/api/v1/auth/me", "")
		p.do(200, http.MethodGet, two.addr, "/api/v1/auth/me", "")
		stolen := p.cookies(one.addr)
		p.do(204, http.MethodPost, two.addr, "/api/v1/auth/logout", "")
		p.do(401, http.MethodGet, one.addr, "/api/v1/auth/me", "", "Cookie", stolen)
	})
}

// A thief who tries one process after the other has no more tries.
func TestInstancesCountTriesTogether(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		f.start()
		f.start()
		p := newPerson(t)
		refused := 0
		for i := range 40 {
			a, err := p.try(http.MethodPost, f.nodes[i%2].addr, "/api/v1/auth/verify", `{"token":"`+strings.Repeat("x", 43)+`"}`)
			testkit.NoErr(t, err)
			if a.status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused < 8 { // of 30 in five minutes, some may have come back on a slow machine
			t.Errorf("%d of 40 tries were refused", refused)
		}
	})
}

// A process that is told to stop answers what it has begun, takes nothing
// more, and leaves the rest to the others.
func TestInstanceStopsWithoutLosingARequest(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		one := f.start()
		conn, err := net.Dial("tcp", f.url())
		testkit.NoErr(t, err)
		defer func() { _ = conn.Close() }()
		const body = `{"email":"somebody@example.com"}`
		_, err = fmt.Fprintf(conn, "POST /api/v1/auth/magic-link HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", f.url(), len(body))
		testkit.NoErr(t, err)
		answers := bufio.NewReader(conn)
		if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("got %q, %v", line, err)
		}
		_, _ = answers.ReadString('\n')
		f.start()
		stopped := make(chan int, 1)
		go func() { stopped <- one.stop() }()
		eventually(t, "the first takes nothing more", func() bool { return !one.ready() })
		p := newPerson(t)
		for range 5 {
			p.do(200, http.MethodGet, f.url(), "/readyz", "")
		}
		_, err = io.WriteString(conn, body)
		testkit.NoErr(t, err)
		res, err := http.ReadResponse(answers, nil)
		testkit.NoErr(t, err)
		defer res.Body.Close()
		if res.StatusCode != http.StatusAccepted {
			t.Errorf("the request that was running was answered with %d", res.StatusCode)
		}
		if got := <-stopped; got != 0 {
			t.Errorf("exit status %d: %s", got, one.errs.String())
		}
	})
}

// While processes are killed and started at random, people work on and every
// mail is sent: once, and once more at most for each process that was killed.
// TEST_SEED repeats a run's choices.
func TestInstancesAreKilledAtRandom(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		seed := rand.Uint64()
		if s := os.Getenv("TEST_SEED"); s != "" {
			seed, _ = strconv.ParseUint(s, 10, 64)
		}
		t.Logf("TEST_SEED=%d", seed)
		chance := rand.New(rand.NewPCG(seed, 1))
		first := f.start("--demo")
		f.start()
		f.start()
		p := newPerson(t)
		p.signIn(first, f.url())
		work := newWork(p, f.url(), 2)
		const kills = 4
		for n := range kills {
			f.enqueue(n*20, 20)
			<-time.After(time.Duration(chance.IntN(100)) * time.Millisecond)
			f.lose(chance.IntN(len(f.nodes)))
			f.start()
		}
		work.end(t)
		if n := f.db.Count("select count(*) from clients"); n != 30+int(work.made.Load()) {
			t.Errorf("%d clients, want 30 and the %d that were answered for", n, work.made.Load())
		}
		p.do(200, http.MethodGet, f.url(), "/api/v1/auth/me", "")
		f.mailsOnce(20*kills, kills)
		if n := f.db.Count("select count(*) from audit_events where action = 'client.create' and outcome = 'ok'"); n < 30+int(work.made.Load()) {
			t.Errorf("%d clients are in the audit trail", n)
		}
	})
}

// enqueue puts mails into the queue, as a request would.
func (f *fleet) enqueue(first, n int) {
	f.t.Helper()
	m, err := crypt.ParseMasters(f.master)
	testkit.NoErr(f.t, err)
	s, err := store.Open(f.t.Context(), store.Options{URL: f.direct, Masters: m, Now: time.Now, Random: cryptorand.Reader, Conns: 2})
	testkit.NoErr(f.t, err)
	defer s.Close() //nolint:errcheck // it is over
	err = s.Identity(f.t.Context(), func(tx *store.IdentityTx) error {
		for i := first; i < first+n; i++ {
			raw, err := json.Marshal(jobs.Mail{Message: mail.Message{ID: fmt.Sprintf("chaos-%d", i), To: "somebody@example.com", Subject: "x", Text: "x", Date: time.Now()}})
			if err == nil {
				err = tx.Enqueue(store.Job{ID: uuid.New(), Kind: auth.JobMail, Payload: raw})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	testkit.NoErr(f.t, err)
}

// mailsOnce waits for all mails and counts them. What a killed process has
// begun is taken by another when its lease ends; the test ends the leases of
// those that nobody works on any more.
func (f *fleet) mailsOnce(want, kills int) {
	f.t.Helper()
	stuck := ""
	eventually(f.t, "every mail is sent", func() bool {
		left := fmt.Sprint(f.db.Rows("select id, attempts from jobs where state = 'running' order by id"))
		ready := f.db.Count("select count(*) from jobs where state = 'ready'")
		if ready == 0 && left != "[]" && left == stuck {
			testkit.NoErr(f.t, f.db.Exec("update jobs set lease_until = created_at where state = 'running'"))
		}
		stuck = left
		<-time.After(300 * time.Millisecond)
		return ready == 0 && left == "[]"
	})
	counts := f.mails.Counts()
	sent, twice := 0, 0
	for id, n := range counts {
		if strings.HasPrefix(id, "<chaos-") {
			sent++
			twice += n - 1
		}
	}
	if sent != want {
		f.t.Errorf("%d mails of %d arrived", sent, want)
	}
	if twice > kills {
		f.t.Errorf("%d mails came twice after %d kills", twice, kills)
	}
}

// work is people who go on entering clients, and ask again with the same key
// when a process died under their request.
type work struct {
	over chan struct{}
	all  sync.WaitGroup
	made atomic.Int64
	bad  atomic.Value
}

func newWork(p *person, addr string, people int) *work {
	w := &work{over: make(chan struct{})}
	for range people {
		w.all.Go(func() {
			for {
				select {
				case <-w.over:
					return
				default:
					w.one(p, addr)
				}
			}
		})
	}
	return w
}

// one enters a client until somebody has answered for it.
func (w *work) one(p *person, addr string) {
	key := cryptorand.Text()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		a, err := p.try(http.MethodPost, addr, "/api/v1/clients", oneMore, "Idempotency-Key", key)
		switch {
		case err != nil || a.status == http.StatusServiceUnavailable:
		case a.status == http.StatusCreated || a.status == http.StatusOK:
			w.made.Add(1)
			return
		default:
			w.bad.Store(fmt.Sprintf("%d %s", a.status, a.body))
			return
		}
	}
	w.bad.Store("nobody answered")
}

func (w *work) end(t *testing.T) {
	t.Helper()
	close(w.over)
	w.all.Wait()
	if bad := w.bad.Load(); bad != nil {
		t.Errorf("somebody could not work: %v", bad)
	}
	if w.made.Load() == 0 {
		t.Error("nobody worked")
	}
}
