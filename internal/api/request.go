package api

import (
	"context"
	"net/http"
	"net/netip"

	"pazpaz/internal/auth"

	"github.com/google/uuid"
)

// request is what the layers around a handler learn of a request, filled as
// it travels inwards and logged once on its way out.
type request struct {
	id      uuid.UUID
	addr    netip.Addr
	session auth.Session // zero until signed in
	r       *http.Request
	w       http.ResponseWriter
	// whole ends when the caller hangs up; the request's own context has a
	// deadline besides, which a stream outlives.
	whole   context.Context //nolint:containedctx // it lives as long as the request
	refusal string          // the code of the problem that was answered
	uses    []counted       // what was counted of it
	taken   bool            // the body was read before the handler
	body    []byte
	bodyErr error
	leave   func() // gives the place back; it may be called again
}

type requestKey struct{}

// requestOf returns the request that ctx belongs to.
func requestOf(ctx context.Context) *request {
	q, _ := ctx.Value(requestKey{}).(*request)
	if q == nil {
		return &request{}
	}
	return q
}

// device describes where a request of an account comes from.
func (a *API) device(q *request) auth.Device {
	return auth.Device{Browser: q.r.UserAgent(), Address: q.addr.String(), Request: q.id, Known: a.o.Auth.KnownDevice(q.r)}
}
