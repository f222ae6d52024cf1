package cli

import (
	"net/url"
	"slices"
	"strings"

	"pazpaz/internal/config"
)

// startChains bounds the chains whose last entry is looked at when the
// program starts.
const startChains = 100

// startWarnings are what an operator should see at once, without asking the
// doctor.
func (a *app) startWarnings(env Env) []string {
	all := append(addressWarnings(a.cfg), lineWarnings(a.cfg)...)
	chains, err := a.store.Chains(env.Ctx)
	if err != nil {
		return all // the first request says so
	}
	last, err := a.lastEvent(env.Ctx, chains[:min(len(chains), startChains)])
	if now := env.Now(); err == nil && last.After(now.Add(maxSkew)) {
		all = append(all, clockBehind(now, last))
	}
	return all
}

// lineWarnings are connections to other machines that everybody on the way
// could read.
func lineWarnings(c config.Config) (all []string) {
	if u, err := url.Parse(c.DatabaseURL.Reveal()); err == nil && !strings.HasPrefix(c.DatabaseURL.Reveal(), "sqlite:") && !nearby(c.DatabaseURL) &&
		!slices.Contains([]string{"require", "verify-ca", "verify-full"}, u.Query().Get("sslmode")) {
		all = append(all, "PAZPAZ_DATABASE_URL leads to another machine and does not insist on encryption: add sslmode=verify-full")
	}
	if strings.HasPrefix(c.RedisURL.Reveal(), "redis://") && !nearby(c.RedisURL) {
		all = append(all, "PAZPAZ_REDIS_URL leads to another machine and is not encrypted: use rediss://")
	}
	return all
}
