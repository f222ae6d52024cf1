package config

import (
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/settings.md")

const (
	goodSecret = "Zr8!kPq2-vN5xWt7yB3mLs9cF4hJ6gD1"
	goodKey    = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" // bytes 0 to 31
)

// files is a readFile over a fixed set.
func files(content map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		switch text, found := content[name]; {
		case name == "locked":
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		case name == "broken":
			return nil, errors.New("input/output error on " + name)
		case found:
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
}

func load(t *testing.T, content map[string]string, environ ...string) Config {
	t.Helper()
	c, err := Load(environ, files(content))
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := Config{
		DataDir: "./pazpaz-data", Addr: "127.0.0.1:8080", PublicURL: "http://localhost:8080",
		DatabaseURL:      NewSecret("sqlite:./pazpaz-data/pazpaz.db"),
		DatabaseOwnerURL: NewSecret("sqlite:./pazpaz-data/pazpaz.db"),
		RedisURL:         NewSecret("memory:"), MailURL: NewSecret("console:"), MailFrom: "PazPaz <no-reply@localhost>",
		KeysURL:     "file:./pazpaz-data/keys/master.keys",
		SessionIdle: 30 * time.Minute, SessionAbsolute: 12 * time.Hour,
		LogLevel: slog.LevelInfo, LogFormat: "text", RequestsPerMinute: 6000, SearchClientsMax: 200000,
	}
	if got := load(t, nil, "HOME=/root", "PATH=/bin", "PAZPAZ=1", "PAZPAZ_ADDR=", "odd"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got.Describe(), want.Describe())
	}
}

func TestEverySettingTakesEffect(t *testing.T) {
	t.Parallel()
	got := load(t, nil,
		"PAZPAZ_DATA_DIR=/srv/pazpaz/", "PAZPAZ_ADDR=:443", "PAZPAZ_PUBLIC_URL=HTTPS://PazPaz.Example.org:443/",
		"PAZPAZ_DATABASE_URL=postgresql+asyncpg://app:p%40ss@db:5432/pazpaz?sslmode=verify-full", "DATABASE_URL=mysql://ignored",
		"PAZPAZ_DATABASE_OWNER_URL=postgres://owner:own@db/pazpaz", "PAZPAZ_REDIS_URL=rediss://:redis-pw@cache:6380/2", "REDIS_URL=ignored",
		"PAZPAZ_MAIL_URL=smtps://u:mail-pw@mail:465", "PAZPAZ_MAIL_FROM=פזפז <hello@example.org>", "PAZPAZ_KEYS_URL=file:/run/keys",
		"ENCRYPTION_MASTER_KEY="+goodKey, "SECRET_KEY= "+goodSecret+" , former "+goodSecret+" ", "PAZPAZ_CHECKPOINTS_URL=mailto:keeper@example.org",
		"PAZPAZ_TRUSTED_PROXIES=10.1.2.3/8, 192.0.2.1,::ffff:198.51.100.0/120 ,2001:db8::1", "PAZPAZ_SESSION_IDLE_MINUTES=480",
		"PAZPAZ_SESSION_ABSOLUTE_HOURS=1", "PAZPAZ_LOG_LEVEL=debug", "PAZPAZ_LOG_FORMAT=json", "PAZPAZ_REQUESTS_PER_MINUTE=0", "PAZPAZ_SEARCH_CLIENTS_MAX=1000",
		"PAZPAZ_METRICS_REMOTE=yes", "PAZPAZ_METRICS_ADDR=10.0.0.5:9090",
	)
	want := Config{
		DataDir: "/srv/pazpaz", Addr: ":443", PublicURL: "https://pazpaz.example.org",
		DatabaseURL:      NewSecret("postgresql://app:p%40ss@db:5432/pazpaz?sslmode=verify-full"),
		DatabaseOwnerURL: NewSecret("postgres://owner:own@db/pazpaz"),
		RedisURL:         NewSecret("rediss://:redis-pw@cache:6380/2"), MailURL: NewSecret("smtps://u:mail-pw@mail:465"),
		MailFrom: "פזפז <hello@example.org>", KeysURL: "file:/run/keys", MasterKey: NewSecret(goodKey), SecretKey: NewSecret(goodSecret), OldSecretKey: NewSecret("former " + goodSecret), CheckpointsURL: "mailto:keeper@example.org",
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"),
			netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::1/128"),
		},
		SessionIdle: 8 * time.Hour, SessionAbsolute: time.Hour, LogLevel: slog.LevelDebug, LogFormat: "json", RequestsPerMinute: 0, SearchClientsMax: 1000,
		MetricsRemote: true, MetricsAddr: "10.0.0.5:9090",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got.Describe(), want.Describe())
	}
}

func TestPublicURLIsWrittenAsBrowsersDo(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"http://localhost": "http://localhost", "http://localhost:80": "http://localhost", "http://localhost:8080/": "http://localhost:8080",
		"http://Practice.LOCALHOST:1": "http://practice.localhost:1", "http://127.5.5.5": "http://127.5.5.5", "http://[::1]:8080": "http://[::1]:8080",
		"http://[::1]": "http://[::1]", "https://Example.org:0443": "https://example.org", "https://example.org:8443": "https://example.org:8443",
		"https://192.0.2.1": "https://192.0.2.1", "https://xn--4dbcagdahymbxekheh6e0a7fei0b.example": "https://xn--4dbcagdahymbxekheh6e0a7fei0b.example",
	} {
		if got := load(t, nil, "PAZPAZ_PUBLIC_URL="+given).PublicURL; got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"PAZPAZ_ADDR=localhost:0", "PAZPAZ_ADDR=[::1]:8080", "PAZPAZ_ADDR=127.0.0.1:65535",
		"DATABASE_URL=postgres:///pazpaz?host=/run/postgresql", "DATABASE_URL=sqlite:/var/lib/x.db", "PAZPAZ_DATABASE_URL=sqlite:x.db",
		"REDIS_URL=redis://cache", "REDIS_URL=redis://cache/", "PAZPAZ_MAIL_URL=smtp://localhost:1025?tls=none", "PAZPAZ_MAIL_URL=smtp://[::1]?tls=none",
		"PAZPAZ_MAIL_URL=smtp://u:p@mail.example.org", "PAZPAZ_MAIL_FROM=a@b.example", "ENCRYPTION_MASTER_KEY=v2:" + goodKey + "\n# old\n v1:" + goodKey,
		"ENCRYPTION_MASTER_KEY=" + strings.TrimRight(goodKey, "="), "PAZPAZ_TRUSTED_PROXIES=::1", "PAZPAZ_SESSION_IDLE_MINUTES=5",
		"PAZPAZ_SESSION_ABSOLUTE_HOURS=24", "PAZPAZ_LOG_LEVEL=error", "PAZPAZ_SEARCH_CLIENTS_MAX=10000000",
		"SECRET_KEY=a<b>c${d}e1f2g3h4i5j6k7l8m9n0opqrst", "SECRET_KEY=סוד ארוך מאוד עם עשר אותיות שונות לפחות 123456",
	} {
		if _, err := Load([]string{entry}, files(nil)); strings.Contains(entry, "${d}") != (err != nil) { // ${d} is a template nobody filled in
			t.Errorf("%s: %v", entry, err)
		}
	}
}

func TestThePublicAddressIsANameWhereBrowsersWantOne(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1:9090": "http://localhost:9090", "[::1]:9090": "http://localhost:9090", "localhost:80": "http://localhost",
		"127.5.5.5:9090": "http://127.5.5.5:9090", // which localhost is not
	} {
		if got := load(t, nil, "PAZPAZ_ADDR="+addr).PublicURL; got != want {
			t.Errorf("%s is reached at %s, want %s", addr, got, want)
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	content := map[string]string{
		"conf": "\ufeff# settings\r\n\r\nPAZPAZ_ADDR = 127.0.0.1:9090 \r\n  # more\nPAZPAZ_LOG_LEVEL=debug\n" +
			"SECRET_KEY_FILE=\"secret\"\nPAZPAZ_DATABASE_URL='postgres://u:b=c@db/x'\nPAZPAZ_MAIL_FROM=A #1 <a@b.example>\nPAZPAZ_LOG_FORMAT=\nREDIS_URL=redis://file\nENCRYPTION_MASTER_KEY_FILE=keys",
		"secret": goodSecret + "\n",
		"keys":   "# two versions\nv1:" + goodKey + "\nv2:" + goodKey + "\n",
	}
	c := load(t, content, "PAZPAZ_CONFIG=conf", "PAZPAZ_LOG_LEVEL=warn", "PAZPAZ_LOG_FORMAT=", "REDIS_URL=redis://environment", "DATABASE_URL=sqlite:x")
	if c.Addr != "127.0.0.1:9090" || c.PublicURL != "http://localhost:9090" || c.MailFrom != "A #1 <a@b.example>" || c.LogFormat != "text" {
		t.Errorf("the file did not count: %q", c.Describe())
	}
	if c.LogLevel != slog.LevelWarn || c.RedisURL.Reveal() != "redis://environment" {
		t.Errorf("the environment did not win: %q", c.Describe())
	}
	if got := c.DatabaseURL.Reveal(); got != "postgres://u:b=c@db/x" {
		t.Errorf("the own name in the file must win over the usual name in the environment: %q", got)
	}
	if c.SecretKey.Reveal() != goodSecret || !strings.Contains(c.MasterKey.Reveal(), "\nv2:"+goodKey) {
		t.Error("the secrets in files were not read")
	}
}

func TestMarkdownIsTheDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/settings.md"
	if *update {
		if err := os.WriteFile(path, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != Markdown() {
		t.Errorf("docs/settings.md is not what the table says (%v); write it with: go test ./internal/config -run Markdown -update", err)
	}
}

func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range settings {
		if s.unit == "" || !strings.HasSuffix(s.reason, ".") || strings.Contains(s.reason+s.unit, "|") {
			t.Errorf("%s: unit or reason is missing or breaks the table", s.name)
		}
		if s.check == nil && s.name != "PAZPAZ_CONFIG" {
			t.Errorf("%s has no check", s.name)
		}
		if seen[s.name] || seen[s.fallback] {
			t.Errorf("%s or its fallback is there twice", s.name)
		}
		seen[s.name] = true
		if s.fallback != "" {
			seen[s.fallback] = true
		}
		if s.instead != "" && !seen[s.instead] {
			t.Errorf("%s stands before %s", s.name, s.instead)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
