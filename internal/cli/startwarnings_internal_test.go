package cli

import (
	"os"
	"strings"
	"testing"

	"pazpaz/internal/config"
)

func TestSetUpsThatAreSeldomMeantAreWarnedOf(t *testing.T) {
	t.Parallel()
	const far, near = "PAZPAZ_DATABASE_URL=postgres://u:p@db.example/d", "PAZPAZ_DATABASE_URL=postgres://u:p@127.0.0.1/d"
	shared := "PAZPAZ_REDIS_URL=redis://127.0.0.1"
	for name, c := range map[string]struct {
		environ []string
		want    string // a part of the only warning; empty: none
	}{
		"nothing set":               {nil, ""},
		"https and nobody trusted":  {[]string{"PAZPAZ_PUBLIC_URL=https://p.example"}, "PAZPAZ_TRUSTED_PROXIES is empty"},
		"https behind a proxy":      {[]string{"PAZPAZ_PUBLIC_URL=https://p.example", "PAZPAZ_TRUSTED_PROXIES=10.0.0.1"}, ""},
		"open address, local name":  {[]string{"PAZPAZ_ADDR=0.0.0.0:8080", "PAZPAZ_PUBLIC_URL=http://localhost:8080"}, "PAZPAZ_ADDR can be reached"},
		"PostgreSQL without Redis":  {[]string{near}, "right for one process only"},
		"PostgreSQL and Redis":      {[]string{near, shared}, ""},
		"PostgreSQL in the clear":   {[]string{far, shared}, "does not insist on encryption"},
		"PostgreSQL that may be":    {[]string{far + "?sslmode=prefer", shared}, "does not insist on encryption"},
		"PostgreSQL over TLS":       {[]string{far + "?sslmode=verify-full", shared}, ""},
		"Redis in the clear":        {[]string{near, "PAZPAZ_REDIS_URL=redis://cache.example"}, "use rediss://"},
		"Redis over TLS":            {[]string{near, "PAZPAZ_REDIS_URL=rediss://cache.example"}, ""},
		"SQLite under another name": {[]string{"PAZPAZ_DATABASE_URL=sqlite:x.db"}, ""},
	} {
		cfg, err := config.Load(c.environ, os.ReadFile)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.Join(append(addressWarnings(cfg), lineWarnings(cfg)...), "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
