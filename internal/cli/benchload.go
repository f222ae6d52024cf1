package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// browser is a signed-in person, as bytes to put on a connection. The load is
// written by hand, because a client that costs as much as the server would
// halve what is measured on the same cores.
type browser struct {
	cookies, csrf string
	client        string // a client of the practice
}

func browserOf(cookies string) browser {
	b := browser{cookies: cookies}
	for pair := range strings.SplitSeq(cookies, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.HasSuffix(name, "csrf_token") {
			b.csrf = value
		}
	}
	return b
}

func (b browser) get(path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: bench\r\nCookie: " + b.cookies + "\r\n\r\n"
}

func (b browser) post(path, body string) string { return b.send(http.MethodPost, path, body) }

func (b browser) patch(path, body string) string { return b.send(http.MethodPatch, path, body) }

func (b browser) send(method, path, body string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: bench\r\nCookie: %s\r\nX-CSRF-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, b.cookies, b.csrf, len(body), body)
}

// create asks for a client nobody has seen before.
func (b browser) create(n int) string {
	return b.post("/api/v1/clients", fmt.Sprintf(`{"first_name":"Created","last_name":"Client %d","email":"new-%d@example.com",`+
		`"phone":"+1 212 %07d","date_of_birth":"1980-05-05","medical_history":"Tension headaches, mostly in the evening.","tags":["bench"]}`, n, n, n%10_000_000))
}

// load is the people who work at the same time.
type load struct {
	addr     string
	people   []browser
	searcher browser
}

// measured is what one run found.
type measured struct {
	took   []time.Duration
	errors int
	whole  time.Duration
	first  error
}

// run lets everybody repeat the route for the given time.
func (l load) run(r benchRoute, lasting time.Duration, now func() time.Time) measured {
	var mu sync.Mutex
	var all measured
	var wg sync.WaitGroup
	begin := now()
	for i, who := range l.people {
		if r.searcher {
			who = l.searcher
		}
		wg.Go(func() {
			one := l.work(r, who, i, begin, lasting, now)
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, one.took...)
			all.errors += one.errors
			all.first = errors.Join(all.first, one.first)
		})
	}
	wg.Wait()
	all.whole = now().Sub(begin)
	return all
}

func (l load) work(r benchRoute, who browser, worker int, begin time.Time, lasting time.Duration, now func() time.Time) (m measured) {
	line, err := dialLine(l.addr)
	if err != nil {
		return measured{errors: 1, first: err}
	}
	defer line.c.Close() //nolint:errcheck // the measurement is over
	for n := worker; ; n += len(l.people) {
		start := now()
		if start.Sub(begin) >= lasting {
			return m
		}
		request := r.request(who, int(start.UnixMicro())+n)
		if request == "" {
			return m // nothing is left to do it on
		}
		status, err := line.exchange(request, nil)
		if err != nil || status >= http.StatusBadRequest {
			m.errors++
			m.first = errors.Join(err, fmt.Errorf("%s answered %d", r.name, status))
			return m
		}
		m.took = append(m.took, now().Sub(start))
	}
}

// line is a connection that is used again and again.
type line struct {
	c net.Conn
	r *bufio.Reader
}

func dialLine(addr string) (line, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second) //nolint:noctx // bounded by its own time-out
	if err != nil {
		return line{}, fmt.Errorf("connect: %w", err)
	}
	return line{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// exchange sends a request and reads the whole answer, into body when it is
// not nil.
func (l line) exchange(request string, body io.Writer) (int, error) {
	if _, err := io.WriteString(l.c, request); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	res, err := http.ReadResponse(l.r, nil)
	if err != nil {
		return 0, fmt.Errorf("receive: %w", err)
	}
	defer res.Body.Close()
	if body == nil {
		body = io.Discard
	}
	if _, err := io.Copy(body, res.Body); err != nil {
		return 0, fmt.Errorf("receive: %w", err)
	}
	return res.StatusCode, nil
}

// findClients looks up a client of everybody's practice.
func (l load) findClients() error {
	for i := range l.people {
		line, err := dialLine(l.addr)
		if err != nil {
			return err
		}
		var body strings.Builder
		_, err = line.exchange(l.people[i].get("/api/v1/clients?limit=1"), &body)
		if err := errors.Join(err, line.c.Close()); err != nil {
			return err
		}
		var clients []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(body.String()), &clients); err != nil || len(clients) == 0 {
			return errors.New("bench: the person sees no client; are the cookies good?")
		}
		l.people[i].client = clients[0].ID
	}
	return nil
}

// signInAll uses the links up and returns the signed-in people.
func signInAll(addr string, tokens []string) ([]browser, error) {
	people := make([]browser, len(tokens))
	for i, token := range tokens {
		line, err := dialLine(addr)
		if err != nil {
			return nil, err
		}
		body := `{"token":"` + token + `"}`
		cookies, err := line.cookies(browser{}.post("/api/v1/auth/verify", body))
		if err := errors.Join(err, line.c.Close()); err != nil {
			return nil, err
		}
		people[i] = browserOf(cookies)
	}
	return people, nil
}

func (l line) cookies(request string) (string, error) {
	if _, err := io.WriteString(l.c, request); err != nil {
		return "", fmt.Errorf("send: %w", err)
	}
	res, err := http.ReadResponse(l.r, nil)
	if err != nil {
		return "", fmt.Errorf("receive: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("sign in answered %d", res.StatusCode)
	}
	var pairs []string
	for _, c := range res.Cookies() {
		if c.Value != "" {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; "), nil
}

// line prints the figures of a run; cpu is the server's, in microseconds.
func (m measured) line(name string, cpu int64, memory float64) string {
	slices.Sort(m.took)
	at := func(q float64) float64 {
		if len(m.took) == 0 {
			return 0
		}
		return float64(m.took[int(q*float64(len(m.took)-1))].Microseconds()) / 1000
	}
	n := max(1, len(m.took))
	text := fmt.Sprintf("%-28s %9.0f %8.2f %8.2f %8.2f %8.2f %7d %9d %7.1f", name,
		float64(len(m.took))/m.whole.Seconds(), at(.50), at(.95), at(.99), at(1), m.errors, cpu/int64(n), memory)
	if m.first != nil {
		text += "\n  first error: " + oneLine(m.first)
	}
	return text
}
