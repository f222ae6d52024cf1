// Package config reads the settings: every one is a row of the table in settings.go with its name, default, unit, reason and
// check. It must not open what the settings name, pick engines, or keep the settings anywhere; the caller passes
// them on.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"strings"
	"time"
)

// Config is the checked set-up. Values that are or may contain a secret are of type Secret.
type Config struct {
	DataDir           string         // folder of everything embedded
	Addr              string         // host:port to listen on; an empty host means all addresses
	PublicURL         string         // origin as browsers write it: scheme, host, port unless it is the usual one
	DatabaseURL       Secret         // sqlite:path, postgres://… or postgresql://…
	DatabaseOwnerURL  Secret         // the same kind of database, for migrations
	RedisURL          Secret         // memory:, redis://… or rediss://…
	MailURL           Secret         // console:, smtp://… or smtps://…
	MailFrom          string         // sender, with or without a name
	KeysURL           string         // file:path
	CheckpointsURL    string         // file:///folder or mailto:address; not set: none
	MasterKey         Secret         // base64 of 32 bytes, or lines v1:BASE64; not set: use KeysURL
	SecretKey         Secret         // at least 32 characters; not set: made on first start
	OldSecretKey      Secret         // the former one, while it is rotated; not set: none
	TrustedProxies    []netip.Prefix // believed about the client's address
	SessionIdle       time.Duration
	SessionAbsolute   time.Duration
	LogLevel          slog.Level
	LogFormat         string // text or json
	RequestsPerMinute int    // of one client address; 0: no bound
	SearchClientsMax  int    // opened names in memory, over all workspaces
	MetricsRemote     bool   // metrics may be served beyond this machine
	MetricsAddr       string // host:port of the metrics; not set: none
}

// Load reads the settings from environ ("NAME=value", as os.Environ gives it) and from the file that PAZPAZ_CONFIG names there,
// which it reads with readFile. The environment wins over the file; an empty value counts as not set; blanks around a value
// are dropped. The error holds one line for each thing that is wrong, without the values of secrets.
func Load(environ []string, readFile func(name string) ([]byte, error)) (Config, error) {
	src, errs := gather(settings, environ, readFile)
	var c Config
	for _, s := range settings {
		if err := s.load(&c, src, readFile); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Config{}, err
	}
	return c, nil
}

// load takes one setting from src, or its default, checks it and stores it in c. After a bad value the default is stored
// where others are derived from it, so that one mistake does not bring a second line.
func (s setting) load(c *Config, src map[string]string, readFile func(string) ([]byte, error)) error {
	name, value := s.given(src)
	switch {
	case value == "":
		return s.judge(c, s.name, s.standard(c), "default")
	case s.instead != "" && src[s.instead] != "":
		return fmt.Errorf("%s: %s is set as well; keep one of them", name, s.instead)
	case s.isFile:
		content, err := readFile(value)
		if err != nil {
			return fmt.Errorf("%s: %s", name, whyNot(err))
		}
		return s.judge(c, name, strings.TrimSpace(string(content)), "file")
	}
	err := s.judge(c, name, value, "got")
	if err != nil && !s.secret {
		_ = s.judge(c, name, s.standard(c), "default")
	}
	return err
}

// given is the value under the setting's own name or, failing that, under its usual name elsewhere.
func (s setting) given(src map[string]string) (name, value string) {
	if s.fallback != "" && src[s.name] == "" {
		return s.fallback, src[s.fallback]
	}
	return s.name, src[s.name]
}

// judge runs the check. A setting without value and default stays as it is, but an empty file is a mistake.
func (s setting) judge(c *Config, name, value, origin string) error {
	if s.check == nil || value == "" && origin != "file" {
		return nil
	}
	err := s.check(c, value)
	switch {
	case err == nil:
		return nil
	case s.secret:
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w (%s %s)", name, err, origin, quoted(value))
}

// standard is the default, with other settings filled in.
func (s setting) standard(c *Config) string {
	return strings.NewReplacer("<data>", c.DataDir, "<name>", named(c.Addr), "<database>", c.DatabaseURL.Reveal()).Replace(s.preset)
}

// quoted shows a value in one short line, and without the password that does not belong there.
func quoted(value string) string {
	const room = 80
	if strings.Contains(value, "@") && strings.Contains(value, "://") {
		value = shownURL(NewSecret(value))
	}
	if len(value) > room {
		value = strings.ToValidUTF8(value[:room], "") + "…"
	}
	return fmt.Sprintf("%q", value)
}

// whyNot says why a file was not read, without its name: a key written where its file's name belongs would be shown.
func whyNot(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "the file may not be read by this user"
	}
	return "the file cannot be read"
}
