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
	"strings"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/config"
	"pazpaz/internal/crypt"
	"pazpaz/internal/jobs"
	"pazpaz/internal/kv"
	"pazpaz/internal/mail"
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
	runner   *jobs.Runner
	handler  http.Handler
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
	masters, made, err := masterKeys(cfg, env.Random)
	if err != nil {
		return nil, err
	}
	a := &app{cfg: cfg, log: newLog(env, cfg)}
	if a.signing, err = masters.CheckpointKey(); err != nil {
		return nil, err
	}
	a.store, err = store.Open(env.Ctx, store.Options{
		URL: cfg.DatabaseURL.Reveal(), OwnerURL: cfg.DatabaseOwnerURL.Reveal(), Masters: masters,
		Now: env.Now, Random: env.Random, SearchClients: cfg.SearchClientsMax,
	})
	if err != nil {
		return nil, withoutMade(made, err)
	}
	a.closers = append(a.closers, a.store.Close)
	return a, nil
}

// withoutMade takes a key file away that was made for a database which turned
// out to have another key.
func withoutMade(made string, err error) error {
	if made == "" || (!errors.Is(err, crypt.ErrTampered) && !errors.Is(err, crypt.ErrWrongKey)) {
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
	a.runner = jobs.New(a.store, env.Now, a.log, map[string]jobs.Handler{
		auth.JobLink: a.deliverLink,
		auth.JobMail: jobs.SendMail(sender, env.Now),
	})
	return a.wireAPI(env, shared)
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

// deliverLink looks for the mail it has put into the queue right away.
func (a *app) deliverLink(ctx context.Context, payload []byte) error {
	defer a.runner.Wake()
	return a.auth.DeliverLink(ctx, payload)
}

func (a *app) wireAuth(env Env, shared kv.Store) error {
	secret, err := secretKey(a.cfg, env.Random)
	if err != nil {
		return err
	}
	a.auth, err = auth.New(auth.Options{
		Store: a.store, KV: shared, Secret: secret, PublicURL: a.cfg.PublicURL,
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
	surface := api.New(api.Options{
		Auth: a.auth, Practice: a.practice, Proxies: auth.NewProxies(a.cfg.TrustedProxies),
		Limit:   auth.RequestLimit(local, a.cfg.RequestsPerMinute),
		Ready:   func(r *http.Request) error { return a.store.Check(r.Context()) },
		Changes: changes(shared), Stopping: env.Ctx.Done(),
		Page: web.Handler(), Wake: a.runner.Wake, HTTPS: strings.HasPrefix(a.cfg.PublicURL, "https://"),
		Version: Version, Log: a.log, Now: env.Now, Random: env.Random,
	})
	a.handler = surface.Handler()
	return nil
}
