package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// benchPlan is what to measure, and on what.
type benchPlan struct {
	workspaces, clients, appointments, search int
	notes, drafts                             int
	users                                     int
	settle, lasting                           time.Duration
	url, cookies                              string
	only                                      string
}

// bench seeds practices through the store, starts the product as a process of
// its own, and drives it over loopback. With --url it drives a running server
// instead, as whoever the cookies belong to.
func bench(env Env, args []string) error {
	var p benchPlan
	f := flags(env, "bench")
	f.IntVar(&p.workspaces, "workspaces", 10, "practices to seed")
	f.IntVar(&p.clients, "clients", 1000, "clients in each practice")
	f.IntVar(&p.appointments, "appointments", 20_000, "appointments in each practice")
	f.IntVar(&p.search, "search-clients", 10_000, "clients of one more practice that is searched")
	f.IntVar(&p.notes, "notes", 500, "signed notes in each practice")
	f.IntVar(&p.drafts, "drafts", 1500, "draft notes of each person, to be saved and signed")
	f.IntVar(&p.users, "users", 8, "people at work at the same time, each in one practice")
	f.DurationVar(&p.settle, "settle", 0, "how long to wait after seeding; PostgreSQL gathers its statistics within a minute")
	f.DurationVar(&p.lasting, "for", 5*time.Second, "how long each route is measured")
	f.StringVar(&p.url, "url", "", "measure this running server (set PAZPAZ_REQUESTS_PER_MINUTE=0 there)")
	f.StringVar(&p.cookies, "cookies", "", `with --url: "access_token=…; csrf_token=…" of a signed-in person`)
	f.StringVar(&p.only, "only", "", "measure only routes whose name contains this")
	if err := parse(f, args); err != nil {
		return err
	}
	if p.url != "" {
		return p.against(env)
	}
	return p.alone(env)
}

// against measures a running server.
func (p *benchPlan) against(env Env) error {
	u, err := url.Parse(p.url)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return errors.New("bench: --url must be an http:// address")
	}
	who := browserOf(p.cookies)
	if who.csrf == "" {
		return errors.New("bench: --cookies must hold access_token and csrf_token")
	}
	people := make([]browser, p.users)
	for i := range people {
		people[i] = who
	}
	return p.measure(env, load{addr: u.Host, people: people, searcher: who}, nil)
}

// alone seeds a database and measures a server of its own on it.
func (p *benchPlan) alone(env Env) (err error) {
	dir, err := os.MkdirTemp("", "pazpaz-bench-")
	if err != nil {
		return fmt.Errorf("bench folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	addr, err := freePort(env.Ctx)
	if err != nil {
		return err
	}
	env.Environ = append(keepSettings(env.Environ),
		"PAZPAZ_DATA_DIR="+dir, "PAZPAZ_ADDR="+addr, "PAZPAZ_PUBLIC_URL=http://"+addr,
		"PAZPAZ_REQUESTS_PER_MINUTE=0", "PAZPAZ_LOG_LEVEL=warn")
	began := env.Now()
	links, err := p.seed(env)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	fmt.Fprintf(env.Stdout, "seeded %d × %d clients, %d × %d appointments, and %d clients to search, in %s\n",
		p.workspaces, p.clients, p.workspaces, p.appointments, p.search, env.Now().Sub(began).Round(time.Millisecond))
	if err := pause(env.Ctx, p.settle); err != nil {
		return err
	}
	server, err := startServer(env, addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	server.describe(env)
	atWork := min(p.users, p.workspaces)
	people, err := signInAll(addr, append(links[:atWork:atWork], links[p.workspaces]))
	if err != nil {
		return err
	}
	workers := make([]browser, p.users)
	for i := range workers {
		workers[i] = people[i%atWork]
	}
	return p.measure(env, load{addr: addr, people: workers, searcher: people[atWork]}, server)
}

// keepSettings drops settings that would point the benchmark at real data;
// the database is kept, because it says which engine to measure.
func keepSettings(environ []string) []string {
	var kept []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "PAZPAZ_") || name == "PAZPAZ_DATABASE_URL" || name == "PAZPAZ_DATABASE_OWNER_URL" {
			kept = append(kept, e)
		}
	}
	return kept
}

// benchRoute is one kind of request.
type benchRoute struct {
	name     string
	searcher bool // by the person of the large practice
	prepare  func(load) error
	request  func(who browser, n int) string
}

func benchRoutes() []benchRoute {
	get := func(path string) func(browser, int) string {
		return func(who browser, _ int) string { return who.get(path) }
	}
	// Parts of names that the seeded practice has, common and rare.
	words := []string{"%D7%A0%D7%95%D7%A2%D7%94", "cohen", "son%20a", "0555", "zz", "%D7%9C%D7%95%D7%99", "mar", "44"}
	return []benchRoute{
		{name: "session check (auth/me)", request: get("/api/v1/auth/me")},
		{name: "list 50 clients", request: get("/api/v1/clients")},
		{name: "list 50 + appointments", request: get("/api/v1/clients?include=appointments")},
		{name: "read client (first of list)", request: func(who browser, _ int) string { return who.get("/api/v1/clients/" + who.client) }},
		{name: "create client", request: func(who browser, n int) string { return who.create(n) }},
		{name: "search 10,000 clients", searcher: true, request: func(who browser, n int) string {
			return who.get("/api/v1/clients?limit=20&q=" + words[n%len(words)])
		}},
	}
}

func (p *benchPlan) measure(env Env, l load, server *benchServer) error {
	if err := l.findClients(); err != nil {
		return err
	}
	b := &booth{now: env.Now, drafts: map[string][]*benchDraft{}, at: map[string]int{}}
	fmt.Fprintf(env.Stdout, "\n%-28s %9s %8s %8s %8s %8s %7s %9s %7s\n",
		"route ("+fmt.Sprint(p.users)+" users)", "req/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors", "CPU µs/rq", "RSS MB")
	for _, r := range slices.Concat(benchRoutes(), b.calendarRoutes(), b.noteRoutes(p)) {
		if !strings.Contains(r.name, p.only) {
			continue
		}
		if r.prepare != nil {
			if err := r.prepare(l); err != nil {
				return err
			}
		}
		l.run(r, time.Second, env.Now) // warm up
		before := server.cpu()
		res := l.run(r, p.lasting, env.Now)
		cpu := server.cpu() - before
		fmt.Fprintln(env.Stdout, res.line(r.name, cpu, server.memory()))
	}
	return nil
}

// binarySize is the size of the running program in bytes.
func binarySize() int64 {
	path, err := os.Executable()
	if err != nil {
		return 0
	}
	info, err := os.Stat(filepath.Clean(path))
	if err != nil {
		return 0
	}
	return info.Size()
}

// pause waits, unless the process is told to end.
func pause(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	case <-wait.C:
		return nil
	}
}
