package config

import (
	"errors"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
)

// publicURL keeps the origin in the form in which browsers send it, because it is compared with what they send.
func publicURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !hostLike(u.Hostname()) || !portFine(u) {
		return errors.New("must be an origin such as https://pazpaz.example.org")
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	if !strings.EqualFold(strings.TrimSuffix(value, "/"), bare.String()) {
		return errors.New("must be an origin only, without user, path, query or fragment")
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme == "http" && !thisMachine(host) {
		return errors.New("must start with https:// because the host is not this machine")
	}
	c.PublicURL = u.Scheme + "://" + authority(u.Scheme, host, u.Port())
	return nil
}

// named is the address with the name of this machine in the place of its number: browsers keep passkeys for names only.
func named(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && (host == "127.0.0.1" || host == "::1") {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

// portFine accepts a number or nothing.
func portFine(u *url.URL) bool { return u.Port() == "" || portLike(u.Port()) }

// authority is host and port, the port only where it is not the scheme's own.
func authority(scheme, host, port string) string {
	usual := map[string]string{"http": "80", "https": "443"}[scheme]
	if n, err := strconv.Atoi(port); err == nil {
		port = strconv.Itoa(n)
	}
	switch {
	case port != "" && port != usual:
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

func database(c *Config, value string) (err error) {
	c.DatabaseURL, err = databaseURL(value)
	return err
}

func databaseOwner(c *Config, value string) (err error) {
	serving := c.DatabaseURL.Reveal()
	if serving != "" && value != serving && (isSQLite(value) || isSQLite(serving)) {
		return errors.New("must be the same database as PAZPAZ_DATABASE_URL, with another user")
	}
	c.DatabaseOwnerURL, err = databaseURL(value)
	return err
}

func isSQLite(value string) bool { return strings.HasPrefix(value, "sqlite:") }

// databaseURL also takes the scheme that SQLAlchemy uses, because that is what an existing set-up has.
func databaseURL(value string) (Secret, error) {
	if path, found := strings.CutPrefix(value, "sqlite:"); found {
		if !pathLike(path) || strings.HasPrefix(path, "//") {
			return Secret{}, errors.New("must be sqlite: and a path, without // in front, ? and #")
		}
		return NewSecret(value), nil
	}
	value = strings.Replace(value, "postgresql+asyncpg://", "postgresql://", 1)
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" {
		return Secret{}, errors.New("must be sqlite:path or postgres://user:password@host:5432/database")
	}
	if u.Hostname() == "" && u.Query().Get("host") == "" || strings.Trim(u.Path, "/") == "" || !portFine(u) {
		return Secret{}, errors.New("must name host and database: postgres://user:password@host:5432/database")
	}
	return NewSecret(value), nil
}

func redis(c *Config, value string) error {
	c.RedisURL = NewSecret(value)
	if value == "memory:" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || !portFine(u) || u.Fragment != "" {
		return errors.New("must be memory: or redis://user:password@host:6379/0 (rediss:// with TLS)")
	}
	if db := strings.Trim(u.Path, "/"); db != "" && !portLike(db) {
		return errors.New("must end in the number of the database, for example /0")
	}
	return nil
}

func mailURL(c *Config, value string) error {
	c.MailURL = NewSecret(value)
	if value == "console:" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" ||
		!portFine(u) || u.Port() == "0" || u.Fragment != "" {
		return errors.New("must be console: or smtp://user:password@host:587 (smtps:// with TLS from the start)")
	}
	if password, _ := u.User.Password(); (u.User.Username() == "") != (password == "") {
		return errors.New("must name both user and password, or neither")
	}
	if u.RawQuery != "" && (u.Scheme != "smtp" || u.RawQuery != "tls=none" || !thisMachine(u.Hostname())) {
		return errors.New("must have no option but tls=none, for smtp:// to this machine")
	}
	return nil
}

func keysURL(c *Config, value string) error {
	path, found := strings.CutPrefix(value, "file:")
	if !found || !pathLike(path) || strings.HasPrefix(path, "//") {
		return errors.New("must be file: and a path, without // in front, ? and #")
	}
	c.KeysURL = value
	return nil
}

func checkpointsURL(c *Config, value string) error {
	path, isFile := strings.CutPrefix(value, "file://")
	to, isMail := strings.CutPrefix(value, "mailto:")
	switch {
	case isFile && strings.HasPrefix(path, "/") && strings.Trim(path, "/") != "" && pathLike(path):
	case isMail && mailLike(to):
	default:
		return errors.New("must be file:///folder with a whole path, or mailto:address with one address")
	}
	c.CheckpointsURL = value
	return nil
}

// mailLike accepts one plain address without a name.
func mailLike(address string) bool {
	a, err := mail.ParseAddress(address)
	return err == nil && a.Address == address && !strings.ContainsAny(address, "?%\" ")
}
