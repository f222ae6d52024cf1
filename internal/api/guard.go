package api

import (
	"bytes"
	"net"
	"net/http"
)

// guard sets the headers that every answer has. The page sets its own content
// policy over this one.
func guard(h http.Header, https bool) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if https {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// Guarded returns the listener with the guards on the answers that the standard
// library gives by itself to what it cannot read as a request, before any
// handler sees it.
func Guarded(l net.Listener, https bool) net.Listener {
	h := http.Header{}
	guard(h, https)
	var text bytes.Buffer
	_ = h.Write(&text) // a buffer takes all
	return &guardedListener{Listener: l, guards: text.Bytes()}
}

type guardedListener struct {
	net.Listener

	guards []byte // header lines
}

// Accept implements net.Listener.
func (l *guardedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &guardedConn{c, l.guards}, nil
}

type guardedConn struct {
	net.Conn

	guards []byte
}

// Write implements io.Writer. It returns how much of b was written, as if no
// header had been added.
func (c *guardedConn) Write(b []byte) (int, error) {
	end := unguarded(b)
	if end == 0 {
		return c.Conn.Write(b)
	}
	whole := append(append(append([]byte(nil), b[:end]...), c.guards...), b[end:]...)
	if _, err := c.Conn.Write(whole); err != nil {
		return 0, err
	}
	return len(b), nil
}

// CloseWrite lets the library say that nothing more comes before it hangs up.
func (c *guardedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// bare are all the headers that the library writes, always in one piece with
// what is before and after them.
var (
	bare     = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	expected = []byte(" 417 Expectation Failed")
	strange  = []byte("Unsupported transfer encoding")
)

// unguarded returns where headers can be put into an answer of the library's
// own; 0 when b is something else.
func unguarded(b []byte) int {
	const version = len("HTTP/1.1")
	if len(b) < version || !bytes.HasPrefix(b, []byte("HTTP/1.")) {
		return 0
	}
	line, rest, found := bytes.Cut(b[version:], []byte("\r\n"))
	end := version + len(line) + len("\r\n")
	if found && bytes.Equal(line, expected) {
		return end
	}
	if !found {
		return 0
	}
	body, found := bytes.CutPrefix(append([]byte("\r\n"), rest...), bare)
	status, spaced := bytes.CutPrefix(line, []byte(" "))
	if !found || !spaced || !bytes.Equal(body, status) && !bytes.Equal(body, strange) {
		return 0
	}
	return end
}
