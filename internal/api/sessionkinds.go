package api

import (
	"context"
	"strings"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
)

// person registers a route that a session of either kind opens: a member's, or
// a platform admin's. The handler gets the session.
func person[I, O any](a *API, r Route, h func(context.Context, auth.Session, *I) (*O, error)) {
	r.Member, r.Either = true, true
	r = classed(r)
	add(a, r, a.guarded(r), func(ctx context.Context, in *I) (*O, error) {
		return h(ctx, requestOf(ctx).session, in)
	})
}

var (
	errPracticeOnly = &model.Error{Kind: model.Denied, Code: "platform_session", Detail: "You are signed in to run the server. Go to your practice first."}
	errPlatformOnly = &model.Error{Kind: model.Denied, Code: "platform_only", Detail: "Only whoever runs the server may do this, signed in for it."}
)

// opens refuses routes that the kind of session does not open. Whoever must
// have a second factor and has none can only set one up.
func opens(session auth.Session, r Route) error {
	switch {
	case r.Admin && !session.IsPlatform():
		return errPlatformOnly
	case r.Member && !r.Either && session.IsPlatform():
		return errPracticeOnly
	case session.MustEnrol && !strings.HasPrefix(r.Path, Base+"/auth/"):
		return model.ErrFactorRequired
	}
	return nil
}
