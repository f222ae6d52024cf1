package cli

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/config"
	"pazpaz/internal/crypt"
	"pazpaz/internal/jobs"
	"pazpaz/internal/kv"
	"pazpaz/internal/mail"
	"pazpaz/internal/platform"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
	"pazpaz/internal/web"

	"github.com/google/uuid"
)

// app is the wired product.
type app struct {
	cfg      config.Config
	log      *slog.Logger
	store    *store.Store
	auth     *auth.Service
	practice *practice.Practice
	platform *platform.Platform
	runner   *jobs.Runner
	shared   kv.Store // with the other processes
	handler  http.Handler
	meter    meter
	masters  *crypt.Masters
	signing  ed25519.PrivateKey // of audit checkpoints
	closers  []func() error
}

// close ends the parts in the reverse order of their making.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	return errors.Join(errs...)
}

// openData opens the database with its keys: what every verb needs.
func openData(env Env) (_ *app, err error) {
	cfg, err := configure(env)
	if err != nil {
		return nil, err
	}
	if err := crypt.SelfTest(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := writable(cfg.DataDir); err != nil {
		return nil, err
	}
	masters, made, err := masterKeys(cfg, env.Random)
	if err != nil {
		return nil, err
	}
	a := &app{cfg: cfg, log: newLog(env, cfg), masters: masters}
	a.store, err = store.Open(env.Ctx, store.Options{
		URL: cfg.DatabaseURL.Reveal(), OwnerURL: cfg.DatabaseOwnerURL.Reveal(), Masters: masters,
		Now: env.Now, Random: env.Random, SearchClients: cfg.SearchClientsMax,
	})
	if err != nil {
		return nil, withoutMade(made, err)
	}
	a.closers = append(a.closers, a.store.Close)
	if a.signing, err = a.store.CheckpointKey(env.Ctx); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// withoutMade takes a key file away that was made for a database which turned
// out to have another key.
func withoutMade(made string, err error) error {
	if made == "" || (!errors.Is(err, crypt.ErrTampered) && !errors.Is(err, crypt.ErrKeyNotFound)) {
		return err
	}
	return errors.Join(fmt.Errorf("%w: this database was sealed with a key that is not at %s", crypt.ErrKeyNotFound, made), os.Remove(made))
}

func newLog(env Env, cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(env.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(env.Stderr, o))
}

// openApp wires everything that serving needs.
func openApp(env Env) (*app, error) {
	a, err := openData(env)
	if err != nil {
		return nil, err
	}
	if err := a.wire(env); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) wire(env Env) error {
	shared, err := kv.Open(env.Ctx, a.cfg.RedisURL.Reveal(), env.Now)
	if err != nil {
		return err
	}
	a.shared = shared
	a.closers = append(a.closers, shared.Close)
	sender, err := mail.Open(a.cfg.MailURL.Reveal(), mail.Options{
		From: a.cfg.MailFrom, Out: env.Stdout, Dir: filepath.Join(a.cfg.DataDir, "mail"),
	})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, sender.Close)
	if err := a.wireAuth(env, shared); err != nil {
		return err
	}
	a.practice = practice.New(a.store, env.Random)
	a.platform = platform.New(a.store, env.Random)
	a.runner = jobs.New(a.store, env.Now, a.log, map[string]jobs.Handler{
		auth.JobLink: a.deliverLink,
		auth.JobMail: jobs.SendMail(sender, env.Now),

		store.JobInvitation: a.thenMail(a.auth.DeliverInvitation),
		store.JobNotice:     a.thenMail(a.auth.DeliverNotice),
	})
	return a.wireAPI(env, shared)
}

// beat is how often a stream looks whether its session still lives: often where
// another process, such as pazpaz user, has no way to tell that it ended one.
func (a *app) beat() time.Duration {
	if a.cfg.RedisURL.Reveal() == "memory:" {
		return 2 * time.Second
	}
	return 0
}

// changes carries what changed in a workspace over the shared state.
func changes(shared kv.Store) api.Changes {
	channel := func(workspace uuid.UUID) string { return "changes:" + workspace.String() }
	return api.Changes{
		Publish: func(ctx context.Context, workspace uuid.UUID, noun string) error {
			return shared.Publish(ctx, channel(workspace), []byte(noun))
		},
		Subscribe: func(ctx context.Context, workspace uuid.UUID) (<-chan []byte, error) {
			return shared.Subscribe(ctx, channel(workspace))
		},
	}
}

// countIn counts uses in the shared state; perMinute 0 means that nobody does.
func countIn(shared kv.Store, perMinute int) api.CountFunc {
	if perMinute == 0 {
		return nil
	}
	return func(ctx context.Context, key string, perMinute int) (api.Use, error) {
		v, err := shared.Allow(ctx, "uses:"+key, kv.Limit{Count: perMinute, Per: time.Minute})
		return api.Use{Allowed: v.Allowed, Limit: v.Limit, Remaining: v.Remaining, RetryAfter: v.RetryAfter}, err
	}
}

// thenMail looks right away for the mail that a job has put into the queue.
func (a *app) thenMail(h jobs.Handler) jobs.Handler {
	return func(ctx context.Context, payload []byte) error {
		defer a.runner.Wake()
		return h(ctx, payload)
	}
}

// deliverLink looks for the mail it has put into the queue right away.
func (a *app) deliverLink(ctx context.Context, payload []byte) error {
	defer a.runner.Wake()
	return a.auth.DeliverLink(ctx, payload)
}

func (a *app) wireAuth(env Env, shared kv.Store) error {
	secret, old, err := secretKeys(a.cfg, env.Random)
	if err != nil {
		return err
	}
	a.auth, err = auth.New(auth.Options{
		Store: a.store, KV: shared, Secret: secret, OldSecret: old, PublicURL: a.cfg.PublicURL,
		Idle: a.cfg.SessionIdle, Absolute: a.cfg.SessionAbsolute, Now: env.Now, Random: env.Random,
	})
	return err
}

func (a *app) wireAPI(env Env, shared kv.Store) error {
	// The coarse bound by address is counted in this process: it protects this
	// process, and must not cost a round trip.
	local, err := kv.Open(env.Ctx, "memory:", env.Now)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, local.Close)
	a.meter = newMeter()
	surface := api.New(api.Options{
		Auth: a.auth, Practice: a.practice, Platform: a.platform, Proxies: auth.NewProxies(a.cfg.TrustedProxies),
		Limit:   auth.RequestLimit(local, a.cfg.RequestsPerMinute),
		Count:   countIn(shared, a.cfg.RequestsPerMinute),
		Observe: a.meter.observe(),
		Ready:   func(r *http.Request) error { return a.store.Check(r.Context()) },
		Changes: changes(shared), Beat: a.beat(), Stopping: env.Ctx.Done(),
		Checkpoints: a.checkpointsOf(env.Now),
		Page:        web.Handler(), Wake: a.runner.Wake, HTTPS: a.https(),
		Version: Version, Log: a.log, Now: env.Now, Random: env.Random,
	})
	a.handler = surface.Handler()
	a.meter.watch(surface, a.store)
	return nil
}
