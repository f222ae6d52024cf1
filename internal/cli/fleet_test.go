package cli_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// asProduct makes the test's own program be the product.
const asProduct = "TEST_AS_PAZPAZ"

// TestMain lets tests start real processes of the product, which can be killed.
func TestMain(m *testing.M) {
	if os.Getenv(asProduct) == "" {
		os.Exit(m.Run())
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the test, whatever ends that
		os.Exit(3)
	}()
	os.Exit(cli.Main(os.Args[1:], cli.Process()))
}

// fleet is some processes of the product on one PostgreSQL and one Redis, each
// behind a gate of its own, with a balancer before the processes.
type fleet struct {
	t               *testing.T
	db              *testkit.DB
	balancer        *testkit.Gate
	postgres, redis *testkit.Gate
	mails           *testkit.MailServer
	settings        []string
	direct, master  string // the database without its gate, the master key
	nodes           []*node
}

// onFleet runs fn with a fleet that has no process yet. Without PostgreSQL
// and Redis it is not run; in CI that is a failure.
func onFleet(t *testing.T, fn func(t *testing.T, f *fleet)) {
	t.Helper()
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		if engine == "postgres" && os.Getenv("TEST_REDIS_URL") != "" {
			fn(t, newFleet(t))
		}
	}
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, direct: testkit.FreshDatabase(t, "postgres"), balancer: testkit.NewGate(t), mails: testkit.NewMailServer(t)}
	f.db = testkit.Outside(t, "postgres", f.direct)
	var database, shared string
	f.postgres, database = gated(t, f.direct)
	f.redis, shared = gated(t, os.Getenv("TEST_REDIS_URL"))
	f.master = randomKey(t)
	f.settings = []string{
		asProduct + "=yes", "PAZPAZ_DATABASE_URL=" + database, "PAZPAZ_DATABASE_OWNER_URL=" + f.direct, "PAZPAZ_REDIS_URL=" + shared,
		"PAZPAZ_MAIL_URL=" + f.mails.URL, "PAZPAZ_PUBLIC_URL=http://" + f.balancer.Addr, "PAZPAZ_TRUSTED_PROXIES=127.0.0.1",
		"ENCRYPTION_MASTER_KEY=" + f.master, "SECRET_KEY=" + rand.Text() + rand.Text(), "PAZPAZ_LOG_LEVEL=warn",
	}
	return f
}

// gated is a server's address behind a gate of its own.
func gated(t *testing.T, address string) (g *testkit.Gate, through string) {
	t.Helper()
	u, err := url.Parse(address)
	testkit.NoErr(t, err)
	g = testkit.NewGate(t, u.Host)
	u.Host = g.Addr
	return g, u.String()
}

// node is one process.
type node struct {
	t         *testing.T
	addr      string
	metrics   string // address of its metrics
	command   *exec.Cmd
	out, errs testkit.Buffer
	ended     chan error
}

// start starts one more process and waits until it can serve.
func (f *fleet) start(args ...string) *node {
	f.t.Helper()
	n := &node{t: f.t, addr: freeAddr(f.t), metrics: freeAddr(f.t), ended: make(chan error, 1)}
	self, err := os.Executable()
	testkit.NoErr(f.t, err)
	n.command = exec.CommandContext(context.Background(), self, append([]string{"serve"}, args...)...)
	n.command.Env = append([]string{"PAZPAZ_ADDR=" + n.addr, "PAZPAZ_METRICS_ADDR=" + n.metrics, "PAZPAZ_DATA_DIR=" + f.t.TempDir()}, f.settings...)
	n.command.Stdout, n.command.Stderr = &n.out, &n.errs
	stdin, err := n.command.StdinPipe()
	testkit.NoErr(f.t, err)
	testkit.NoErr(f.t, n.command.Start())
	go func() { n.ended <- n.command.Wait(); _ = stdin.Close() }()
	f.t.Cleanup(n.kill)
	f.nodes = append(f.nodes, n)
	f.lead()
	eventually(f.t, "a process serves", func() bool { return n.ready() })
	return n
}

func (n *node) ready() bool {
	res, err := http.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the process at once, as a power cut would.
func (n *node) kill() {
	_ = n.command.Process.Kill()
	n.ended <- <-n.ended
}

// stop asks the process to end and returns its exit status.
func (n *node) stop() int {
	n.t.Helper()
	testkit.NoErr(n.t, n.command.Process.Signal(syscall.SIGTERM))
	n.ended <- <-n.ended
	return n.command.ProcessState.ExitCode()
}

// lose kills a process, and its address is no longer in the balancer.
func (f *fleet) lose(i int) {
	f.nodes[i].kill()
	f.nodes = append(f.nodes[:i:i], f.nodes[i+1:]...)
	f.lead()
}

func (f *fleet) lead() {
	var to []string
	for _, n := range f.nodes {
		to = append(to, n.addr)
	}
	f.balancer.Lead(to...)
}

// url is the product's address behind the balancer.
func (f *fleet) url() string { return f.balancer.Addr }

// eventually waits for what must come true by itself, for as long as a busy
// machine may need.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("in vain waited until %s", what)
}

// person is somebody at a browser, who reaches every process.
type person struct {
	t    *testing.T
	http *http.Client
	from string // the client's address, as the proxy tells it
}

// newPerson comes from an address that nobody else has.
func newPerson(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	testkit.NoErr(t, err)
	b := testkit.RandomBytes(t, 6)
	transport := &http.Transport{DisableKeepAlives: true} // each request meets another process
	t.Cleanup(transport.CloseIdleConnections)
	return &person{t, &http.Client{Jar: jar, Transport: transport, Timeout: 35 * time.Second}, fmt.Sprintf("2001:db8:%x:%x:%x::1", b[0:2], b[2:4], b[4:6])}
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// try sends a request with what a page would send; header is pairs of names
// and values.
func (p *person) try(method, addr, path, body string, header ...string) (answer, error) {
	req, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", p.from)
	for _, c := range p.http.Jar.Cookies(req.URL) {
		if c.Name == "csrf_token" {
			req.Header.Set("X-CSRF-Token", c.Value)
		}
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := p.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(text)}, err
}

// do is try where every failure is the test's.
func (p *person) do(want int, method, addr, path, body string, header ...string) answer {
	p.t.Helper()
	a, err := p.try(method, addr, path, body, header...)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != want {
		p.t.Fatalf("%s %s answered %d, want %d: %s", method, path, a.status, want, a.body)
	}
	return a
}

// signIn uses the link up that the process has printed.
func (p *person) signIn(n *node, addr string) {
	p.t.Helper()
	p.do(200, http.MethodPost, addr, "/api/v1/auth/verify", `{"token":"`+link(p.t, &n.out)+`"}`)
}

// ended waits for the end of a stream.
func ended(t *testing.T, events <-chan string) {
	t.Helper()
	for late := time.After(40 * time.Second); ; {
		select {
		case _, more := <-events:
			if !more {
				return
			}
		case <-late:
			t.Fatal("the stream did not end")
		}
	}
}

// cookies are what the browser would send there.
func (p *person) cookies(addr string) string {
	var all []string
	for _, c := range p.http.Jar.Cookies(&url.URL{Scheme: "http", Host: addr, Path: "/"}) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

const oneMore = `{"first_name":"One","last_name":"More"}`

// hears opens a stream of changes and returns the names of its events.
func (p *person) hears(addr string) <-chan string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+addr+"/api/v1/events", nil)
	testkit.NoErr(p.t, err)
	req.Header.Set("X-Forwarded-For", p.from)
	res, err := (&http.Client{Jar: p.http.Jar}).Do(req)
	testkit.NoErr(p.t, err)
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("the stream answered %d", res.StatusCode)
	}
	p.t.Cleanup(func() { _ = res.Body.Close() })
	events := make(chan string, 100)
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- name
			}
		}
	}()
	return events
}

// heard waits for an event.
func heard(t *testing.T, events <-chan string, want string) {
	t.Helper()
	select {
	case got := <-events:
		if got != want {
			t.Fatalf("heard %q, want %q", got, want)
		}
	case <-time.After(40 * time.Second):
		t.Fatalf("never heard %q", want)
	}
}
