package testkit

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Raw writes bytes to the server's socket and returns the first answer: for
// requests that no honest client would send.
func (k *Kit) Raw(request string) *Response {
	k.T.Helper()
	return k.raw(request, false)
}

// RawCut is Raw, and hangs up on its own side after the last byte.
func (k *Kit) RawCut(request string) *Response {
	k.T.Helper()
	return k.raw(request, true)
}

func (k *Kit) raw(request string, cut bool) *Response {
	k.T.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(k.Server.URL, "http://"))
	NoErr(k.T, err)
	defer conn.Close() //nolint:errcheck // a throw-away connection
	NoErr(k.T, conn.SetDeadline(time.Now().Add(20*time.Second)))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.WriteString(conn, request) // the server may have heard enough
		if cut {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		k.T.Fatalf("no answer to %.60q: %v", request, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		k.T.Fatalf("answer to %.60q: %v", request, err)
	}
	_ = conn.Close()
	<-sent
	return &Response{res.StatusCode, res.Header, raw}
}
