package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A check reads one value and stores it. Its error is the end of a sentence that begins with the setting's name.

func dataDir(c *Config, value string) error {
	if !pathLike(value) {
		return errors.New("must be a folder without control characters, ? and #")
	}
	c.DataDir = strings.TrimRight(value, "/")
	if c.DataDir == "" {
		return errors.New("must not be the root folder")
	}
	return nil
}

// pathLike refuses what would change its meaning inside a URL or a line.
func pathLike(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsAny(s, "?#") && !strings.ContainsFunc(s, unicode.IsControl)
}

func listenAddr(c *Config, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil || host != "" && !hostLike(host) || !portLike(port) {
		return errors.New("must be host:port, for example 127.0.0.1:8080")
	}
	c.Addr = value
	return nil
}

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// hostLike accepts an IP address without zone, or a name in ASCII.
func hostLike(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == ""
	}
	return len(host) <= 253 && hostForm.MatchString(strings.ToLower(host))
}

func portLike(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// thisMachine tells hosts that never leave it.
func thisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	host = strings.ToLower(host)
	return err == nil && addr.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func mailFrom(c *Config, value string) error {
	a, err := mail.ParseAddress(value)
	if err != nil || strings.ContainsFunc(value, unicode.IsControl) || strings.ContainsFunc(a.Address, notASCII) {
		return errors.New("must be one address such as PazPaz <no-reply@example.org>")
	}
	c.MailFrom = value
	return nil
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

// masterKey checks the form only; the key room judges the keys.
func masterKey(c *Config, value string) error {
	keys := 0
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if !keyLike(line) {
			return errors.New("Encryption key not found: must be base64 of 32 random bytes, or lines v1:BASE64") //nolint:staticcheck // ST1005: the documented message
		}
		keys++
	}
	if keys == 0 {
		return errors.New("Encryption key not found: there is no key in it") //nolint:staticcheck // ST1005: the documented message
	}
	c.MasterKey = NewSecret(value)
	return nil
}

func keyLike(line string) bool {
	if version, key, found := strings.Cut(line, ":"); found {
		number, versioned := strings.CutPrefix(version, "v")
		if n, err := strconv.ParseUint(number, 10, 16); err != nil || n == 0 || !versioned {
			return false
		}
		line = strings.TrimSpace(key)
	}
	line = strings.TrimRight(line, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := encoding.DecodeString(line); err == nil && len(key) == 32 {
			return true
		}
	}
	return false
}

// fillers are long enough never to turn up in a random key.
var fillers = regexp.MustCompile(`(?i)change[-_ ]?(me|this)|placeholder|your[-_ ]?(secret|key)|replace|example|insecure|secret[-_ ]?key|password|01234567|abcdefgh|^<.*>$|\$\{[a-z_]+\}|\{\{.*\}\}`)

// secretKey takes the key that signs and, while it is rotated, the former one.
func secretKey(c *Config, value string) error {
	now, old, err := SecretKeys(value)
	if master := c.MasterKey.Reveal(); err == nil && master != "" && strings.Contains(master, strings.TrimRight(now.Reveal(), "=")) {
		err = errors.New("must be another key than ENCRYPTION_MASTER_KEY")
	}
	c.SecretKey, c.OldSecretKey = now, old
	return err
}

// SecretKeys reads one secret key, or two of them: the one that signs first, behind a comma or a line break the former one,
// which then counts too. Errors are the end of a sentence that begins with the setting's name.
func SecretKeys(value string) (now, old Secret, err error) {
	var keys []Secret
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if err := oneSecretKey(part); err != nil {
			return now, old, err
		}
		keys = append(keys, NewSecret(part))
	}
	switch {
	case len(keys) == 0:
		return now, old, oneSecretKey("")
	case len(keys) == 1:
		return keys[0], old, nil
	case len(keys) > 2:
		return now, old, errors.New("must hold at most two keys: the new one, a comma or a line break, the former one")
	case keys[0].Reveal() == keys[1].Reveal():
		return now, old, errors.New("must hold two different keys, or one")
	}
	return keys[0], keys[1], nil
}

func oneSecretKey(value string) error {
	different := map[rune]bool{}
	for _, r := range value {
		different[r] = true
	}
	switch {
	case utf8.RuneCountInString(value) < 32:
		return errors.New("must be at least 32 characters; `openssl rand -base64 48` makes a good one")
	case len(different) < 10:
		return errors.New("must have at least 10 different characters; `openssl rand -base64 48` makes a good one")
	case fillers.MatchString(value):
		return errors.New("is a placeholder; `openssl rand -base64 48` makes a good one")
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		return errors.New("must be text without control characters")
	}
	return nil
}

func trustedProxies(c *Config, value string) error {
	var prefixes []netip.Prefix
	for item := range strings.SplitSeq(value, ",") {
		prefix, err := proxyRange(strings.TrimSpace(item))
		if err != nil {
			return err
		}
		prefixes = append(prefixes, prefix)
	}
	c.TrustedProxies = prefixes
	return nil
}

func proxyRange(item string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(item)
	if err != nil {
		addr, err := netip.ParseAddr(item)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, errors.New("must be addresses or ranges with commas between, for example 10.0.0.0/8, 192.0.2.1")
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	if prefix.Bits() == 0 {
		return netip.Prefix{}, errors.New("must not contain a /0 range: everybody could then claim any address")
	}
	return prefix.Masked(), nil
}

// number reads a whole number between least and most.
func number(value string, least, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	return n, nil
}

func sessionIdle(c *Config, value string) error {
	n, err := number(value, 5, 480)
	c.SessionIdle = time.Duration(n) * time.Minute
	return err
}

func sessionAbsolute(c *Config, value string) error {
	n, err := number(value, 1, 24)
	c.SessionAbsolute = time.Duration(n) * time.Hour
	return err
}

func requestsPerMinute(c *Config, value string) (err error) {
	c.RequestsPerMinute, err = number(value, 0, 10_000_000)
	return err
}

func searchClientsMax(c *Config, value string) (err error) {
	c.SearchClientsMax, err = number(value, 1_000, 10_000_000)
	return err
}

func logLevel(c *Config, value string) error {
	level, known := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[value]
	if !known {
		return errors.New("must be debug, info, warn or error")
	}
	c.LogLevel = level
	return nil
}

func logFormat(c *Config, value string) error {
	if value != "text" && value != "json" {
		return errors.New("must be text or json")
	}
	c.LogFormat = value
	return nil
}

func metricsRemote(c *Config, value string) error {
	if value != "yes" && value != "no" {
		return errors.New("must be yes or no")
	}
	c.MetricsRemote = value == "yes"
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// metricsAddr refuses what other machines could reach, unless that is wanted.
func metricsAddr(c *Config, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil || host != "" && !hostLike(host) || !portLike(port) {
		return errors.New("must be host:port, for example 127.0.0.1:9090")
	}
	if !c.MetricsRemote && !thisMachine(host) {
		return errors.New("must be an address of this machine only, such as 127.0.0.1:9090, or PAZPAZ_METRICS_REMOTE must be yes")
	}
	if value == c.Addr {
		return errors.New("must be another address than PAZPAZ_ADDR")
	}
	c.MetricsAddr = value
	return nil
}
