package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A server that takes connections and never answers is not told from a slow
// one by waiting. So when nothing has come back for a second, the pulse asks on
// a connection of its own. Who is slow is waited for; of who is silent all
// connections are closed, which ends every wait, and no new one is made until
// the server answers again.
const (
	beat       = 250 * time.Millisecond
	quietBeats = 4
	// longestBeats is when a single connection is given up though the server
	// answers on others: it ends a statement by itself after 15 seconds.
	longestBeats = 64
	// askTime is how long an answer may take; from each host, where the address
	// names several.
	askTime = 3 * time.Second
	// connectTime is how long a connection may take until it is signed in.
	connectTime = 5 * time.Second
)

// errSilent answers whoever would wait for a silent server.
var errSilent = errors.New("the database does not answer")

// pulse watches the connections of a pool.
type pulse struct {
	ask  func(context.Context) error // has the server answer on a fresh connection
	stop context.CancelFunc
	over sync.WaitGroup

	beats atomic.Int64 // since the start
	heard atomic.Int64 // when anything came last

	mu     sync.Mutex
	lines  map[*line]struct{}
	silent bool
	asking bool
}

// line is a connection to the server.
type line struct {
	net.Conn

	pulse *pulse
	asked atomic.Int64 // the beat since which an answer is due; 0 when none is
}

func newPulse(ask func(context.Context) error) *pulse {
	p := &pulse{ask: ask, lines: map[*line]struct{}{}}
	p.beats.Store(1)
	return p
}

// start watches what p dials, until end.
func (p *pulse) start(ctx context.Context) {
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.over.Go(func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.look(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
}

func (p *pulse) end() {
	p.stop()
	p.over.Wait()
}

// dial connects, unless the server is silent.
func (p *pulse) dial(ctx context.Context, network, address string) (net.Conn, error) {
	p.mu.Lock()
	silent := p.silent
	p.mu.Unlock()
	if silent {
		return nil, errSilent
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: c, pulse: p}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines[l] = struct{}{}
	return l, nil
}

// look is one beat.
func (p *pulse) look(ctx context.Context) {
	now := p.beats.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := now
	for l := range p.lines {
		since := l.asked.Load()
		if since == 0 {
			continue
		}
		oldest = min(oldest, since)
		if now-since > longestBeats {
			_ = l.Conn.Close() // whoever waits for it hears that
		}
	}
	if p.asking || !p.silent && now-max(oldest, p.heard.Load()) < quietBeats {
		return
	}
	p.asking = true
	p.over.Go(func() { p.judge(ctx, now) })
}

// judge asks the server and ends all waits when it is silent. An answer to
// anybody meanwhile counts as well.
func (p *pulse) judge(ctx context.Context, begun int64) {
	err := p.ask(ctx)
	if ctx.Err() != nil {
		return
	}
	_, refused := errors.AsType[*pgconn.PgError](err)
	if err == nil || refused || p.heard.Load() > begun {
		p.heard.Store(p.beats.Load())
		p.found(false)
		return
	}
	for _, l := range p.found(true) {
		_ = l.Conn.Close() // the pool throws it away: nobody has used it for a second
	}
}

// found notes whether the server is silent and returns the lines there are.
func (p *pulse) found(silent bool) (all []*line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking, p.silent = false, silent
	for l := range p.lines {
		all = append(all, l)
	}
	return all
}

// Write implements net.Conn.
func (l *line) Write(b []byte) (int, error) {
	l.asked.CompareAndSwap(0, l.pulse.beats.Load())
	return l.Conn.Write(b)
}

// Read implements net.Conn.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.asked.Store(0)
		l.pulse.heard.Store(l.pulse.beats.Load())
	}
	return n, err
}

// Close implements net.Conn.
func (l *line) Close() error {
	l.pulse.mu.Lock()
	delete(l.pulse.lines, l)
	l.pulse.mu.Unlock()
	return l.Conn.Close()
}

// asker has the server of cfg answer on a fresh connection.
func asker(cfg *pgx.ConnConfig) func(context.Context) error {
	hosts := map[string]bool{cfg.Host: true}
	for _, f := range cfg.Fallbacks {
		hosts[f.Host] = true
	}
	patience := time.Duration(len(hosts)) * askTime
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		c, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return fmt.Errorf("ask the database: %w", err)
		}
		return c.Close(ctx)
	}
}
