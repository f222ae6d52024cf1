package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Base is in front of every path of the API.
const Base = "/api/v1"

// Route is a line of the surface. Tests walk all of them.
type Route struct {
	Method, Path string
	// Member routes need a session; the others are open to everybody.
	Member bool
	// Admin routes need a platform session, and are no member routes.
	Admin bool
	// Either says of a member route that a platform session opens it too.
	Either bool
	// Fresh routes need a factor that was proved within five minutes.
	Fresh bool
	// Action is what a member route does; 0 for those about the session.
	Action model.Action
	// Class is how its uses are counted and let in.
	Class Class

	summary, tag string
	code         int
	accepts      string   // content type of the body; empty: no body is read
	bodiless     bool     // the body may be left out
	quiet        bool     // using it keeps no session alive
	looks        bool     // it changes nothing that others would want to see
	urgent       bool     // it is let in when others are sent away
	besides      []string // nouns that it changes besides its own
	refusals     []int    // statuses that only this route has
	answers      string   // content type of the answer, where it is no JSON
	bodyType     reflect.Type
}

func get(path, tag, summary string) Route  { return newRoute(http.MethodGet, path, tag, summary) }
func post(path, tag, summary string) Route { return newRoute(http.MethodPost, path, tag, summary) }
func put(path, tag, summary string) Route  { return newRoute(http.MethodPut, path, tag, summary) }
func patch(path, tag, summary string) Route {
	return newRoute(http.MethodPatch, path, tag, summary)
}
func del(path, tag, summary string) Route { return newRoute(http.MethodDelete, path, tag, summary) }

func newRoute(method, path, tag, summary string) Route {
	return Route{Method: method, Path: Base + path, tag: tag, summary: summary, code: http.StatusOK}
}

// body says that the route reads JSON of v's type.
func (r Route) body(v any) Route {
	r.accepts, r.bodyType = "application/json", reflect.TypeOf(v)
	return r
}

// mayRead says that the route reads JSON of v's type if there is any.
func (r Route) mayRead(v any) Route {
	r.bodiless = true
	return r.body(v)
}

// unheard says that nobody needs to look again after the route was used.
func (r Route) unheard() Route {
	r.looks = true
	return r
}

// fresh says that the route does what a stolen session must not do: it wants a
// proof of who is there.
func (r Route) fresh() Route {
	r.Fresh = true
	return r
}

// in puts the route into a class that does not follow from its method.
func (r Route) in(c Class) Route {
	r.Class = c
	return r
}

// urgently says that the route saves what would be lost, so that it is let in
// when others are sent away.
func (r Route) urgently() Route {
	r.urgent = true
	return r
}

// changes names nouns that change besides the route's own.
func (r Route) changes(nouns ...string) Route {
	r.besides = nouns
	return r
}

// quietly says that using the route is no sign of a person at work.
func (r Route) quietly() Route {
	r.quiet = true
	return r
}

// refuses names statuses that the record's own rules can answer with.
func (r Route) refuses(codes ...int) Route {
	r.refusals = codes
	return r
}

// file says that the route reads a file of that content type.
func (r Route) file(contentType string) Route {
	r.accepts = contentType
	return r
}

// sends says that the answer is a file of that content type.
func (r Route) sends(contentType string) Route {
	r.answers = contentType
	return r
}

// status is the answer when all went well, if not 200.
func (r Route) status(code int) Route {
	r.code = code
	return r
}

// does names the action, for the audit trail and the permission table.
func (r Route) does(a model.Action) Route {
	r.Action = a
	return r
}

// limit bounds the body in bytes.
func (r Route) limit() int64 {
	if r.accepts != "" && r.bodyType == nil {
		return maxFile
	}
	if !r.Member && !r.Admin {
		return maxOpen
	}
	return maxJSON
}

// Routes returns the whole surface.
func (a *API) Routes() []Route { return a.routes }

// public registers a route that needs no session.
func public[I, O any](a *API, r Route, h func(context.Context, *I) (*O, error)) {
	r = classed(r)
	add(a, r, a.guarded(r), h)
}

// member registers a route that a session opens. The handler gets its Scope;
// without one it is never called.
func member[I, O any](a *API, r Route, h func(context.Context, store.Scope, *I) (*O, error)) {
	r.Member = true
	r = classed(r)
	add(a, r, a.guarded(r), func(ctx context.Context, in *I) (*O, error) {
		return h(ctx, requestOf(ctx).session.Scope, in)
	})
}

// admin registers a route that a platform admin's session opens. The handler
// gets a scope that reaches no record of a practice.
func admin[I, O any](a *API, r Route, h func(context.Context, store.PlatformScope, *I) (*O, error)) {
	r.Admin = true
	r = classed(r)
	add(a, r, a.guarded(r), func(ctx context.Context, in *I) (*O, error) {
		return h(ctx, requestOf(ctx).session.Platform.Operator(), in)
	})
}

func add[I, O any](a *API, r Route, guard func(huma.Context, func(huma.Context)), h func(context.Context, *I) (*O, error)) {
	a.routes = append(a.routes, r)
	op := huma.Operation{
		OperationID: operationID(r), Method: r.Method, Path: r.Path, Summary: r.summary, Tags: []string{r.tag},
		DefaultStatus: r.code, Middlewares: huma.Middlewares{guard}, Errors: possible(r),
	}
	if r.Member || r.Admin {
		op.Security = []map[string][]string{{"session": {}}}
		if !safe(r.Method) {
			op.Security = []map[string][]string{{"session": {}, "csrf": {}}}
		}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		if r.Class != HeavyClass && r.Class != LiveClass { // which work while they answer
			defer requestOf(ctx).leave() // how fast an answer is read is up to the caller
		}
		out, err := h(ctx, in)
		if err != nil {
			return nil, a.problemOf(requestOf(ctx), err)
		}
		a.announce(ctx, requestOf(ctx), r)
		return out, nil
	})
}

// guarded is what happens to a request between its address and its handler:
// body limit, content type, origin, sign-in, CSRF.
func (a *API) guarded(r Route) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		hr, w := humago.Unwrap(hc)
		q := requestOf(hr.Context())
		hr.Body = http.MaxBytesReader(w, hr.Body, r.limit())
		q.r = hr
		done, err := a.admit(q, r)
		if err != nil {
			a.write(q, err)
			return
		}
		defer done()
		if err := unambiguous(hr, r); err != nil {
			a.write(q, err)
			return
		}
		next(hc)
	}
}

// admit lets a request in until it is done, or says why not. While it waits for
// the body it has no place: how fast a body comes is up to the caller.
func (a *API) admit(q *request, r Route) (done func(), err error) {
	if err := a.countAddress(q, r.Class); err != nil {
		return nil, err
	}
	if err := a.rightForm(q.r, r); err != nil {
		return nil, err
	}
	if !safe(r.Method) {
		if err := sameOrigin(q.r); err != nil {
			return nil, err
		}
	}
	if r.Member || r.Admin {
		if err := a.identify(q, r); err != nil {
			return nil, err
		}
	}
	unshare, err := a.share(q, r)
	if err != nil {
		return nil, err
	}
	if r.bodyType != nil {
		q.takeBody()
	}
	leave, err := a.enter(q, r)
	if err != nil {
		unshare()
		return nil, err
	}
	q.leave = sync.OnceFunc(leave)
	return func() { q.leave(); unshare() }, nil
}

// enter waits for a place, and tells the metrics when there is none.
func (a *API) enter(q *request, r Route) (leave func(), err error) {
	if leave, err = a.gate.enter(q.r.Context(), r); errors.Is(err, errOverloaded) {
		a.refused("shed", r.Class)
	}
	return leave, err
}

// identify finds out who is asking, which takes a place as any other work.
func (a *API) identify(q *request, r Route) error {
	asking := r
	if r.Class == LiveClass {
		asking.Class = ReadClass // it is no stream yet
	}
	leave, err := a.enter(q, asking)
	if err != nil {
		return err
	}
	defer leave()
	if err := a.signedIn(q, r); err != nil {
		return err
	}
	return a.countPerson(q, r.Class)
}

// signedIn is the session and, where something is changed, the proof that its
// own page asks.
func (a *API) signedIn(q *request, r Route) error {
	session, err := a.o.Auth.Authenticate(q.r.Context(), q.r, r.quiet || q.r.Header.Get("X-Background") == "true")
	if err != nil {
		return err
	}
	session.Scope, session.Platform = session.Scope.InRequest(q.id), session.Platform.InRequest(q.id)
	q.session = session
	if err := opens(session, r); err != nil {
		return err
	}
	if !safe(r.Method) {
		if err := a.o.Auth.CheckCSRF(q.r, session.ID); err != nil {
			return err
		}
	}
	if !r.Fresh || (r.Action != 0 && !session.IsPlatform() && !session.Scope.Role().May(r.Action)) {
		return nil // who may not do it in any case is told so
	}
	return a.o.Auth.RequireFresh(q.r.Context(), session)
}

// rightForm judges length and content type before anything is read.
func (a *API) rightForm(r *http.Request, rt Route) error {
	if rt.accepts == "" || (rt.bodiless && r.ContentLength == 0) {
		return nil // the body is not read, however long it is
	}
	if r.ContentLength > rt.limit() {
		return errTooLarge
	}
	got, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || got != rt.accepts || (rt.bodyType != nil && charset != "" && charset != "utf-8") {
		return &model.Error{Kind: model.Unsupported, Code: "content_type", Detail: "Send the body as " + rt.accepts + "."}
	}
	return nil
}

// sameOrigin refuses a change that another site's page makes a browser send.
// Programs that are no browser send neither header.
func sameOrigin(r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return &model.Error{Kind: model.Denied, Code: "cross_origin", Detail: "Requests from other sites are refused."}
	}
	return nil
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
