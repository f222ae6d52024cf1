package testkit

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/practice"
)

// Secret is what the kit's tokens are signed with.
func Secret() []byte { return []byte(strings.Repeat("test secret ", 4)) }

// Process returns the kit with a second process of the product in front of
// the same database: a store, sign-in service and server of its own. The
// functions, which may be nil, change its settings.
func (k *Kit) Process(authed func(*auth.Options), served func(*api.Options)) *Kit {
	k.T.Helper()
	other := *k
	other.Store = k.OpenStore()
	ao := auth.Options{
		Store: other.Store, KV: k.KV, Secret: Secret(), PublicURL: PublicURL,
		Idle: 30 * time.Minute, Absolute: 12 * time.Hour, Now: k.Clock.Now, Random: rand.Reader,
	}
	if authed != nil {
		authed(&ao)
	}
	var err error
	other.Auth, err = auth.New(ao)
	NoErr(k.T, err)
	other.Practice = practice.New(other.Store, rand.Reader)
	po := api.Options{
		Auth: other.Auth, Practice: other.Practice, Ready: func(r *http.Request) error { return other.Store.Check(r.Context()) },
		Checkpoints: other.checkpoints,
		Version:     "test", Log: slog.New(slog.NewJSONHandler(k.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: k.Clock.Now, Random: rand.Reader,
	}
	if served != nil {
		served(&po)
	}
	other.API = api.New(po)
	other.Server = serving(k.T, other.API.Handler())
	return &other
}

// serving starts a server as the product does.
func serving(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Listener = api.Guarded(s.Listener, false)
	s.Config.DisableGeneralOptionsHandler = true
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// BehindProxy returns a process that believes the X-Forwarded-For of requests
// from this machine, so that a test can come from any address.
func (k *Kit) BehindProxy() *Kit {
	k.T.Helper()
	return k.Process(nil, func(o *api.Options) { o.Proxies = k.Loopback() })
}

// Loopback trusts this machine as a proxy.
func (*Kit) Loopback() auth.Proxies {
	return auth.NewProxies([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
}

// EachBare is Each with an empty database, as on a first start.
func EachBare(t *testing.T, fn func(t *testing.T, k *Kit)) {
	t.Helper()
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, Bare(t, engine))
		})
	}
}
