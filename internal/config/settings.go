package config

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// setting is a row of the table.
type setting struct {
	name     string
	fallback string // usual name elsewhere, used when name is not set
	preset   string // default; <data> and <database> stand for the values of those settings, <name> for PAZPAZ_ADDR as a browser knows it
	unit     string
	reason   string // one sentence
	secret   bool   // the value is never shown; of a URL the password
	isFile   bool   // the value names a file that holds what is checked
	instead  string // must not be set together with this one
	check    func(c *Config, value string) error
	show     func(c Config) string
}

// settings is the whole set-up. A default may use only settings above it.
var settings = []setting{
	{
		name: "PAZPAZ_CONFIG", unit: "file name",
		reason: "A file of NAME=value lines (# starts a comment line) for what should not stand in the environment, which wins over it.",
	},
	{
		name: "PAZPAZ_DATA_DIR", preset: "./pazpaz-data", unit: "folder",
		reason: "Everything that is embedded lives here, so one folder is what to back up and to protect.",
		check:  dataDir,
		show:   func(c Config) string { return c.DataDir },
	},
	{
		name: "PAZPAZ_ADDR", preset: "127.0.0.1:8080", unit: "host:port",
		reason: "Where to listen; the default can be reached from this machine only, because records need HTTPS beyond it.",
		check:  listenAddr,
		show:   func(c Config) string { return c.Addr },
	},
	{
		name: "PAZPAZ_PUBLIC_URL", preset: "http://<name>", unit: "origin",
		reason: "The address people type, from which links in mails, cookies and the origin check are made; https beyond this machine.",
		check:  publicURL,
		show:   func(c Config) string { return c.PublicURL },
	},
	{
		name: "PAZPAZ_DATABASE_URL", fallback: "DATABASE_URL", preset: "sqlite:<data>/pazpaz.db", unit: "URL", secret: true,
		reason: "`sqlite:path`, or `postgres://` with a user that does not own the tables, so that row security holds for it.",
		check:  database,
		show:   func(c Config) string { return shownURL(c.DatabaseURL) },
	},
	{
		name: "PAZPAZ_DATABASE_OWNER_URL", preset: "<database>", unit: "URL", secret: true,
		reason: "The user that owns the tables and runs migrations, so that the serving user need not be able to change them.",
		check:  databaseOwner,
		show:   func(c Config) string { return shownURL(c.DatabaseOwnerURL) },
	},
	{
		name: "PAZPAZ_REDIS_URL", fallback: "REDIS_URL", preset: "memory:", unit: "URL", secret: true,
		reason: "`redis://` or `rediss://` when several instances must share rate limits and live updates; one instance needs `memory:` only.",
		check:  redis,
		show:   func(c Config) string { return shownURL(c.RedisURL) },
	},
	{
		name: "PAZPAZ_MAIL_URL", preset: "console:", unit: "URL", secret: true,
		reason: "`smtp://user:password@host:587` (STARTTLS required) or `smtps://`; `console:` prints mails and keeps them as files.",
		check:  mailURL,
		show:   func(c Config) string { return shownURL(c.MailURL) },
	},
	{
		name: "PAZPAZ_MAIL_FROM", preset: "PazPaz <no-reply@localhost>", unit: "address",
		reason: "The sender of all mails; its domain must be one that the mail server may send for.",
		check:  mailFrom,
		show:   func(c Config) string { return c.MailFrom },
	},
	{
		name: "PAZPAZ_KEYS_URL", preset: "file:<data>/keys/master.keys", unit: "URL",
		reason: "Where the master keys are kept when none is given below; the file is made on first start.",
		check:  keysURL,
		show:   func(c Config) string { return c.KeysURL },
	},
	{
		name: "ENCRYPTION_MASTER_KEY", unit: "base64 of 32 bytes", secret: true,
		reason: "The master key itself, or lines v1:BASE64 for several versions, where a secret store fills the environment.",
		check:  masterKey,
		show:   func(c Config) string { return shownSecret(c.MasterKey) },
	},
	{
		name: "ENCRYPTION_MASTER_KEY_FILE", unit: "file name", secret: true, isFile: true, instead: "ENCRYPTION_MASTER_KEY",
		reason: "The same in a file, where a secret store mounts files.",
		check:  masterKey,
	},
	{
		name: "SECRET_KEY", unit: "at least 32 characters", secret: true,
		reason: "Signs cookies and tokens; several instances need the same one, a single one makes its own on first start. Two with a comma or line break between while it is changed: the new one, then the former one.",
		check:  secretKey,
		show:   func(c Config) string { return shownSecrets(c.SecretKey, c.OldSecretKey) },
	},
	{
		name: "SECRET_KEY_FILE", unit: "file name", secret: true, isFile: true, instead: "SECRET_KEY",
		reason: "The same in a file, where a secret store mounts files.",
		check:  secretKey,
	},
	{
		name: "PAZPAZ_CHECKPOINTS_URL", unit: "URL",
		reason: "Where signed ends of the audit chains are copied besides the data folder, out of reach of who could change it: `file:///folder` on another disk, or `mailto:address` for a daily mail.",
		check:  checkpointsURL,
		show:   func(c Config) string { return cmp.Or(c.CheckpointsURL, "nowhere") },
	},
	{
		name: "PAZPAZ_TRUSTED_PROXIES", unit: "addresses and ranges, with commas",
		reason: "The load balancers whose X-Forwarded-For is believed; by default nobody's, because anyone can send that header.",
		check:  trustedProxies,
		show:   func(c Config) string { return shownPrefixes(c.TrustedProxies) },
	},
	{
		name: "PAZPAZ_SESSION_IDLE_MINUTES", preset: "30", unit: "minutes, 5–480",
		reason: "A session that nobody uses ends after this time, because treatment rooms have shared screens.",
		check:  sessionIdle,
		show:   func(c Config) string { return c.SessionIdle.String() },
	},
	{
		name: "PAZPAZ_SESSION_ABSOLUTE_HOURS", preset: "12", unit: "hours, 1–24",
		reason: "A session ends after this time however much it is used, so that a stolen cookie does not last.",
		check:  sessionAbsolute,
		show:   func(c Config) string { return c.SessionAbsolute.String() },
	},
	{
		name: "PAZPAZ_LOG_LEVEL", preset: "info", unit: "debug, info, warn or error",
		reason: "How much is logged; no level logs health data.",
		check:  logLevel,
		show:   func(c Config) string { return strings.ToLower(c.LogLevel.String()) },
	},
	{
		name: "PAZPAZ_LOG_FORMAT", preset: "text", unit: "text or json",
		reason: "text for people, json for log collectors.",
		check:  logFormat,
		show:   func(c Config) string { return c.LogFormat },
	},
	{
		name: "PAZPAZ_REQUESTS_PER_MINUTE", preset: "6000", unit: "requests, 0–10000000; 0 is no bound",
		reason: "How much one client address may ask of one process, so that nobody can keep it busy alone.",
		check:  requestsPerMinute,
		show:   func(c Config) string { return strconv.Itoa(c.RequestsPerMinute) },
	},
	{
		name: "PAZPAZ_SEARCH_CLIENTS_MAX", preset: "200000", unit: "clients, 1000–10000000",
		reason: "How many opened client names the search keeps in memory over all workspaces, which bounds what it may cost.",
		check:  searchClientsMax,
		show:   func(c Config) string { return strconv.Itoa(c.SearchClientsMax) },
	},
	{
		name: "PAZPAZ_METRICS_REMOTE", preset: "no", unit: "yes or no",
		reason: "yes lets the next setting name an address that other machines can reach, for a network that only the operator's can.",
		check:  metricsRemote,
		show:   func(c Config) string { return yesNo(c.MetricsRemote) },
	},
	{
		name: "PAZPAZ_METRICS_ADDR", unit: "host:port",
		reason: "Where to serve metrics and profiles, for example 127.0.0.1:9090; nowhere by default. They hold no health data and no names.",
		check:  metricsAddr,
		show:   func(c Config) string { return cmp.Or(c.MetricsAddr, "nowhere") },
	},
}

// Describe returns the set-up in lines for people. Secrets and passwords in URLs are left out.
func (c Config) Describe() []string {
	var lines []string
	for _, s := range settings {
		if s.show != nil {
			lines = append(lines, fmt.Sprintf("%-29s %s", s.name, s.show(c)))
		}
	}
	return lines
}

// LogValue is what slog prints of a Config: the same as Describe.
func (c Config) LogValue() slog.Value {
	var values []slog.Attr
	for _, s := range settings {
		if s.show != nil {
			values = append(values, slog.String(s.name, s.show(c)))
		}
	}
	return slog.GroupValue(values...)
}

// Markdown returns the table for docs/settings.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Settings

PazPaz runs without any. A setting is an environment variable, or a line in the file that ` + "`PAZPAZ_CONFIG`" + ` names; the environment
wins. An empty value counts as not set, blanks around a value are dropped, and one pair of quotes around a value in the
file is too. Unknown ` + "`PAZPAZ_`" + ` names and bad values stop the start, each with a line that says what to change.

Values marked secret never appear in logs and errors; where the set-up is printed, URLs are shown without their password. In
the defaults, ` + "`<data>` and `<database>`" + ` stand for the values of those settings, ` + "`<name>`" + ` for PAZPAZ_ADDR
with localhost in the place of 127.0.0.1, because browsers keep passkeys for names only.

| Name | Default | Unit | Secret | What it is for |
|---|---|---|---|---|
`)
	for _, s := range settings {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.names(), code(s.preset), s.unit, yes(s.secret), s.reason)
	}
	return b.String()
}

func (s setting) names() string {
	if s.fallback == "" {
		return code(s.name)
	}
	return code(s.name) + " or " + code(s.fallback)
}

func code(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
