package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/platform"
	"pazpaz/internal/practice"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
)

// Options are the parts that the API speaks for.
type Options struct {
	Auth     *auth.Service
	Practice *practice.Practice
	Platform *platform.Platform
	// Proxies are trusted to name the client's address.
	Proxies auth.Proxies
	// Limit refuses a request of an address that sends too many; nil: none.
	Limit func(context.Context, netip.Addr) error
	// Count takes one use of a key, shared by all processes; nil: no limits.
	Count CountFunc
	// Room is how much may go on at once.
	Room Room
	// Observe is told what happens, for the metrics.
	Observe Observe
	// Ready tells whether everything that serving needs answers.
	Ready func(r *http.Request) error
	// Page answers every address that is not the API's.
	Page http.Handler
	// Changes tells those who look at a workspace that something changed.
	Changes Changes
	// Checkpoints returns the signed ends of a workspace's audit chain.
	Checkpoints func(ctx context.Context, workspace uuid.UUID) (Checkpoints, error)
	// Beat is how often a stream looks whether its session lives; 0: 15 seconds.
	Beat time.Duration
	// Stopping is closed when the program is asked to end.
	Stopping <-chan struct{}
	// Wake tells the job runner that there is work.
	Wake func()
	// HTTPS adds Strict-Transport-Security.
	HTTPS   bool
	Version string
	Log     *slog.Logger
	Now     func() time.Time
	Random  io.Reader
}

// API is the HTTP surface of the product.
type API struct {
	o      Options
	huma   huma.API
	mux    *http.ServeMux
	routes []Route

	gate *gate
	// streams, working and heavy are what each person has going on.
	streams, working, heavy *shares
	// alone and unheard keep what a missing shared state says short.
	alone, unheard minutely
	// document is the OpenAPI document, written when it is first asked for.
	document func() []byte
}

// New registers every route.
func New(o Options) *API {
	a := &API{
		o: o, mux: http.NewServeMux(), gate: newGate(o.Room.orDefault()), streams: newShares(maxStreams, errTooManyStreams),
		working: newShares(maxAtOnce, errTooManyAtOnce), heavy: newShares(maxHeavy, errTooManyAtOnce),
	}
	a.huma = humago.New(a.mux, humaConfig(o.Version))
	a.register()
	a.document = sync.OnceValue(a.writeDocument)
	a.mux.HandleFunc("GET /openapi.json", a.openAPI)
	a.mux.HandleFunc("GET /healthz", a.healthz)
	a.mux.HandleFunc("GET /readyz", a.readyz)
	a.mux.HandleFunc("/api", a.unknown)
	a.mux.HandleFunc("/api/", a.unknown)
	a.mux.HandleFunc("/healthz", a.unknown)
	a.mux.HandleFunc("/readyz", a.unknown)
	a.mux.HandleFunc("/openapi.json", a.unknown)
	if o.Page != nil {
		a.mux.Handle("/", o.Page)
	} else {
		a.mux.HandleFunc("/", a.unknown)
	}
	return a
}

// Handler is the API behind its layers; the first is the outermost.
func (a *API) Handler() http.Handler {
	var h http.Handler = a.mux
	for _, layer := range []func(http.Handler) http.Handler{
		a.exact, a.rateLimited, a.addressed, secured(a.o.HTTPS), a.recovered, a.identified,
	} {
		h = layer(h)
	}
	return h
}

// OpenAPI returns the document that describes the API.
func (a *API) OpenAPI() []byte { return a.document() }

// writeDocument cannot fail on what is registered: a test reads it.
func (a *API) writeDocument() []byte {
	a.describe()
	nameNulls(a.huma.OpenAPI().Components.Schemas.Map())
	doc, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		a.o.Log.Error("openapi document", "error", err)
	}
	return append(doc, '\n')
}

// humaConfig turns off what huma would add: a $schema member in answers, and
// pages that load scripts from elsewhere.
func humaConfig(version string) huma.Config {
	c := huma.DefaultConfig("PazPaz", version)
	c.CreateHooks = nil
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Info.Description = "Practice management for independent therapists. Sign in with a mailed link; send the csrf_token cookie back as X-CSRF-Token with every change."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "access_token", Description: "Set by signing in. Over HTTPS its name is __Host-access_token."},
		"csrf":    {Type: "apiKey", In: "header", Name: auth.CSRFHeader, Description: "The value of the csrf_token cookie."},
	}
	return c
}

func (a *API) openAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	if _, err := w.Write(a.document()); err != nil {
		a.o.Log.Debug("answer not delivered", "request", requestOf(r.Context()).id, "error", err)
	}
}

// methods are asked for when a path exists but not with the method used.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// unknown answers addresses that do not exist with 404, and methods that an
// address does not have with 405.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	q := requestOf(r.Context())
	_, here := a.mux.Handler(r)
	var allowed []string
	for _, m := range methods {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := a.mux.Handler(other); pattern != here && pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		a.write(q, model.ErrNotFound)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	a.write(q, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "This address does not have that method."))
}
