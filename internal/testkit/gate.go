package testkit

import (
	"net"
	"sync"
	"testing"
)

// Gate is a plain TCP balancer: it hands each connection on to the next of the
// servers behind it that answers. Shut, it stands for servers that are away;
// mute, for servers that take everything and never answer.
type Gate struct {
	// Addr is where it listens: host:port.
	Addr string

	mu    sync.Mutex
	to    []string
	next  int
	shut  bool
	mute  bool
	lines map[net.Conn]bool // whether what it carries is swallowed
}

// NewGate opens a gate to the servers at those addresses.
func NewGate(t *testing.T, to ...string) *Gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	NoErr(t, err)
	g := &Gate{Addr: l.Addr().String(), to: to, lines: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); g.Shut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.carry(c)
		}
	}()
	return g
}

// Lead makes the gate lead to other servers; connections that are open stay.
func (g *Gate) Lead(to ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = to
}

// Shut cuts all connections, and new ones at once, until Open.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for c := range g.lines {
		_ = c.Close()
	}
}

// Mute takes connections until Open, and swallows what comes. The connections
// of that time, and those that were open before, never carry anything again.
func (g *Gate) Mute() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mute = true
	for c := range g.lines {
		g.lines[c] = true
	}
}

// Open lets new connections through again.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.mute = false, false
}

// carry joins a connection with a server until either end closes it.
func (g *Gate) carry(c net.Conn) {
	defer g.leave(c)
	if !g.enter(c) {
		return
	}
	up := g.dial()
	if up == nil {
		return
	}
	defer g.leave(up)
	if !g.enter(up) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		g.pump(c, up)
		_ = c.Close()
	}()
	g.pump(up, c)
	half, ok := up.(*net.TCPConn)
	if ok {
		_ = half.CloseWrite()
	}
	<-back
}

// pump hands on what comes, or swallows it.
func (g *Gate) pump(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !g.swallows(from) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (g *Gate) swallows(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lines[c]
}

// dial tries the servers in turn.
func (g *Gate) dial() net.Conn {
	g.mu.Lock()
	to := append([]string(nil), g.to...)
	g.next++
	first := g.next
	g.mu.Unlock()
	for i := range to {
		if up, err := net.Dial("tcp", to[(first+i)%len(to)]); err == nil {
			return up
		}
	}
	return nil
}

func (g *Gate) enter(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines[c] = g.mute
	return !g.shut
}

func (g *Gate) leave(c net.Conn) {
	_ = c.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.lines, c)
}
